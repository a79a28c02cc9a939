"""Step ``measure``: asks every question in every way that is to be measured, and scores what is found."""

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from codemuse.clients.rag import RagClient
from codemuse.contracts.rag import SearchRequest, SearchScope, Signal
from codemuse.contracts.runs import EventType
from codemuse.evaluation import DEPTH, Place, covers, score
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.features.evaluations.shadow import GENERATION

SLICE_SECONDS = 3.0
_DEPTHS = (1, 5)
_FOUND = ("path", "start_line", "end_line", "is_target")
FULL = ""
"""The pass with everything switched on; the others are named after what they leave out."""
PROPOSED = "proposed"
"""The pass with the weights that somebody wants to set."""

Score = list[Any]
"""NDCG, recall, rank of the best target, milliseconds, recall at one and at five; of the full pass also what was found."""


class MeasureStep:
    """Works through the questions, pass by pass."""

    def __init__(self, rag: RagClient) -> None:
        self._rag = rag

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Ask until every pass is done or the slice is over."""
        questions: Sequence[Mapping[str, Any]] = run.results["questions"]["questions"]
        passes = _passes(run)
        scores: dict[str, list[Score]] = {name: list(run.checkpoint.get(name, [])) for name in passes}
        began = time.monotonic()
        total = len(passes) * len(questions)
        for name in passes:
            for question in questions[len(scores[name]) :]:
                if time.monotonic() - began > SLICE_SECONDS:
                    done = sum(map(len, scores.values()))
                    await writer.emit(EventType.PROGRESS, done=done, total=total, failed=0)
                    return Unfinished(scores, {"asked": done, "total": total})
                scores[name].append(await self._ask(run, question, name))
        result = summarise(questions, scores) | {
            "unanswerable_count": run.results["questions"]["unanswerable"],
            "missing": run.results["questions"].get("missing", {}),
            "is_cut": "shadow" in run.results.get("prepare", {}),
        }
        detail = {"ndcg": result["measure"]["ndcg"], "asked": total, "total": total}
        return Finished({"result": result, "answers": list_answers(questions, scores[FULL])}, detail)

    async def _ask(self, run: RunView, question: Mapping[str, Any], way: str) -> Score:
        shadow = run.results.get("prepare", {}).get("shadow")
        here = SearchScope(repository_id=run.repository_id or "", generation=int(run.input["generation"]))
        weights = run.input.get("proposed" if way == PROPOSED else "weights") or {}
        reply = await self._rag.search(
            SearchRequest(
                organisation_id=run.organisation_id,
                scopes=[SearchScope(repository_id=shadow, generation=GENERATION) if shadow else here],
                query=question["query"],
                limit=DEPTH,
                without=[] if way in {FULL, PROPOSED} else [Signal(way)],
                weights=weights,
                plain=True,
            )
        )
        results = [Place(hit.path, hit.start_line, hit.end_line) for hit in reply.results]
        targets = [Place(*target) for target in question["targets"]]
        found = score(results, targets)
        figures: Score = [round(found.ndcg, 6), round(found.recall, 6), found.first_rank, reply.took_ms]
        figures += [round(found.recall_at(depth), 6) for depth in _DEPTHS]
        if way == FULL:
            figures.append([[*astuple(place), any(covers(place, one) for one in targets)] for place in results])
        return figures


def _passes(run: RunView) -> list[str]:
    passes = [FULL, Signal.DENSE.value]
    if run.input.get("proposed") is not None:
        passes.append(PROPOSED)
    if run.input["signals"]:
        passes += [signal.value for signal in Signal if signal is not Signal.DENSE]
    return passes


def summarise(questions: Sequence[Mapping[str, Any]], scores: Mapping[str, Sequence[Score]]) -> dict[str, Any]:
    """The figures of an evaluation."""
    full = scores[FULL]
    by_category: dict[str, list[Score]] = defaultdict(list)
    for question, one in zip(questions, full, strict=True):
        by_category[question["category"]].append(one)
    categories = {name: _measure(ones) for name, ones in sorted(by_category.items()) if name}
    whole = _mean(full)
    return {
        "question_count": len(questions),
        "measure": _measure(full),
        "without_transformer": _measure(scores[Signal.DENSE.value]),
        "proposed": _measure(scores[PROPOSED]) if PROPOSED in scores else None,
        "categories": {name: measured["ndcg"] for name, measured in categories.items()},
        "by_category": categories,
        "signals": {name: round(_mean(one) - whole, 4) for name, one in scores.items() if name not in {FULL, PROPOSED}},
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
            "found": [dict(zip(_FOUND, place, strict=True)) for place in one[6]],
        }
        for question, one in zip(questions, scores, strict=True)
    ]
    return sorted(answers, key=lambda answer: (answer["ndcg"], answer["query"]))


def _measure(scores: Sequence[Score]) -> dict[str, Any]:
    times = sorted(one[3] for one in scores)
    return {
        "ndcg": round(_mean(scores), 4),
        "recall": round(statistics.mean(one[1] for one in scores), 4),
        "recall_at_1": round(statistics.mean(one[4] for one in scores), 4),
        "recall_at_5": round(statistics.mean(one[5] for one in scores), 4),
        "mrr": round(statistics.mean(1 / one[2] if one[2] else 0.0 for one in scores), 4),
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[math.ceil(len(times) * 0.95) - 1], 2),
        "question_count": len(scores),
    }


def _mean(scores: Sequence[Score]) -> float:
    return sum(float(one[0]) for one in scores) / len(scores)
