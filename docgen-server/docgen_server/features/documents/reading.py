"""Documents as the contract shows them."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from codemuse.contracts.documents import (
    DiffLine,
    DocumentRead,
    DocumentSection,
    DocumentSummary,
    Freshness,
    RevisionRead,
    RevisionSummary,
    SectionSource,
)
from docgen_server.core.documents.sections import Section, decode_sections, join_sections
from docgen_server.db.models import Document, DocumentRevision

_CONTEXT_LINES = 3


def read_summary(document: Document) -> DocumentSummary:
    """A document without its text."""
    return DocumentSummary(**_summary_fields(document))


def read_document(document: Document, freshness: Freshness | None = None) -> DocumentRead:
    """A document with its text."""
    sections = decode_sections(document.sections)
    return DocumentRead(
        **_summary_fields(document),
        content=join_sections(sections),
        sections=[read_section(section) for section in sections],
        freshness=freshness,
    )


def read_section(section: Section) -> DocumentSection:
    """A section."""
    return DocumentSection(
        key=section.key,
        text=section.text,
        is_edited=section.is_edited,
        is_conflicting=section.is_conflicting,
        generated=section.generated,
        sources=[
            SectionSource(path=one.path, start_line=one.start_line, end_line=one.end_line) for one in section.sources
        ],
        written_by=section.model or None,
    )


def read_revision(revision: DocumentRevision | Document) -> RevisionSummary:
    """A state of a document without its text."""
    return RevisionSummary(**_revision_fields(revision))


def read_full_revision(revision: DocumentRevision | Document) -> RevisionRead:
    """A state of a document with its text."""
    return RevisionRead(**_revision_fields(revision), content=content_of(revision))


def content_of(revision: DocumentRevision | Document) -> str:
    """The text of a state."""
    if isinstance(revision, DocumentRevision):
        return revision.content
    return join_sections(decode_sections(revision.sections))


def compare(old: str, new: str) -> Iterator[DiffLine]:
    """What changed between two texts, with a few lines around it."""
    before, after = old.splitlines(), new.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > 4000)
    end = 0
    for group in matcher.get_grouped_opcodes(_CONTEXT_LINES):
        if group[0][1] > end:
            yield DiffLine(kind="skipped")
        for tag, i1, i2, j1, j2 in group:
            yield from _lines("same", before[i1:i2] if tag == "equal" else ())
            yield from _lines("removed", before[i1:i2] if tag in {"replace", "delete"} else ())
            yield from _lines("added", after[j1:j2] if tag in {"replace", "insert"} else ())
            end = i2
    if 0 < end < len(before):
        yield DiffLine(kind="skipped")


def _lines(kind: Any, texts: Sequence[str]) -> Iterator[DiffLine]:
    for text in texts:
        yield DiffLine(kind=kind, text=text)


def _summary_fields(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "repository_id": document.repository_id,
        "title": document.own_title or document.title,
        "kind": document.kind,
        "path": document.path,
        "source_file": document.source_file,
        "created_at": document.created_at,
        "updated_at": document.updated_at,
        "metadata": {
            "commit": document.commit,
            "language": document.language,
            "written_in": document.locale,
            "revision": document.revision,
            "edited": document.is_edited or document.own_title is not None,
            "stale": document.is_conflicting,
            "template_error": document.template_error,
        },
    }


def _revision_fields(revision: DocumentRevision | Document) -> dict[str, Any]:
    if isinstance(revision, DocumentRevision):
        title, created_at = revision.title, revision.created_at
    else:
        title, created_at = revision.own_title or revision.title, revision.updated_at
    return {
        "revision": revision.revision,
        "title": title,
        "origin": revision.origin,
        "author": revision.author,
        "commit": revision.commit,
        "created_at": created_at,
    }
