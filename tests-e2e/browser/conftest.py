"""A native installation with a model that says what the tests choose, and Chromium in front of it."""

import io
import json
import os
import shutil
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from codemuse.native.temporary import Instance, running_instance

sys.path.insert(0, str(Path(__file__).parent))

from model_server import ModelServer, running_model_server

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def model() -> Iterator[ModelServer]:
    with running_model_server() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("The browser tests need Chromium: install it (e.g. 'sudo apt-get install chromium').")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def app(browser: Browser, model: ModelServer) -> Iterator[Instance]:
    """The installation that the browser opens."""
    names = {"LLM_BASE_URL": model.url, "LLM_MODEL": "chosen-words"}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        with running_instance() as running:
            yield running
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


PAYMENT = (
    '"""Taking money."""\n\n\ndef charge_credit_card(number: str, cents: int) -> bool:\n'
    '    """Charge a credit card through the payment provider."""\n    return cents > 0\n'
)


@pytest.fixture(scope="session")
def shop_indexed(app: Instance) -> dict[str, Any]:
    """A small repository that can be asked."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("shop/shop/payment.py")
        member.size = len(PAYMENT)
        archive.addfile(member, io.BytesIO(PAYMENT.encode()))
    files = {"archive": ("shop.tar.gz", buffer.getvalue())}
    reply = app.client.post("/api/v1/repositories", files=files, data={"name": "shop"}).raise_for_status().json()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        repository: dict[str, Any] = app.client.get(f"/api/v1/repositories/{reply['repository']['id']}").json()
        if repository["status"] == "ready" and repository["active_run"] is None:
            return repository
        time.sleep(0.1)
    raise AssertionError(f"not ready after a minute: {repository}")


class Visitor:
    """A person at a browser, who notices every request that would leave our origin."""

    def __init__(self, context: BrowserContext, app: Instance, tokens: str) -> None:
        self.app = app
        self._tokens = tokens
        self.context = context
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.dialogs: list[str] = []
        context.route("**/*", self._watch)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.set_default_timeout(PATIENCE_MS)

    def _watch(self, route: Route) -> None:
        if route.request.url.startswith((self.app.url, "data:", "blob:")):
            route.continue_()
            return
        self.foreign.append(route.request.url)
        route.abort()

    def enter(self, path: str = "/chat") -> Page:
        """With a session that was begun elsewhere: the gateway counts sign-ins, and rightly so."""
        store = f"localStorage.getItem('codemuse.tokens') ?? localStorage.setItem('codemuse.tokens', {json.dumps(self._tokens)})"
        self.context.add_init_script(store)
        self.page.goto(f"{self.app.url}{path}")
        return self.page

    def sign_in(self) -> Page:
        """Through the form, as a person does."""
        self.page.goto(self.app.url)
        self.page.locator("input[name=email]").fill(self.app.email)
        self.page.locator("input[name=password]").fill(self.app.password)
        self.page.locator("button[type=submit]").click()
        self.page.wait_for_url("**/chat")
        return self.page

    def ask(self, question: str) -> None:
        """Type and press Enter."""
        self.page.locator("textarea").fill(question)
        self.page.locator("textarea").press("Enter")


@pytest.fixture(scope="session")
def tokens(app: Instance) -> str:
    """What the app keeps of a session, as it keeps it."""
    body = {"email": app.email, "password": app.password}
    reply = app.client.post("/api/v1/auth/login", json=body).raise_for_status().json()
    return json.dumps({"access": reply["access_token"], "refresh": reply["refresh_token"]})


@pytest.fixture
def visit(browser: Browser, app: Instance, tokens: str) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser window of its own: ``visit(locale="ko-KR", color_scheme="dark")``."""
    contexts: list[BrowserContext] = []

    def open_window(**options: object) -> Visitor:
        settings = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **options}
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        contexts.append(context)
        return Visitor(context, app, tokens)

    yield open_window
    for context in contexts:
        context.close()
