"""llm-server beside the bare upstream and, where there is one, the LiteLLM proxy, all in the same run over a fake upstream.

``LITELLM=<path of its executable>`` names a LiteLLM proxy installed in an environment of its own. ``python -m benchmarks.language``
measures this part alone.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import aiohttp
import httpx

from benchmarks.report import Report
from benchmarks.services import service_token
from benchmarks.soak import BROKEN, MODELS, PLAIN, SHORT, Soak, resident_mib
from codemuse.contracts.providers import caller_headers
from codemuse.native.layout import Layout
from codemuse.native.temporary import running_instance
from codemuse.testing import free_port

FAKE = Path(__file__).parents[1] / "llm-server" / "tests" / "fake_upstream.py"
STREAM = "stream-x-nolog-1--events-100"
SLOW = "slow-x-nolog-1--events-60--delay-0.25"
_MESSAGES = [{"role": "user", "content": "How is the lease of a run renewed? " * 20}]
_LIMITED = caller_headers(organisation="bench", user="limited", role="member")
_ENDLESS = 10**9
_CLIENTS = 16


@dataclass(frozen=True)
class Target:
    """Something that speaks chat completions."""

    name: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    upstream: str = ""
    """What it stands in front of."""


@contextmanager
def prepare_models(
    layout: Layout, names: Sequence[str], roles: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Iterator[Target]:
    """An installation's llm-server, with models of the fake upstream declared."""
    token = service_token(layout)
    with _fake_upstream() as upstream:
        url = f"http://127.0.0.1:{layout.llm_port}"
        server = Target("llm-server", url, {"Authorization": f"Bearer {token}"}, upstream)
        _declare(server, names, roles)
        yield server


def measure_language(layout: Layout, report: Report) -> None:
    """Fill in llm-server's figures."""
    with prepare_models(layout, (*MODELS, SLOW, STREAM), {"chat": [BROKEN, SHORT]}) as server:
        upstream = server.upstream
        bare = Target("the bare upstream", upstream)
        limited = Target("llm-server with limits", server.url, {**server.headers, **_LIMITED})
        pid = int(layout.pid_file("llm-server").read_text())
        asyncio.run(_measure(bare, server, limited, pid, report))
        if os.environ.get("LITELLM"):
            with _litellm(upstream) as litellm:
                asyncio.run(_compare(bare, litellm, report))
        else:
            report.skip("LiteLLM proxy", "LITELLM names no executable")


async def _measure(bare: Target, server: Target, limited: Target, pid: int, report: Report) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4)) as session:
        for target in (bare, server, limited):
            await _rate(session, target, PLAIN, seconds=1.0)
        added = await _added(session, bare, server, PLAIN)
        report.add("llm-server adds to a plain request, p50", statistics.median(added) * 1e3, "ms", limit=1.5)
        report.add("  p95", statistics.quantiles(added, n=20)[18] * 1e3, "ms", limit=3)
        more = await _added(session, server, limited, PLAIN)
        report.add("  usage, budgets and rate limits add, p50", statistics.median(more) * 1e3, "ms", limit=1)
        report.note("plain requests, 16 clients: bare upstream", await _rate(session, bare, PLAIN), "/s")
        report.add("  llm-server", await _rate(session, server, PLAIN), "/s", limit=600, more_is_better=True)
        streamed = await _added(session, bare, server, STREAM)
        report.add("llm-server adds to a stream of 100 events, p50", statistics.median(streamed) * 1e3, "ms", limit=3)
        report.note("streams of 100 events, 16 clients: bare upstream", await _rate(session, bare, STREAM), "/s")
        report.add("  llm-server", await _rate(session, server, STREAM), "/s", limit=250, more_is_better=True)
        before = resident_mib(pid)
        complete, most = await _many_slow(session, server, pid)
        report.add("of 1,000 slow streams at once, complete", complete, "", limit=1000, more_is_better=True)
        report.add("  resident memory at most", most, "MiB", limit=400)
        report.note("  resident memory before", before, "MiB")
        soak = Soak(server.url, server.headers, pid, int(os.environ.get("LANGUAGE_SOAK_REQUESTS", "30000")))
        await soak.run()
        report.note("mixed load, requests", soak.made, "")
        report.add("  resident memory grows over its second half", soak.growth() * 100, "%", limit=1)


async def _compare(bare: Target, litellm: Target, report: Report) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4)) as session:
        await _rate(session, litellm, PLAIN, seconds=1.0)
        added = await _added(session, bare, litellm, PLAIN, rounds=100)
        report.note("LiteLLM proxy adds to a plain request, p50", statistics.median(added) * 1e3, "ms")
        report.note("  plain requests, 16 clients", await _rate(session, litellm, PLAIN), "/s")
        streamed = await _added(session, bare, litellm, STREAM, rounds=50)
        report.note("  adds to a stream of 100 events, p50", statistics.median(streamed) * 1e3, "ms")
        report.note("  streams of 100 events, 16 clients", await _rate(session, litellm, STREAM), "/s")


async def _ask(session: aiohttp.ClientSession, target: Target, model: str) -> bytes:
    body = {"model": model, "messages": _MESSAGES, "stream": model != PLAIN, "max_tokens": 200}
    async with session.post(f"{target.url}/v1/chat/completions", json=body, headers=target.headers) as reply:
        content = await reply.read()
        if reply.status != 200:
            raise SystemExit(f"{target.name} answered {reply.status}: {content[:300]!r}")
        return content


async def _added(
    session: aiohttp.ClientSession, base: Target, other: Target, model: str, rounds: int = 300
) -> list[float]:
    """What ``other`` takes longer than ``base``, in seconds: asked in turns, so that drift meets both."""
    differences = []
    for _ in range(rounds):
        times = []
        for target in (base, other):
            began = time.perf_counter()
            await _ask(session, target, model)
            times.append(time.perf_counter() - began)
        differences.append(times[1] - times[0])
    return differences


async def _rate(session: aiohttp.ClientSession, target: Target, model: str, seconds: float = 6.0) -> float:
    """Answers a second with sixteen clients."""
    done = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await _ask(session, target, model)
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return done / (time.perf_counter() - began)


async def _many_slow(session: aiohttp.ClientSession, target: Target, pid: int) -> tuple[int, float]:
    """How many of a thousand streams at once end as they should, and the most memory that they took."""
    asking = asyncio.gather(*(_ask(session, target, SLOW) for _ in range(1000)), return_exceptions=True)
    most = 0.0
    while not asking.done():
        most = max(most, resident_mib(pid))
        await asyncio.sleep(0.25)
    answers = [answer for answer in await asking if isinstance(answer, bytes)]
    return sum(answer.rstrip().endswith(b"data: [DONE]") and b"word59" in answer for answer in answers), most


def _declare(server: Target, names: Sequence[str], roles: Mapping[str, Sequence[str]]) -> None:
    base = f"{server.upstream}/v1"
    models = [
        {"name": name, "base_url": base, "upstream_name": name, "price": {"prompt": 1, "completion": 2}}
        for name in dict.fromkeys(names)
    ]
    limits = {"cost_per_day": 1e6, "tokens_per_month": _ENDLESS, "requests_per_minute": _ENDLESS}
    budget = {"scope": "user", "limits": {**limits, "tokens_per_minute": _ENDLESS, "parallel_requests": 10_000}}
    with httpx.Client(base_url=server.url, headers=server.headers, trust_env=False) as client:
        for organisation in ("default", "bench"):
            headers = caller_headers(organisation=organisation, role="admin")
            client.put(
                "/api/v1/providers", json={"models": models, "roles": dict(roles)}, headers=headers
            ).raise_for_status()
        client.put("/api/v1/budgets", json=budget, headers=headers).raise_for_status()


@contextmanager
def _fake_upstream() -> Iterator[str]:
    port = free_port()
    with subprocess.Popen([sys.executable, str(FAKE), str(port)]) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{url}/log")
            yield url
        finally:
            process.terminate()


@contextmanager
def _litellm(upstream: str) -> Iterator[Target]:
    """The proxy with one model for each script, as its documentation sets it up: one worker, no database."""
    port = free_port()
    models = "".join(
        f"  - model_name: {name!r}\n    litellm_params: {{model: {f'openai/{name}'!r}, "
        f"api_base: '{upstream}/v1', api_key: none}}\n"
        for name in (PLAIN, STREAM)
    )
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(f"model_list:\n{models}general_settings: {{master_key: sk-bench-0123456789}}\n")
        command = [os.environ["LITELLM"], "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            url = f"http://127.0.0.1:{port}"
            try:
                _wait_for(f"{url}/health/liveliness")
                yield Target("LiteLLM", url, {"Authorization": "Bearer sk-bench-0123456789"})
            finally:
                process.terminate()


def _wait_for(url: str, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            httpx.get(url, timeout=2, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise SystemExit(f"{url} does not answer.") from None
            time.sleep(0.2)
        else:
            return


def main() -> int:
    """Measure llm-server alone; the exit status says whether a figure was missed."""
    report = Report()
    with running_instance() as instance:
        measure_language(instance.layout, report)
    print(f"\n{report.table()}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
