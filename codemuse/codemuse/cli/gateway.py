"""Talking to the gateway from the command line."""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from codemuse.cli.account import Account, save_account
from codemuse.cli.exits import CommandError, Exit
from codemuse.contracts.accounts import TokenReply
from codemuse.contracts.common import ErrorBody
from codemuse.contracts.runs import RunEvent

R = TypeVar("R", bound=BaseModel)
_TIMEOUT = httpx.Timeout(30.0, read=330.0)


class Gateway:
    """A connection to one gateway; refreshes its token by itself."""

    def __init__(self, account: Account, *, transport: httpx.BaseTransport | None = None) -> None:
        self._account = account
        self._client = httpx.Client(base_url=account.url, timeout=_TIMEOUT, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def call(self, method: str, path: str, reply: type[R], *, body: BaseModel | None = None, **options: Any) -> R:
        """Send a request and read its reply.

        Raises:
            CommandError: It did not work; the exit code says in which way.
        """
        if body is not None:
            options["content"] = body.model_dump_json(exclude_none=True)
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        return self._read(self._request(method, path, options).content, reply)

    def download(self, path: str, params: Mapping[str, str]) -> bytes:
        """What a path answers, as it is.

        Raises:
            CommandError: It did not work; the exit code says in which way.
        """
        return self._request("GET", path, {"params": params}).content

    def follow(self, run_id: str, after: int = 0) -> Iterator[RunEvent | None]:
        """Events of a run as they come; nothing for each sign of life in between, so that the caller can look at the clock.

        It ends with the run, or before it where the gateway is restarted.
        """
        headers = self._headers({"Accept": "text/event-stream"})
        path = f"/api/v1/runs/{run_id}/events"
        try:
            with self._client.stream("GET", path, params={"after": after}, headers=headers) as response:
                if response.is_error:
                    response.read()
                    raise _refusal(response)
                for line in response.iter_lines():
                    if line.startswith("data:"):
                        yield self._read(line.removeprefix("data:"), RunEvent)
                    elif line.startswith(":"):
                        yield None
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _request(self, method: str, path: str, options: Mapping[str, Any]) -> httpx.Response:
        response = self._send(method, path, options)
        if response.status_code == 401 and self._refresh():
            response = self._send(method, path, options)
        if response.is_error:
            raise _refusal(response)
        return response

    def _send(self, method: str, path: str, options: Mapping[str, Any]) -> httpx.Response:
        headers = self._headers(options.get("headers", {}))
        try:
            return self._client.request(method, path, **{**options, "headers": headers})
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        credential = self._account.credential
        return {**more, **({"Authorization": f"Bearer {credential}"} if credential else {})}

    def _refresh(self) -> bool:
        if self._account.api_key or not self._account.refresh_token:
            return False
        response = self._send("POST", "/api/v1/auth/refresh", {"json": {"refresh_token": self._account.refresh_token}})
        if response.is_error:
            return False
        tokens = self._read(response.content, TokenReply)
        self._account.access_token, self._account.refresh_token = tokens.access_token, tokens.refresh_token
        save_account(self._account)
        return True

    def _read(self, content: str | bytes, reply: type[R]) -> R:
        try:
            return reply.model_validate_json(content)
        except ValidationError:
            message = f"{self._account.url} does not answer like CodeMuse; is the address right?"
            raise CommandError(message, Exit.UNREACHABLE) from None

    def _unreachable(self, error: httpx.HTTPError) -> CommandError:
        reason = "does not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
        return CommandError(f"{self._account.url} {reason}. Is CodeMuse running there?", Exit.UNREACHABLE)


def _refusal(response: httpx.Response) -> CommandError:
    try:
        body = ErrorBody.model_validate_json(response.content)
    except ValidationError:
        body = ErrorBody(
            error=f"http_{response.status_code}", message=f"The server answered with {response.status_code}."
        )
    if response.status_code == 401:
        return CommandError(
            f"{body.message} Run 'codemuse login', or set CODEMUSE_API_KEY.", Exit.NOT_SIGNED_IN, error=body.error
        )
    exit_code = Exit.UNREACHABLE if response.status_code >= 500 else Exit.REFUSED
    return CommandError(body.message, exit_code, error=body.error)
