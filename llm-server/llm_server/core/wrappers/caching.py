"""Giving an earlier answer again: to the very same request, or to one that asks nearly the same of the same evidence.

Only what must come out alike is kept: requests that ask for determinism (``temperature`` 0) or say ``"cache": true``
themselves, without tools and for one answer. The key holds everything that decides an answer: organisation, the models
that are to answer, every field of the request, and so the evidence and its commits, which stand in the prompt. Who may see other evidence has
another prompt, and a new generation of the index another evidence. Similar questions share an answer only if all but the
question itself is equal and their vectors are nearly so.
"""

import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import numpy as np
import orjson
from numpy.typing import NDArray
from redis.asyncio import Redis
from redis.exceptions import RedisError

from llm_server.core.calls import Call, Completion, Event, Json, events_of, message_text
from llm_server.core.metrics import CACHE
from llm_server.core.model import Model
from llm_server.core.providers.provider import Events, Provider, Wrapper

Vector = NDArray[np.float32]
Embed = Callable[[str], Awaitable[Vector | None]]
"""A vector of length one for a question; ``None`` when nobody makes vectors."""

_SECONDS = 24 * 3600
_MOST_SIMILAR = 64
"""Questions that are kept for one piece of evidence, newest first."""
_LONGEST_QUESTION = 600
"""A vector tells about so many characters apart; of longer questions it sees only the beginning."""
_LARGEST_BYTES = 64 * 1024
_MOST_KEPT = 1000
"""Entries of one organisation; the oldest give way, so that a cache never fills the store that others need."""
_QUESTION = re.compile(r"<question>\n?(.*?)\n?</question>", re.DOTALL)
_NAME = re.compile(r"`[^`]+`|\"[^\"]+\"|\b\w*(?:[_.\d]\w|[a-z][A-Z])[\w.]*|(?<=[a-z,;] )[A-Z]\w+")
_IGNORED = frozenset({"stream", "stream_options", "cache", "user", "metadata"})


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """Where answers are kept.

    Attributes:
        redis: The store; without it, nothing is found.
        embed: Makes vectors of questions.
        threshold: Least cosine at which two questions ask the same.
    """

    redis: Redis
    embed: Embed
    threshold: float

    async def find(self, call: Call, chain: str) -> Json | None:
        """An earlier answer of a chain of models to the call, as a whole completion."""
        exact, similar, question = _keys(call, chain)
        try:
            if (found := await self.redis.get(exact)) is not None:
                return self._hit(call, "exact", orjson.loads(found))
            if (found := await self._find_similar(similar, question)) is not None:
                return self._hit(call, "similar", orjson.loads(found))
        except (RedisError, OSError):
            return None
        CACHE.labels("miss").inc()
        return None

    async def _find_similar(self, place: str, question: str) -> bytes | None:
        if len(question) > _LONGEST_QUESTION:
            return None
        candidates = await cast("Awaitable[list[bytes]]", self.redis.lrange(place, 0, _MOST_SIMILAR - 1))
        vector = await self.embed(question) if candidates else None
        if vector is None:
            return None
        names = _names(question)
        for candidate in map(orjson.loads, candidates):
            near = float(np.dot(vector, np.asarray(candidate["vector"], np.float32))) >= self.threshold
            if near and candidate["names"] == names:
                return cast("bytes | None", await self.redis.get(candidate["answer"]))
        return None

    async def keep(self, call: Call, chain: str, completion: Json) -> None:
        """Keep an answer that ended as it should."""
        content = orjson.dumps(completion)
        if completion["choices"][0].get("finish_reason") != "stop" or len(content) > _LARGEST_BYTES:
            return
        exact, similar, question = _keys(call, chain)
        index, now = _index(call.caller.organisation), time.time()
        try:
            vector = await self.embed(question) if len(question) <= _LONGEST_QUESTION else None
            async with self.redis.pipeline(transaction=True) as pipe:
                pipe.set(exact, content, ex=_SECONDS)
                pipe.zadd(index, {exact: now})
                if vector is not None:
                    pipe.lpush(
                        similar, orjson.dumps({"vector": vector.tolist(), "names": _names(question), "answer": exact})
                    )
                    pipe.ltrim(similar, 0, _MOST_SIMILAR - 1)
                    pipe.expire(similar, _SECONDS)
                    pipe.zadd(index, {similar: now})
                pipe.expire(index, _SECONDS)
                pipe.zrange(index, 0, -_MOST_KEPT - 1)
                oldest: list[bytes] = (await pipe.execute())[-1]
            if oldest:
                await self.redis.delete(*oldest)
                await self.redis.zrem(index, *oldest)
        except (RedisError, OSError):
            return

    async def purge(self, organisation: str) -> int:
        """Forget every answer of an organisation; how many entries there were.

        Raises:
            RedisError: Redis does not answer.
        """
        index = _index(organisation)
        keys = cast("list[bytes]", await self.redis.zrange(index, 0, -1))
        if keys:
            await self.redis.delete(*keys, index)
        return len(keys)

    def _hit(self, call: Call, kind: str, completion: Json) -> Json:
        call.trace.cache, call.trace.cached_model = kind, str(completion.get("model", ""))
        call.trace.headers["X-CodeMuse-Cache"] = kind
        CACHE.labels(kind).inc()
        return completion


class CachingProvider(Wrapper):
    """Looks for an earlier answer first, where one may be given.

    Args:
        inner: Who answers.
        models: Who they are, the preferred one first: whoever gives the role to others wants their answers.
        cache: Where answers are kept.
    """

    def __init__(self, inner: Provider, models: Sequence[Model], cache: AnswerCache) -> None:
        super().__init__(inner)
        self._chain = " ".join(f"{model.name}={model.kind}:{model.address}" for model in models)
        self._cache = cache

    async def complete(self, call: Call) -> Completion:
        """An earlier answer, or a new one that is kept."""
        if not may_be_cached(call):
            return await self._inner.complete(_plain(call))
        if (found := await self._cache.find(call, self._chain)) is not None:
            return Completion(orjson.dumps(found), found)
        completion = await self._inner.complete(_plain(call))
        await self._keep(call, completion.fields)
        return completion

    async def stream(self, call: Call) -> Events:
        """An earlier answer in one piece, or a new one that is kept."""
        if may_be_cached(call) and (found := await self._cache.find(call, self._chain)) is not None:
            yield events_of(found)
            return
        said = _Said()
        async with aclosing(self._inner.stream(_plain(call))) as groups:
            async for events in groups:
                said.take(events)
                yield events
        if may_be_cached(call):
            await self._keep(call, said.completion())

    async def _keep(self, call: Call, completion: Json) -> None:
        """Keep what the preferred model said; a stand-in's answer must not outlive the failure."""
        if not call.trace.failed:
            await self._cache.keep(call, self._chain, completion)


class _Said:
    """Puts the events of an answer together."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._head: Json = {}
        self._usage: Json | None = None
        self._finish: str | None = None

    def take(self, events: list[Event]) -> None:
        for event in events:
            self._head = self._head or {key: event.fields.get(key) for key in ("id", "created", "model")}
            self._pieces.append(event.text)
            self._usage = event.fields.get("usage") or self._usage
            self._finish = event.finish_reason or self._finish

    def completion(self) -> Json:
        message = {"role": "assistant", "content": "".join(self._pieces)}
        choice = {"index": 0, "message": message, "finish_reason": self._finish}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage}


def may_be_cached(call: Call) -> bool:
    """Whether an earlier answer would do."""
    body = call.body
    if body.get("cache") is False or body.get("tools") or int(body.get("n") or 1) > 1 or "messages" not in body:
        return False
    return body.get("cache") is True or body.get("temperature") == 0


def _plain(call: Call) -> Call:
    return call.with_body(cache=None) if "cache" in call.body else call


def _index(organisation: str) -> str:
    return f"llm:cache:{organisation}:keys"


def _keys(call: Call, chain: str) -> tuple[str, str, str]:
    """Where the same request, and where requests that differ only in their question, are kept; and the question."""
    fields = {name: value for name, value in call.body.items() if name not in _IGNORED} | {"model": chain}
    *before, last = call.messages
    text = message_text(last)
    marked = _QUESTION.search(text)
    question = marked.group(1) if marked else text
    rest = {**fields, "messages": [*before, {**last, "content": text.replace(question, "", 1)}]}
    organisation = call.caller.organisation
    return (
        f"llm:cache:{organisation}:exact:{_digest(fields)}",
        f"llm:cache:{organisation}:similar:{_digest(rest)}",
        question,
    )


def _names(question: str) -> list[str]:
    """Names, numbers and quoted words: two questions about different ones are never the same, however near they are."""
    return sorted({word.casefold() for word in _NAME.findall(question)})


def _digest(fields: Json) -> str:
    return hashlib.blake2b(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS), digest_size=20).hexdigest()
