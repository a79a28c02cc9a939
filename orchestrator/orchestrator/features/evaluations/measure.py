"""Step ``measure``: asks every question in every way that is to be measured, and scores what is found."""

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from codemuse.clients.rag import RagClient
from codemuse.contracts.rag import SearchRequest, SearchScope, Signal
from codemuse.contracts.runs import EventType
from codemuse.evaluation import DEPTH, Place, score
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished

SLICE_SECONDS = 3.0
FULL = ""
"""The pass with everything switched on; the others are named after what they leave out."""

Score = list[Any]
"""NDCG, recall, rank of the best target, milliseconds."""


class MeasureStep:
    """Works through the questions, pass by pass."""

    def __init__(self, rag: RagClient) -> None:
        self._rag = rag

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Ask until every pass is done or the slice is over."""
        questions: Sequence[Mapping[str, Any]] = run.results["questions"]["questions"]
        passes = [FULL, Signal.DENSE.value]
        if run.input["signals"]:
            passes += [signal.value for signal in Signal if signal is not Signal.DENSE]
        scores: dict[str, list[Score]] = {name: list(run.checkpoint.get(name, [])) for name in passes}
        began = time.monotonic()
        for name in passes:
            for question in questions[len(scores[name]) :]:
                if time.monotonic() - began > SLICE_SECONDS:
                    done = sum(map(len, scores.values()))
                    await writer.emit(EventType.PROGRESS, done=done, total=len(passes) * len(questions), failed=0)
                    return Unfinished(scores, {"asked": done})
                scores[name].append(await self._ask(run, question, name))
        result = summarise(questions, scores) | {"unanswerable_count": run.results["questions"]["unanswerable"]}
        answers = list_answers(questions, scores[FULL])
        return Finished({"result": result, "answers": answers}, {"ndcg": result["measure"]["ndcg"]})

    async def _ask(self, run: RunView, question: Mapping[str, Any], without: str) -> Score:
        scope = SearchScope(repository_id=run.repository_id or "", generation=int(run.input["generation"]))
        reply = await self._rag.search(
            SearchRequest(
                organisation_id=run.organisation_id,
                scopes=[scope],
                query=question["query"],
                limit=DEPTH,
                without=[Signal(without)] if without else [],
                plain=True,
            )
        )
        results = [Place(hit.path, hit.start_line, hit.end_line) for hit in reply.results]
        found = score(results, [Place(*target) for target in question["targets"]])
        return [round(found.ndcg, 6), round(found.recall, 6), found.first_rank, reply.took_ms]


def summarise(questions: Sequence[Mapping[str, Any]], scores: Mapping[str, Sequence[Score]]) -> dict[str, Any]:
    """The figures of an evaluation."""
    full = scores[FULL]
    by_category: dict[str, list[float]] = defaultdict(list)
    for question, one in zip(questions, full, strict=True):
        by_category[question["category"]].append(one[0])
    whole = _mean(full)
    return {
        "question_count": len(questions),
        "measure": _measure(full),
        "without_transformer": _measure(scores[Signal.DENSE.value]),
        "categories": {name: round(statistics.mean(values), 4) for name, values in sorted(by_category.items()) if name},
        "signals": {name: round(_mean(one) - whole, 4) for name, one in scores.items() if name != FULL},
    }


def list_answers(questions: Sequence[Mapping[str, Any]], scores: Sequence[Score]) -> list[dict[str, Any]]:
    """How well each question was answered, the worst first."""
    answers = [
        {
            "query": question["query"],
            "category": question["category"],
            "ndcg": one[0],
            "rank": one[2],
            "targets": [
                target[0] if target[1] is None else f"{target[0]}:{target[1]}" for target in question["targets"]
            ],
        }
        for question, one in zip(questions, scores, strict=True)
    ]
    return sorted(answers, key=lambda answer: (answer["ndcg"], answer["query"]))


def _measure(scores: Sequence[Score]) -> dict[str, float]:
    times = sorted(one[3] for one in scores)
    return {
        "ndcg": round(_mean(scores), 4),
        "recall": round(statistics.mean(one[1] for one in scores), 4),
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[math.ceil(len(times) * 0.95) - 1], 2),
    }


def _mean(scores: Sequence[Score]) -> float:
    return sum(float(one[0]) for one in scores) / len(scores)
