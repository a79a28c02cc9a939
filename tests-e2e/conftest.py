"""One native installation for all whole-system tests, and what they put into it."""

import io
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from codemuse.native.temporary import Instance, running_instance
from codemuse.testing import free_port

FAKE_MODEL = Path(__file__).parents[1] / "llm-server" / "tests" / "fake_upstream.py"

SHOP = {
    "README.md": "# Shop\n\nA small shop that takes orders.\n",
    "shop/orders.py": (
        '"""Taking orders."""\n\nfrom shop.payment import charge_credit_card\n\n\ndef place_order(customer: str, items: list[str]) -> int:\n'
        '    """Store an order of a customer and return its number.\n\n    Raises:\n        EmptyOrderError: Nothing was ordered.\n    """\n'
        "    if not items:\n        raise EmptyOrderError(customer)\n    charge_credit_card(customer, 100)\n    return len(items)\n\n\n"
        'class EmptyOrderError(Exception):\n    """Nothing was ordered."""\n'
    ),
    "shop/payment.py": (
        '"""Taking money."""\n\n\ndef charge_credit_card(number: str, cents: int) -> bool:\n'
        '    """Charge a credit card through the payment provider; declined cards answer False."""\n    return cents > 0\n'
    ),
    "shop/안내.md": "# 환불 안내\n\n고객의 환불 요청은 사흘 안에 처리합니다.\n",
}


def make_archive(files: dict[str, str | bytes], folder: str = "shop-main") -> bytes:
    """A tar.gz of these files below one folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(f"{folder}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


class Platform:
    """The public API with the patience that tests need."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.client = instance.client

    def post_archive(self, name: str, archive: bytes, **headers: str) -> httpx.Response:
        files = {"archive": (f"{name}.tar.gz", archive)}
        return self.client.post("/api/v1/repositories", files=files, data={"name": name}, headers=headers)

    def index(self, name: str, files: dict[str, str | bytes]) -> dict[str, Any]:
        """Index and wait for the very end; the repository."""
        reply = self.post_archive(name, make_archive(files))
        assert reply.status_code == 202, reply.text
        run = self.wait(reply.json()["run"]["id"])
        assert run["status"].startswith("succeeded"), run
        return self.client.get(f"/api/v1/repositories/{reply.json()['repository']['id']}").json()

    def wait(self, run_id: str, seconds: float = 60) -> dict[str, Any]:
        """The run once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            run = self.client.get(f"/api/v1/runs/{run_id}").json()
            if run.get("finished_at"):
                return run
            time.sleep(0.05)
        raise AssertionError(f"the run has not ended after {seconds} s: {run}")

    def search(self, query: str, **body: Any) -> list[dict[str, Any]]:
        reply = self.client.post("/api/v1/search", json={"query": query, **body})
        assert reply.status_code == 200, reply.text
        return reply.json()["results"]

    def ask(self, question: str, **body: Any) -> dict[str, Any]:
        session = self.client.post("/api/v1/chat/sessions", json={}).json()
        path = f"/api/v1/chat/sessions/{session['id']}/messages"
        reply = self.client.post(path, json={"content": question, **body}, params={"wait": True})
        assert reply.status_code == 202, reply.text
        return reply.json()["answer"]

    def sign_in(self) -> str:
        """An access token of the administrator."""
        body = {"email": self.instance.email, "password": self.instance.password}
        return self.client.post("/api/v1/auth/login", json=body).json()["access_token"]


@pytest.fixture(scope="session")
def instance() -> Iterator[Instance]:
    with running_instance() as running:
        yield running


@pytest.fixture(scope="session")
def platform(instance: Instance) -> Platform:
    return Platform(instance)


@pytest.fixture(scope="session")
def platform_of():
    """For installations that a test starts itself."""
    return Platform


@pytest.fixture(scope="session")
def shop(platform: Platform) -> dict[str, Any]:
    """An indexed repository."""
    return platform.index("shop", SHOP)


@pytest.fixture
def archive_of():
    return make_archive


@pytest.fixture
def shop_files() -> dict[str, str]:
    return dict(SHOP)


@pytest.fixture
def upstream() -> Iterator[str]:
    """A language model that can be told to fail: base URL of its OpenAI dialect."""
    port = free_port()
    with subprocess.Popen([sys.executable, str(FAKE_MODEL), str(port)]) as process:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{url}/log")
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        yield f"{url}/v1"
        process.terminate()
