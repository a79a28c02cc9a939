"""The service token: what one internal service shows another."""

import hmac

from fastapi import Request
from pydantic import SecretStr

from codemuse.errors import Unauthenticated

MAXIMUM_CREDENTIAL_BYTES = 8192


def bearer_token(authorization: str | None) -> str:
    """The credential of an ``Authorization: Bearer`` header.

    Raises:
        Unauthenticated: The header is missing, of another scheme, or absurdly long.
    """
    scheme, _, credential = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not credential or len(credential) > MAXIMUM_CREDENTIAL_BYTES:
        raise Unauthenticated("Send an 'Authorization: Bearer ...' header.")
    return credential.strip()


class ServiceTokenGuard:
    """Dependency that lets in whoever carries the service token."""

    def __init__(self, service_token: SecretStr) -> None:
        self._expected = service_token.get_secret_value().encode()

    async def __call__(self, request: Request) -> None:
        """Compare in constant time.

        Raises:
            Unauthenticated: The token is missing or wrong.
        """
        key = request.headers.get("x-api-key")  # where Anthropic's clients show theirs
        shown = (key or bearer_token(request.headers.get("authorization"))).encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._expected):
            raise Unauthenticated("The service token is not valid.")
