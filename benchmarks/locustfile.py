"""Load for rag-server: ``benchmarks.scale`` runs it by Locust, which lives in an environment of its own.

Every client sends ``LOAD_CLIENT_RATE`` requests a second, as far apart as those of people who know nothing of each other (a Poisson
process; Locust's own paces have all clients ask at once). The bodies in ``LOAD_BODIES``, one a line, are each sent once.
"""

import itertools
import os
import random
from pathlib import Path
from time import perf_counter

import gevent  # type: ignore[import-not-found]
from locust import FastHttpUser, task  # type: ignore[import-not-found]

_BODIES = itertools.cycle(Path(os.environ["LOAD_BODIES"]).read_bytes().split(b"\n"))
_RATE = float(os.environ["LOAD_CLIENT_RATE"])


class Searcher(FastHttpUser):  # type: ignore[misc]
    """Asks one question after the other."""

    def on_start(self) -> None:
        """Begin when the first request is due."""
        self._due = perf_counter()
        gevent.sleep(self.wait_time())

    def wait_time(self) -> float:
        """Seconds until the next request is due; what is late is made up for."""
        self._due += random.expovariate(_RATE)
        return max(0.0, self._due - perf_counter())

    @task
    def search(self) -> None:
        """One distinct question."""
        headers = {"Authorization": f"Bearer {os.environ['LOAD_TOKEN']}", "Content-Type": "application/json"}
        self.client.post("/api/v1/search", data=next(_BODIES), headers=headers)
