"""Tickets: a browser cannot send headers when it opens a WebSocket, and a token does not belong into a URL."""

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.chat import WebSocketTicket
from codemuse.errors import Unauthenticated, Unavailable
from orchestrator.core.credentials import fingerprint, new_secret
from orchestrator.core.principal import Principal

LIFETIME_SECONDS = 30


class TicketOffice:
    """Gives out tickets that open one socket, once, within half a minute."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def issue(self, principal: Principal) -> WebSocketTicket:
        """A ticket for the caller.

        Raises:
            Unavailable: Redis is away.
        """
        principal.require(ApiKeyScope.CHAT)
        ticket = new_secret()
        principal.require_person()
        holder = {"user_id": principal.user_id, "sid": principal.auth_session_id}
        try:
            await self._redis.set(_key(ticket), orjson.dumps(holder), ex=LIFETIME_SECONDS)
        except (RedisError, OSError):
            raise Unavailable("Live connections are not available at the moment.", retry_after=5) from None
        return WebSocketTicket(ticket=ticket, expires_in=LIFETIME_SECONDS)

    async def redeem(self, ticket: str) -> dict[str, str]:
        """Who the ticket was given to; it is void from now on.

        Raises:
            Unauthenticated: It is unknown, used or over.
        """
        try:
            holder = await self._redis.getdel(_key(ticket))
        except (RedisError, OSError):
            holder = None
        if holder is None:
            raise Unauthenticated("The ticket is not valid.")
        found: dict[str, str] = orjson.loads(holder)
        return found


def _key(ticket: str) -> str:
    return f"ws-ticket:{fingerprint(ticket)}"
