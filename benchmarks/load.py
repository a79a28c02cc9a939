"""rag-server under the load of many clients, by Locust, which ``LOCUST=<path of its executable>`` names.

Locust lives in an environment of its own and shares the cores with what it measures.
"""

import csv
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Report
from benchmarks.services import service_token
from codemuse.native.layout import Layout

CLIENTS = 32
RATES = (50, 75, 100, 150, 300)
"""Offered, requests a second; the last is what is asked for."""
SECONDS = 20


@dataclass(frozen=True, slots=True)
class Held:
    """What came of a rate that was offered."""

    offered: int
    rate: float
    """Answered a second."""
    p50: float
    """Milliseconds."""
    p95: float
    errors: int


def measure_load(layout: Layout, bodies: Sequence[bytes], report: Report) -> None:
    """Offer each rate, print the plot, and fill in the figures of the last.

    Args:
        layout: The installation whose rag-server is asked.
        bodies: Searches; each is sent once, as far as there are enough.
        report: Where the figures go.
    """
    if not os.environ.get("LOCUST"):
        report.skip(f"  {CLIENTS} clients", "LOCUST names no executable")
        return
    held: list[Held] = []
    for rate in RATES:
        size = rate * SECONDS
        asked, bodies = bodies[:size], [*bodies[size:], *bodies[:size]]
        held.append(_offer(layout, rate, asked))
        report.note(f"  {CLIENTS} clients by Locust, offered {rate} a second: answered", held[-1].rate, "/s")
        report.note("    p95", held[-1].p95, "ms")
    print(f"\n{_plot(held)}\n")
    last = held[-1]
    report.add(
        f"  {CLIENTS} clients: rate held of {last.offered}",
        last.rate,
        "/s",
        limit=last.offered * 0.98,
        more_is_better=True,
    )
    report.add("    p95", last.p95, "ms", limit=120)
    report.add("    errors at all rates", sum(one.errors for one in held), "", limit=0)


def count_bodies() -> int:
    """How many searches it takes that none is asked twice."""
    return sum(RATES) * SECONDS


def _offer(layout: Layout, rate: int, bodies: Sequence[bytes]) -> Held:
    with tempfile.TemporaryDirectory() as folder:
        command = [os.environ["LOCUST"], "--headless", "--only-summary", "--locustfile", "benchmarks/locustfile.py"]
        size = ["--users", str(CLIENTS), "--spawn-rate", str(CLIENTS), "--run-time", f"{SECONDS}s"]
        target = ["--host", f"http://127.0.0.1:{layout.rag_port}", "--csv", f"{folder}/load"]
        Path(folder, "bodies").write_bytes(b"\n".join(bodies))
        environment = {
            **os.environ,
            "LOAD_TOKEN": service_token(layout),
            "LOAD_BODIES": f"{folder}/bodies",
            "LOAD_CLIENT_RATE": str(rate / CLIENTS),
        }
        subprocess.run([*command, *size, *target], check=False, env=environment, capture_output=True)
        with Path(folder, "load_stats.csv").open() as file:
            total = next(row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
    return Held(rate, float(total["Requests/s"]), float(total["50%"]), float(total["95%"]), int(total["Failure Count"]))


def _plot(held: Sequence[Held]) -> str:
    """Rates as a Mermaid chart: offered, and answered."""
    axis = ", ".join(f'"{one.offered}"' for one in held)
    lines = [
        "xychart-beta",
        f'    title "Searches a second of {CLIENTS} clients: offered (line) and answered (bars)"',
        f"    x-axis [{axis}]",
        f"    y-axis 0 --> {max(RATES)}",
        f"    bar [{', '.join(f'{one.rate:.0f}' for one in held)}]",
        f"    line [{', '.join(str(one.offered) for one in held)}]",
    ]
    table = [f"| {one.offered} | {one.rate:.0f} | {one.p50:.0f} ms | {one.p95:.0f} ms | {one.errors} |" for one in held]
    head = ["| Offered | Answered | p50 | p95 | Errors |", "|---:|---:|---:|---:|---:|"]
    return "\n".join([*head, *table, "", "```mermaid", *lines, "```"])
