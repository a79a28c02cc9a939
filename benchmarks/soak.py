"""A long mixed load on llm-server, to see whether its memory stays where it is: ``python -m benchmarks.soak [REQUESTS]``."""

import asyncio
import contextlib
import os
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from codemuse.contracts.providers import caller_headers
from codemuse.native.temporary import running_instance

DEFAULT_REQUESTS = 1_000_000
CLIENTS = 16
SAMPLES = 50
PLAIN = "plain-x-nolog-1"
SHORT = "short-x-nolog-1--events-10"
LONG = "long-x-nolog-1--events-100"
BROKEN = "broken-x-nolog-1--fault-cut--after-3--events-10"
SLOW = "slowly-x-nolog-1--events-100--delay-0.01"
MODELS = (BROKEN, PLAIN, SHORT, LONG, SLOW)
_LIMITED = caller_headers(organisation="bench", user="limited", role="member")
_MESSAGES = [{"role": "user", "content": "How is the lease of a run renewed? " * 20}]
_WEIGHTS = {"plain": 50, "limited": 15, "kept": 10, "short": 10, "long": 5, "broken": 5, "unknown": 3, "leaving": 2}


@dataclass
class Soak:
    """A load of so many requests, and what was seen of the process meanwhile.

    Attributes:
        url: Where llm-server is.
        headers: Of every request.
        pid: Its process.
        requests: How many are made.
        samples: Resident memory in MiB, at equal distances.
        outcomes: How often each status was answered.
    """

    url: str
    headers: dict[str, str]
    pid: int
    requests: int
    samples: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    made: int = 0

    async def run(self) -> None:
        """Make the requests, sixteen at once."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4)) as session:
            await asyncio.gather(*(self._client(session, random.Random(seed)) for seed in range(CLIENTS)))

    def growth(self) -> float:
        """Growth of resident memory over the second half, by a straight line through it, as a share of its mean."""
        half = self.samples[len(self.samples) // 2 :]
        line = statistics.linear_regression(range(len(half)), half)
        return line.slope * (len(half) - 1) / statistics.fmean(half)

    async def _client(self, session: aiohttp.ClientSession, dice: random.Random) -> None:
        kinds, weights = list(_WEIGHTS), list(_WEIGHTS.values())
        every = max(1, self.requests // SAMPLES)
        while self.made < self.requests:
            self.made += 1
            if self.made % every == 0:
                self.samples.append(resident_mib(self.pid))
            kind = dice.choices(kinds, weights)[0]
            self.outcomes[f"{kind} {await self._ask(session, kind, dice) or 'unfinished'}"] += 1

    async def _ask(self, session: aiohttp.ClientSession, kind: str, dice: random.Random) -> int:
        model = {"short": SHORT, "long": LONG, "leaving": SLOW, "unknown": "nobody", "broken": "default"}.get(
            kind, PLAIN
        )
        body = {
            "model": model,
            "messages": _MESSAGES,
            "max_tokens": 200,
            "stream": kind in {"short", "long", "leaving"},
        }
        if kind == "kept":
            body |= {"temperature": 0, "messages": [{"role": "user", "content": f"Question {dice.randrange(50)}"}]}
        if kind == "broken":
            body["stream"] = True
        headers = {**self.headers, **(_LIMITED if kind == "limited" else {})}
        # A machine that is suspended for a while wakes up with connections that time has closed.
        with contextlib.suppress(TimeoutError, aiohttp.ClientConnectionError):
            timeout = aiohttp.ClientTimeout(total=0.05 if kind == "leaving" else 60)
            async with session.post(
                f"{self.url}/v1/chat/completions", json=body, headers=headers, timeout=timeout
            ) as reply:
                await reply.read()
                return reply.status
        return 0


def resident_mib(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def _watched(soak: Soak, say: Callable[[str], None]) -> None:
    async def tell() -> None:
        while True:
            await asyncio.sleep(30)
            say(f"{soak.made:>10,} requests, {soak.samples[-1] if soak.samples else 0:.1f} MiB")

    telling: Awaitable[None] = asyncio.ensure_future(tell())
    await soak.run()
    asyncio.ensure_future(telling).cancel()


def main() -> int:
    """Soak an installation of its own; the exit status says whether its memory grew by 1% or more."""
    from benchmarks.language import prepare_models

    requests = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_REQUESTS
    with running_instance() as instance, prepare_models(instance.layout, MODELS, {"chat": [BROKEN, SHORT]}) as server:
        soak = Soak(server.url, server.headers, int(instance.layout.pid_file("llm-server").read_text()), requests)
        began = time.perf_counter()
        asyncio.run(_watched(soak, lambda line: print(line, flush=True)))
        took = time.perf_counter() - began
    print(f"{soak.made:,} requests in {took:.0f} s on {os.cpu_count()} cores with {CLIENTS} clients")
    print(", ".join(f"{name}: {count:,}" for name, count in sorted(soak.outcomes.items())))
    print("resident memory, MiB: " + " ".join(f"{sample:.0f}" for sample in soak.samples))
    grown = soak.growth()
    print(f"growth over the second half: {grown:.2%} (asked for: under 1%)")
    return 0 if grown < 0.01 else 1


if __name__ == "__main__":
    sys.exit(main())
