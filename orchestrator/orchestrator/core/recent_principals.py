"""Who was behind a credential a moment ago: a client that asks much is not looked up for every request."""

import time
from collections.abc import Callable

from orchestrator.core.credentials import fingerprint
from orchestrator.core.principal import Principal

TRUSTED_SECONDS = 1.0
"""So long another replica of the gateway may still accept what was taken back; the one that took it back does not."""
MOST_REMEMBERED = 10_000


class RecentPrincipals:
    """Principals by credential, each for a second after it was looked up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Principal]] = {}

    def find(self, credential: str) -> Principal | None:
        """Whose it was, if that is still trusted."""
        looked_up, principal = self._known.get(fingerprint(credential), (0.0, None))
        return principal if self._clock() - looked_up < TRUSTED_SECONDS else None

    def remember(self, credential: str, principal: Principal) -> None:
        """Trust what was just looked up."""
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[fingerprint(credential)] = (self._clock(), principal)

    def forget(self) -> None:
        """Look everybody up again: a session has ended, or a key was taken back."""
        self._known.clear()
