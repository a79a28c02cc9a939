"""Step ``questions``: an annotation set as it was sent, or questions made from the repository itself."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.evaluations import AnnotatedLines, AnnotatedQuestion
from codemuse.contracts.pairs import PairKind, PairRead
from codemuse.errors import InvalidInput
from codemuse.evaluation import same_file
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter
from orchestrator.features.evaluations.shadow import LARGEST_CHUNKS

Asked = dict[str, Any]
"""A question of the run: ``query``, ``category`` and ``targets``, each ``[path, start line, end line]``."""

_HIDING = frozenset({PairKind.DOCS, PairKind.TESTS})
"""Kinds whose words stand in the code."""


class QuestionsStep:
    """Decides what is asked before anything is, so that a repeated step asks the same."""

    def __init__(self, docgen: DocgenClient) -> None:
        self._docgen = docgen

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished:
        """Collect the questions that something indexed can answer.

        Raises:
            InvalidInput: There are none.
        """
        paths = await self._paths(str(run.input["snapshot_id"]))
        given = run.input["questions"]
        missing: dict[str, str] = {}
        pairs: list[PairRead] = []
        if given is not None:
            questions = [_asked(AnnotatedQuestion.model_validate(question)) for question in given]
        else:
            pairs, missing = await self._pairs(run)
            questions = [_made(pair) for pair in pairs]
        answerable = [question for question in (_known(one, paths) for one in questions) if question["targets"]]
        if not answerable:
            raise InvalidInput("There is no question that anything in this repository answers.", code="no_questions")
        left_out = len(questions) - len(answerable)
        result = {"questions": answerable, "unanswerable": left_out, "missing": missing, "hidden": _hidden(pairs)}
        return Finished(result, {"questions": len(answerable), "left_out": left_out})

    async def _paths(self, snapshot_id: str) -> list[str]:
        """Every file that was analysed."""
        paths: list[str] = []
        cursor: str | None = None
        while True:
            page = await self._docgen.get_manifest(snapshot_id, cursor)
            paths += [file.path for file in page.items if file.is_analysed and file.skip_reason is None]
            cursor = page.next_cursor
            if cursor is None:
                return paths

    async def _pairs(self, run: RunView) -> tuple[list[PairRead], dict[str, str]]:
        """Questions of every wanted kind in turn, so that each has its share; and the kinds that there are none of."""
        missing: dict[str, str] = {}
        found: list[Sequence[PairRead]] = []
        for kind in map(PairKind, run.input["sources"]):
            if kind in _HIDING and int(run.input.get("chunk_count", 0)) > LARGEST_CHUNKS:
                missing[kind.value] = "too_large"
                continue
            params = {"kind": kind.value, "limit": run.input["sample"], "seed": run.input.get("seed", "")}
            reply = await self._docgen.get_pairs(str(run.input["snapshot_id"]), params)
            found.append(reply.items)
            if reply.missing:
                missing[kind.value] = reply.missing
        dealt = [pair for round_ in zip_longest(*found) for pair in round_ if pair is not None]
        return dealt[: int(run.input["sample"])], missing


def _hidden(pairs: Sequence[PairRead]) -> dict[str, list[list[int]]]:
    hidden: dict[str, list[list[int]]] = defaultdict(list)
    for pair in pairs:
        for place in pair.hidden:
            hidden[place.path].append([place.start_line or 1, place.end_line or 1])
    return dict(hidden)


def _made(pair: PairRead) -> Asked:
    targets = [[place.path, place.start_line, place.end_line] for place in pair.targets]
    return {"query": pair.text, "category": pair.kind.value, "targets": targets}


def _asked(question: AnnotatedQuestion) -> Asked:
    targets = [
        [place.path, place.start_line, place.end_line] if isinstance(place, AnnotatedLines) else [place, None, None]
        for place in [*question.relevant, *question.secondary]
    ]
    return {"query": question.query, "category": question.category, "targets": targets}


def _known(question: Mapping[str, Any], paths: Collection[str]) -> Asked:
    """The question with those targets whose files are indexed."""
    known = set(paths)
    targets = [
        target
        for target in question["targets"]
        if target[0] in known or any(same_file(target[0], path) for path in paths)
    ]
    return {**question, "targets": targets}
