"""Load for rag-server: ``benchmarks.scale`` runs it by Locust, which lives in an environment of its own.

Every client sends ``LOAD_RATE`` requests a second; the bodies in ``LOAD_BODIES``, one a line, are each sent once.
"""

import itertools
import os
import random
from pathlib import Path

import gevent  # type: ignore[import-not-found]
from locust import FastHttpUser, constant_throughput, task  # type: ignore[import-not-found]

_BODIES = itertools.cycle(Path(os.environ["LOAD_BODIES"]).read_bytes().split(b"\n"))
_RATE = float(os.environ["LOAD_RATE"])


class Searcher(FastHttpUser):  # type: ignore[misc]
    """Asks one question after the other."""

    wait_time = constant_throughput(_RATE)

    def on_start(self) -> None:
        """Clients that begin together would go on asking together."""
        gevent.sleep(random.uniform(0, 1 / _RATE))

    @task
    def search(self) -> None:
        """One distinct question."""
        headers = {"Authorization": f"Bearer {os.environ['LOAD_TOKEN']}", "Content-Type": "application/json"}
        self.client.post("/api/v1/search", data=next(_BODIES), headers=headers)
