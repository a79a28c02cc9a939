"""Health: alive is not ready. A service is ready when each of its named checks says so."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from codemuse import __version__
from codemuse.contracts.common import CheckRead, HealthRead, HealthState

Check = Callable[[], Awaitable[CheckRead | None]]
"""Raises or answers a state when something is wrong; ``None`` means fine."""

CHECK_TIMEOUT_SECONDS = 3.0
_ORDER = (HealthState.OK, HealthState.DEGRADED, HealthState.DOWN)


def worst(states: list[HealthState]) -> HealthState:
    """The worst of several states; nothing to check is fine."""
    return max(states, key=_ORDER.index, default=HealthState.OK)


async def run_check(check: Check) -> CheckRead:
    """One check, bounded in time; whatever it raises becomes ``down`` with the error's class as its detail."""
    try:
        outcome = await asyncio.wait_for(check(), CHECK_TIMEOUT_SECONDS)
    except TimeoutError:
        return CheckRead(status=HealthState.DOWN, detail=f"no answer within {CHECK_TIMEOUT_SECONDS:.0f} s")
    except Exception as error:  # noqa: BLE001 - a health check reports every failure
        return CheckRead(status=HealthState.DOWN, detail=type(error).__name__)
    return outcome or CheckRead(status=HealthState.OK)


class Readiness:
    """Runs named checks side by side and remembers the result for a moment, so that probes cost nothing."""

    def __init__(self, checks: Mapping[str, Check], *, remember_seconds: float = 1.0) -> None:
        self._checks = dict(checks)
        self._remember_seconds = remember_seconds
        self._last: tuple[float, HealthRead] | None = None

    async def read(self) -> HealthRead:
        """The worst state of all checks, and each by name."""
        now = time.monotonic()
        if self._last and now - self._last[0] < self._remember_seconds:
            return self._last[1]
        outcomes = await asyncio.gather(*(run_check(check) for check in self._checks.values()))
        health = HealthRead(
            status=worst([outcome.status for outcome in outcomes]),
            version=__version__,
            checks=dict(zip(self._checks, outcomes, strict=True)),
        )
        self._last = (now, health)
        return health
