"""Pairs of words and the code that they speak of, as somebody once wrote them down: what search can be asked, and what answers it."""

from enum import StrEnum

from pydantic import Field

from codemuse.contracts.common import Reply


class PairKind(StrEnum):
    """What questions can be made from."""

    SYMBOLS = "symbols"
    """The name of a definition; its lines answer it."""
    DOCS = "docs"
    """The first sentence of a doc comment; the definition under it answers it."""
    TESTS = "tests"
    """What a test is called, in words; the definitions that it calls answer it."""
    COMMITS = "commits"
    """The first line of a commit message; the files that it changed answer it."""


class PairLines(Reply):
    """Lines of a file, or all of it."""

    path: str
    start_line: int | None = None
    end_line: int | None = None


class PairRead(Reply):
    """Words, the places they speak of, and the lines that hold the words themselves."""

    kind: PairKind
    text: str
    targets: list[PairLines]
    hidden: list[PairLines] = Field(default_factory=list)
    """Where the words stand: search must not be given these lines, or else the question finds itself."""


class PairList(Reply):
    """Reply of ``GET /api/v1/snapshots/{id}/pairs?kind=&limit=&seed=``, in an order that the seed decides."""

    items: list[PairRead]
    candidates: int
    """How many there would be: those that are neither trivial nor ambiguous."""
    missing: str | None = None
    """Why there are none: ``no_history`` for an archive, ``none_found``."""
