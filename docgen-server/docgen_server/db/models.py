"""The tables.

Facts are content-addressed: ``file_facts.id`` is made of repository, path, blob, language and analyser version, so a
file that did not change between two snapshots is parsed and stored once, and a snapshot is a list of such ids.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, MetaData, Text, UniqueConstraint, false, func
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "docgen"


class Base(DeclarativeBase):
    """Base of all tables of this service."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain class attribute
        str: Text,
        datetime: TIMESTAMP(timezone=True),
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
    }


class Snapshot(Base):
    """One commit of one repository."""

    __tablename__ = "snapshots"

    id: Mapped[str] = mapped_column(primary_key=True)
    repository_id: Mapped[str] = mapped_column(index=True)
    commit: Mapped[str]
    """As its sender names it."""
    object_id: Mapped[str]
    """The commit in the mirror."""
    ref: Mapped[str | None]
    is_archive: Mapped[bool] = mapped_column(server_default=false())
    """Came as an archive, and so has no history."""
    analyser_version: Mapped[int]
    file_count: Mapped[int]
    byte_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SnapshotFile(Base):
    """A file of a snapshot; ``facts_id`` says where its facts are, once it is analysed."""

    __tablename__ = "snapshot_files"

    snapshot_id: Mapped[str] = mapped_column(ForeignKey("docgen.snapshots.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    blob: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    language: Mapped[str | None]
    skip_reason: Mapped[str | None]
    facts_id: Mapped[UUID | None]


class FileFacts(Base):
    """What is known about one content of one file."""

    __tablename__ = "file_facts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    repository_id: Mapped[str] = mapped_column(index=True)
    path: Mapped[str]
    language: Mapped[str]
    reason: Mapped[str | None]
    message: Mapped[str | None]
    line_count: Mapped[int]
    symbol_count: Mapped[int]
    chunk_count: Mapped[int]
    problem_count: Mapped[int]
    doc: Mapped[str]
    warnings: Mapped[list[str]]
    names: Mapped[list[str]]
    links: Mapped[bytes]
    """What linking needs, as ``core.linking.file_links`` packs it; read as a whole, never searched."""
    chunks: Mapped[bytes]
    """JSON; read as a whole, never searched."""

    __table_args__ = (Index("file_facts_names", "names", postgresql_using="gin"),)


class Symbol(Base):
    """A definition."""

    __tablename__ = "symbols"

    facts_id: Mapped[UUID] = mapped_column(ForeignKey("docgen.file_facts.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    initials: Mapped[str]
    """Lower-case first letters of the words in the name: ``hc`` for ``HttpClient``."""
    qualified_name: Mapped[str]
    kind: Mapped[str]
    start_line: Mapped[int]
    end_line: Mapped[int]
    signature: Mapped[str]
    doc: Mapped[str]
    visibility: Mapped[str]
    depth: Mapped[int]
    decorators: Mapped[str]
    """Separated by blanks."""


class Problem(Base):
    """A finding in one file."""

    __tablename__ = "problems"

    facts_id: Mapped[UUID] = mapped_column(ForeignKey("docgen.file_facts.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]
    severity: Mapped[str]
    start_line: Mapped[int]
    end_line: Mapped[int]
    symbol: Mapped[str | None]
    message: Mapped[str]
    advice: Mapped[str]


class Document(Base):
    """A page of documentation; it outlives snapshots, because people edit it."""

    __tablename__ = "documents"

    id: Mapped[str] = mapped_column(primary_key=True)
    repository_id: Mapped[str]
    path: Mapped[str] = mapped_column(Text(collation="C"))
    locale: Mapped[str]
    """The language that it is written in; empty for prose files, which have their own."""
    kind: Mapped[str]
    title: Mapped[str]
    own_title: Mapped[str | None]
    """What a person calls it."""
    sections: Mapped[bytes]
    """JSON; read as a whole, never searched."""
    source_file: Mapped[str | None]
    language: Mapped[str | None]
    commit: Mapped[str]
    inputs_hash: Mapped[str]
    """Of everything that the page was planned from: equal hash, equal text."""
    asked_names: Mapped[list[str]]
    """Names that the page looked up among the definitions that it can see."""
    revision: Mapped[int]
    origin: Mapped[str]
    """How this revision came to be: ``generated``, ``edited``, ``restored`` or ``resolved``."""
    author: Mapped[str]
    template_error: Mapped[str | None]
    """Why the repository's own template was not used."""
    is_edited: Mapped[bool]
    is_conflicting: Mapped[bool]
    """Code and a person have changed the same lines."""
    is_deleted: Mapped[bool]
    """Stays away until its source changes."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (UniqueConstraint("repository_id", "path", "locale"),)


class DocumentRevision(Base):
    """A former state of a document; the present one is the document itself."""

    __tablename__ = "document_revisions"

    document_id: Mapped[str] = mapped_column(ForeignKey("docgen.documents.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    content: Mapped[str]
    origin: Mapped[str]
    author: Mapped[str]
    commit: Mapped[str]
    created_at: Mapped[datetime]
