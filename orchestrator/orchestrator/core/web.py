"""The built web app, served at ``/`` with headers that let it talk to nobody but us."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(  # noqa: FLY002 - one directive a line
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",  # Vuetify's theme and Mermaid's diagrams set styles at run time
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def mount_web_app(app: FastAPI, dist: Path | None) -> None:
    """Add the security headers, and the app's files where there are any."""
    app.add_middleware(SecurityHeaders)
    if dist is not None:
        # Not mounted: a mount at the root would take requests from routes that know the address and not the method.
        app.router.default = SinglePageApp(directory=dist, html=True, check_dir=False, otherwise=app.router.default)


class SinglePageApp(StaticFiles):
    """Static files; addresses that are the app's own pages get its ``index.html``.

    Args:
        otherwise: Answers what is no request for a page or a file.
        **options: Of ``StaticFiles``.
    """

    def __init__(self, *, otherwise: ASGIApp, **options: Any) -> None:
        super().__init__(**options)
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        is_read = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        await (super().__call__ if is_read else self._otherwise)(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or the app."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if (
                error.status_code != 404
                or path.startswith(("api/", "v1/", "assets/"))
                or "." in path.rsplit("/", 1)[-1]
            ):
                raise
            response = await super().get_response("index.html", scope)
        forever = path.startswith("assets/")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if forever else "no-cache"
        return response


class SecurityHeaders:
    """Adds the headers to every reply."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
