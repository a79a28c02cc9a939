"""How good search is: NDCG@10 over annotated questions, asked through the public API of a running installation.

``python -m benchmarks.retrieval`` prints the figures, ``--ablation`` also what each retriever and rule is worth, as
docs/retrieval.md shows it. ``RETRIEVAL_EVAL`` names the evaluation set, ``REPOSITORIES`` the folder of its git folders,
and ``RETRIEVAL_DATA`` an installation that is kept from one run to the next.
"""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.annotations import AnnotatedRepository, annotated_repositories
from benchmarks.report import Report
from codemuse.contracts.rag import Signal
from codemuse.evaluation import Place, same_file, score
from codemuse.native.temporary import running_instance

TUNED = ("aiohttp", "express", "gin", "rack", "alamofire", "trpc", "requests", "axios", "cobra", "newtonsoft")
"""Weights were chosen on these; the others were held out. docs/retrieval.md says how."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how well it was answered."""

    repository: str
    category: str
    query: str
    ndcg: float


def measure_retrieval(client: httpx.Client, report: Report) -> None:
    """Fill in the figures of retrieval."""
    repositories = annotated_repositories()
    if not any(not repository.is_own for repository in repositories):
        report.skip("NDCG@10", "set RETRIEVAL_EVAL to the evaluation set and REPOSITORIES to its git folders")
        return
    ids = index_all(client, repositories)
    sets = [[r for r in repositories if not r.is_own], [r for r in repositories if r.is_own]]
    full, static = (ask_all(client, sets[0], ids, without) for without in ((), (Signal.DENSE,)))
    label = f"NDCG@10, {len(full)} questions on {len(sets[0])} repositories"
    report.add(label, mean(full), "", limit=0.90, more_is_better=True)
    for category in ("architecture", "semantic", "symbol"):
        part = [asked for asked in full if asked.category == category]
        if category == "architecture":
            report.add("  of these architecture", mean(part), "", limit=0.85, more_is_better=True)
        else:
            report.note(f"  of these {category}", mean(part), "")
    report.add("  static tier alone", mean(static), "", limit=0.885, more_is_better=True)
    for name, part in by_repository(full).items():
        report.note(f"  {name}", mean(part), "")
    if sets[1]:
        own, own_static = (ask_all(client, sets[1], ids, without) for without in ((), (Signal.DENSE,)))
        report.note(f"NDCG@10, {len(own)} own questions on {len(sets[1])} other repositories", mean(own), "")
        report.note("  static tier alone", mean(own_static), "")


def print_ablation(client: httpx.Client) -> None:
    """A table of what switching each signal off costs, on tuned and on held-out repositories."""
    repositories = annotated_repositories()
    ids = index_all(client, repositories)
    groups = [[r for r in repositories if (r.name in TUNED) is tuned] for tuned in (True, False)]
    tiers: list[tuple[Signal, ...]] = [(), (Signal.DENSE,)]
    base = [[mean(ask_all(client, group, ids, tier)) for group in groups] for tier in tiers]
    print("\n| Switched off | tuned | held out | static, tuned | static, held out |\n|---|---:|---:|---:|---:|")
    print(f"| nothing | {' | '.join(f'{value:.3f}' for tier in base for value in tier)} |")
    for signal in Signal:
        costs = []
        for tier, before in zip(tiers, base, strict=True):
            for group, value in zip(groups, before, strict=True):
                is_off = signal in tier
                after = mean(ask_all(client, group, ids, (*tier, signal)))
                costs.append("" if is_off else f"{after - value:+.3f}")
        print(f"| {signal.value} | {' | '.join(costs)} |", flush=True)


def index_all(client: httpx.Client, repositories: Sequence[AnnotatedRepository]) -> dict[str, str]:
    """Index what is not indexed yet, to the very end; ids by name."""
    known = {item["name"]: item for item in client.get("/api/v1/repositories", params={"limit": 200}).json()["items"]}
    ids: dict[str, str] = {}
    for repository in repositories:
        name = f"asked-{repository.name}"
        if name in known and known[name]["commit"] == repository.revision:
            ids[repository.name] = known[name]["id"]
            continue
        accepted = client.post(
            "/api/v1/repositories",
            files={"archive": (f"{name}.tar.gz", repository.archive())},
            data={"name": name, "commit": repository.revision},
        )
        body = accepted.raise_for_status().json()
        ids[repository.name] = body["repository"]["id"]
        _wait(client, body["run"]["id"])
    return ids


def ask_all(
    client: httpx.Client, repositories: Sequence[AnnotatedRepository], ids: dict[str, str], without: Sequence[Signal]
) -> list[Asked]:
    """Ask every question of its repository."""
    asked: list[Asked] = []
    for repository in repositories:
        paths = repository.paths()
        for question in repository.questions:
            body = {"query": question.query, "repository_ids": [ids[repository.name]], "without": list(without)}
            hits = _patiently(lambda body=body: client.post("/api/v1/search", json=body))["results"]
            results = [Place(hit["path"], hit["start_line"], hit["end_line"]) for hit in hits]
            targets = [place for place in question.targets if any(same_file(place.path, path) for path in paths)]
            value = score(results, targets).ndcg
            asked.append(Asked(repository.name, question.category, question.query, value))
    return asked


def mean(asked: Sequence[Asked]) -> float:
    """Mean NDCG@10."""
    return sum(one.ndcg for one in asked) / max(len(asked), 1)


def by_repository(asked: Sequence[Asked]) -> dict[str, list[Asked]]:
    """Questions of each repository."""
    groups: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        groups[one.repository].append(one)
    return groups


def _wait(client: httpx.Client, run_id: str) -> None:
    while True:
        run: dict[str, Any] = _patiently(lambda: client.get(f"/api/v1/runs/{run_id}"))
        if run["finished_at"]:
            if run["status"] == "failed":
                raise SystemExit(f"The run failed: {run['error']}")
            return
        time.sleep(0.2)


def _patiently(call: Callable[[], httpx.Response]) -> Any:
    """The reply in JSON; a connection that went stale while the machine did something else is made anew."""
    for _ in range(3):
        try:
            return call().raise_for_status().json()
        except httpx.TransportError:
            time.sleep(1)
    return call().raise_for_status().json()


def main() -> int:
    """Measure retrieval alone."""
    report = Report()
    data = os.environ.get("RETRIEVAL_DATA")
    if data:
        Path(data).mkdir(parents=True, exist_ok=True)
    with running_instance(Path(data) if data else None) as instance:
        measure_retrieval(instance.client, report)
        if "--ablation" in sys.argv:
            print_ablation(instance.client)
    print(f"\n{report.table()}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
