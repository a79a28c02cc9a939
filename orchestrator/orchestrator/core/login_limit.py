"""How often one may guess a password."""

from redis.asyncio import Redis
from redis.exceptions import RedisError

from codemuse.errors import TooManyRequests

_WINDOW_SECONDS = 60


class LoginLimit:
    """Counts attempts per account and minute in Redis; while Redis is away nobody is counted, or locked out."""

    def __init__(self, redis: Redis, attempts_per_minute: int) -> None:
        self._redis = redis
        self._attempts_per_minute = attempts_per_minute

    async def check(self, account: str) -> None:
        """Count an attempt.

        Raises:
            TooManyRequests: There were too many within the last minute.
        """
        key = f"login-attempts:{account}"
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(key, 0, ex=_WINDOW_SECONDS, nx=True)
                pipe.incr(key)
                _, attempts = await pipe.execute()
        except (RedisError, OSError):
            return
        if attempts > self._attempts_per_minute:
            message = "Too many attempts to sign in; wait a minute."
            raise TooManyRequests(message, code="login_throttled", retry_after=_WINDOW_SECONDS)
