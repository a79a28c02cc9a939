"""The one place that turns exceptions into replies."""

import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from codemuse.contracts.common import ErrorBody
from codemuse.contracts.llm import OpenAIError, OpenAIErrorBody
from codemuse.errors import CodeMuseError, Internal, InvalidInput, MethodNotAllowed, NotFound, from_envelope
from codemuse.logging import get_logger, mask
from codemuse.request_context import current_request_id

_log = get_logger(__name__)
_MAXIMUM_FIELD_PROBLEMS = 20


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception of ``app`` with the envelope, in the shape of the dialect below ``/v1/``."""
    app.add_exception_handler(CodeMuseError, _handler(lambda error: error))
    app.add_exception_handler(RequestValidationError, _handler(_from_validation))
    app.add_exception_handler(HTTPException, _handler(_from_http))
    app.add_exception_handler(Exception, _handler(_from_unknown))


def error_response(request: Request, error: CodeMuseError) -> Response:
    """The reply for an error: status, envelope, and the headers that belong to it."""
    headers = {"X-Request-ID": current_request_id(), **error.headers}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = error.body(current_request_id())
    if request.scope["path"].startswith("/v1/messages"):
        return JSONResponse(anthropic_shape(error), error.status, headers)
    if request.scope["path"].startswith("/v1/"):
        return JSONResponse(_openai_shape(error).model_dump(), error.status, headers)
    return JSONResponse(body.model_dump(mode="json"), error.status, headers)


def anthropic_shape(error: CodeMuseError) -> dict[str, Any]:
    """The envelope of the routes in Anthropic's dialect."""
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 413: "request_too_large"}
    more = {429: "rate_limit_error", 503: "overloaded_error"}
    kind = (kinds | more).get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
    return {"type": "error", "error": {"type": kind, "message": error.message}}


def _openai_shape(error: CodeMuseError) -> OpenAIError:
    kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
    kind = kinds.get(error.status, "invalid_request_error" if error.status < 500 else "server_error")
    param = error.details.get("param")
    return OpenAIError(error=OpenAIErrorBody(message=error.message, type=kind, param=param, code=error.public_code))


def _handler(convert: Callable[..., CodeMuseError]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, raised: Exception) -> Response:
        error = convert(raised)
        if error.status < 500:
            _log.info("request refused", code=error.public_code, status=error.status, reason=mask(error.message))
        else:
            _log.error("request failed", code=error.public_code, status=error.status, exc_info=raised)
        return error_response(request, error)

    return handle


def _from_validation(raised: RequestValidationError) -> CodeMuseError:
    if isinstance(raised.body, bytes):  # FastAPI parses what is declared as JSON, and hands on anything else
        return InvalidInput("Send the body as JSON, with the header 'Content-Type: application/json'.")
    problems = [
        _broken_json(item) if item["type"] == "json_invalid" else _wrong_field(item)
        for item in raised.errors()[:_MAXIMUM_FIELD_PROBLEMS]
    ]
    first = problems[0] if problems else {"field": "body", "problem": "is not valid"}
    return InvalidInput(f"{first['field']}: {first['problem']}", fields=problems)


def _broken_json(item: Mapping[str, Any]) -> dict[str, str]:
    place = "".join(f" at character {character}" for character in item["loc"][1:])
    return {"field": "body", "problem": f"is not JSON{place}: {item['ctx']['error']}"}


def _wrong_field(item: Mapping[str, Any]) -> dict[str, str]:
    return {"field": ".".join(map(str, item["loc"][1:])) or str(item["loc"][0]), "problem": item["msg"]}


def _from_http(raised: HTTPException) -> CodeMuseError:
    if isinstance(raised.__cause__, CodeMuseError):
        return raised.__cause__  # FastAPI wraps whatever is raised while it reads a body
    if raised.status_code == 404:
        return NotFound("There is nothing at this address.")
    if raised.status_code == 405:
        return MethodNotAllowed("This address does not take that method.")
    codes = {413: "payload_too_large", 400: "invalid_request"}
    body = ErrorBody(error=codes.get(raised.status_code, f"http_{raised.status_code}"), message=str(raised.detail))
    return from_envelope(raised.status_code, body)


def _from_unknown(_raised: Exception) -> CodeMuseError:
    return Internal("Something went wrong on our side; the request id helps to find out what.")
