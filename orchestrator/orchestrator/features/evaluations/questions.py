"""Step ``questions``: an annotation set as it was sent, or questions made from the repository itself."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.docgen import SymbolRead
from codemuse.contracts.evaluations import AnnotatedLines, AnnotatedQuestion, QuestionSource
from codemuse.database import Sessions
from codemuse.errors import InvalidInput
from codemuse.evaluation import same_file
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter
from orchestrator.db.models import RepositoryFile

Asked = dict[str, Any]
"""A question of the run: ``query``, ``category`` and ``targets``, each ``[path, start line, end line]``."""

_PAGE = 500
_MOST_SYMBOLS = 20_000
_SHORTEST_NAME = 4
_FEWEST_WORDS = 4


class QuestionsStep:
    """Decides what is asked before anything is, so that a repeated step asks the same."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._docgen = docgen

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished:
        """Collect the questions that something indexed can answer.

        Raises:
            InvalidInput: There are none.
        """
        given = run.input["questions"]
        if given is not None:
            questions = [_asked(AnnotatedQuestion.model_validate(question)) for question in given]
            paths = await self._paths(run.repository_id or "")
            answerable = [question for question in (_known(one, paths) for one in questions) if question["targets"]]
        else:
            answerable = questions = await self._made(run)
        if not answerable:
            raise InvalidInput("There is no question that anything in this repository answers.", code="no_questions")
        left_out = len(questions) - len(answerable)
        return Finished(
            {"questions": answerable, "unanswerable": left_out}, {"questions": len(answerable), "left_out": left_out}
        )

    async def _paths(self, repository_id: str) -> list[str]:
        query = select(RepositoryFile.path).where(
            RepositoryFile.repository_id == repository_id, RepositoryFile.chunk_count > 0
        )
        async with self._sessions() as session:
            return list((await session.scalars(query)).all())

    async def _made(self, run: RunView) -> list[Asked]:
        sources = [QuestionSource(source) for source in run.input["sources"]]
        symbols: list[SymbolRead] = []
        cursor: str | None = None
        while len(symbols) < _MOST_SYMBOLS:
            page = await self._docgen.get_symbols(str(run.input["snapshot_id"]), {"cursor": cursor, "limit": _PAGE})
            symbols += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        made = {source: list(_MAKERS[source](symbols)) for source in sources}
        each = int(run.input["sample"]) // len(sources) + 1
        chosen = [question for source in sources for question in sorted(made[source], key=_lot)[:each]]
        return chosen[: int(run.input["sample"])]


def from_symbols(symbols: Sequence[SymbolRead]) -> Iterable[Asked]:
    """A name that only one definition has."""
    counts = Counter(symbol.name for symbol in symbols)
    for symbol in symbols:
        if counts[symbol.name] == 1 and len(symbol.name) >= _SHORTEST_NAME and not symbol.name.startswith("_"):
            yield _about(symbol, symbol.name, QuestionSource.SYMBOLS)


def from_docs(symbols: Sequence[SymbolRead]) -> Iterable[Asked]:
    """The first sentence of a doc comment, if no other definition has the same."""
    counts = Counter(symbol.summary for symbol in symbols)
    for symbol in symbols:
        summary = (symbol.summary or "").strip()
        if counts[symbol.summary] == 1 and len(summary.split()) >= _FEWEST_WORDS:
            yield _about(symbol, summary[:1000], QuestionSource.DOCS)


_MAKERS = {QuestionSource.SYMBOLS: from_symbols, QuestionSource.DOCS: from_docs}


def _about(symbol: SymbolRead, query: str, source: QuestionSource) -> Asked:
    targets = [[symbol.path, symbol.start_line, symbol.end_line]]
    return {"query": query, "category": source.value, "targets": targets}


def _asked(question: AnnotatedQuestion) -> Asked:
    targets = [
        [place.path, place.start_line, place.end_line] if isinstance(place, AnnotatedLines) else [place, None, None]
        for place in [*question.relevant, *question.secondary]
    ]
    return {"query": question.query, "category": question.category, "targets": targets}


def _known(question: Mapping[str, Any], paths: Sequence[str]) -> Asked:
    """The question with those targets whose files are indexed."""
    known = set(paths)
    targets = [
        target
        for target in question["targets"]
        if target[0] in known or any(same_file(target[0], path) for path in paths)
    ]
    return {**question, "targets": targets}


def _lot(question: Mapping[str, Any]) -> str:
    """A place in a shuffled order that is the same every time."""
    return hashlib.sha256(f"{question['query']}\n{question['targets']}".encode()).hexdigest()
