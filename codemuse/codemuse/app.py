"""How every service becomes a FastAPI application."""

import gc
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from codemuse import __version__
from codemuse.auth import ServiceTokenGuard
from codemuse.contracts.common import HealthRead, HealthState
from codemuse.error_handlers import error_response, install_error_handlers
from codemuse.errors import InvalidRequest, PayloadTooLarge
from codemuse.health import Check, Readiness
from codemuse.logging import configure_logging
from codemuse.metrics import REQUEST_SECONDS, render_metrics
from codemuse.request_context import DEADLINE_HEADER, REQUEST_ID_HEADER, begin_request
from codemuse.settings import ServiceSettings

GARBAGE_THRESHOLD = 20_000
"""New objects between two collections. Python's 700 makes a request that reads a hundred rows pay for several of them."""

OpenResources = Callable[[], AbstractAsyncContextManager[Any]]


def create_service_app(
    *,
    name: str,
    settings: ServiceSettings,
    open_resources: OpenResources,
    routers: Sequence[APIRouter],
    checks: Callable[[Any], Mapping[str, Check]] = lambda _resources: {},
    guarded: bool = True,
    body_limits: Mapping[str, int] | None = None,
) -> FastAPI:
    """Put a service together: lifespan, ids, logs, metrics, health, errors and the service token.

    Args:
        name: Name of the service as it appears in logs and metrics.
        settings: What the service read at start.
        open_resources: Opens everything the service needs; the opened object is ``app.state.resources``.
        routers: The features.
        checks: Named readiness checks, given the opened resources.
        guarded: Whether the routers demand the service token; the gateway brings its own authentication.
        body_limits: Largest body in bytes for paths that end with the key, where it differs from the settings.
    """
    configure_logging(name, settings.log_level)
    gc.set_threshold(GARBAGE_THRESHOLD)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_resources() as resources:
            app.state.resources = resources
            app.state.readiness = Readiness(checks(resources))
            yield

    app = FastAPI(
        title=f"CodeMuse {name}",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_operation_id,
    )
    guards = [Depends(ServiceTokenGuard(settings.service_token))] if guarded else []
    app.include_router(_operations_router(guards))
    for router in routers:
        app.include_router(router, dependencies=guards)
    install_error_handlers(app)
    app.add_middleware(RequestScopeMiddleware, service=name, max_body=settings.max_body_bytes, limits=body_limits or {})
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _operations_router(guards: Sequence[Any]) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    async def alive() -> HealthRead:
        """Whether the process answers at all."""
        return HealthRead(status=HealthState.OK, version=__version__)

    @router.get("/readyz")
    async def ready(request: Request, response: Response) -> HealthRead:
        """Whether the service can do its work now; 503 when it cannot."""
        health: HealthRead = await request.app.state.readiness.read()
        if health.status is HealthState.DOWN:
            response.status_code = 503
        return health

    @router.get("/metrics", dependencies=list(guards))
    async def metrics() -> Response:
        """Metrics in Prometheus' text format."""
        text, content_type = render_metrics()
        return Response(text, media_type=content_type)

    return router


class RequestScopeMiddleware:
    """Gives each request its id, deadline, body limit, metrics and safe error, below everything else."""

    def __init__(self, app: ASGIApp, *, service: str, max_body: int, limits: Mapping[str, int]) -> None:
        self._app = app
        self._service = service
        self._max_body = max_body
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; WebSockets and lifespan pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        request_id = begin_request(
            headers.get(REQUEST_ID_HEADER.lower()), _seconds(headers.get(DEADLINE_HEADER.lower()))
        )
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *_without(message["headers"], b"x-request-id"),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            if b"%00" in scope.get("query_string", b"") or "\x00" in scope["path"]:
                raise InvalidRequest("NUL characters are not allowed in an address.")  # noqa: TRY301 - answered below
            limit = self._limit(scope["path"])
            _check_declared_length(headers.get("content-length", "0"), limit)
            await self._app(scope, _bounded(receive, limit), send_with_id)
        except (PayloadTooLarge, InvalidRequest) as error:
            await error_response(Request(scope), error)(scope, receive, send_with_id)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            REQUEST_SECONDS.labels(self._service, scope["method"], route, status).observe(time.perf_counter() - started)

    def _limit(self, path: str) -> int:
        return next((limit for suffix, limit in self._limits.items() if path.endswith(suffix)), self._max_body)


def _check_declared_length(declared: str, limit: int) -> None:
    if not declared.isdigit():
        raise InvalidRequest("The Content-Length header is not a number.")
    if int(declared) > limit:
        raise PayloadTooLarge(f"The body may have at most {limit} bytes.", limit=limit)


def _bounded(receive: Receive, limit: int) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise PayloadTooLarge(f"The body may have at most {limit} bytes.", limit=limit)
        return message

    return bounded


def _without(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[tuple[bytes, bytes]]:
    return [(key, value) for key, value in headers if key.lower() != name]


def _seconds(text: str | None) -> float | None:
    try:
        return min(3600.0, max(0.0, float(text))) if text else None
    except ValueError:
        return None
