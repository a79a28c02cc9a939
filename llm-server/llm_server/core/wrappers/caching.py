"""Giving an earlier answer again: to the very same request, or to one that asks nearly the same of the same evidence.

Only what must come out alike is kept: requests that ask for determinism (``temperature`` 0) or say ``"cache": true``
themselves, without tools and for one answer. The key holds everything that decides an answer: organisation, the models
that are to answer, every field of the request, and so the evidence and its commits, which stand in the prompt. Who may see
other evidence has another prompt, and a new generation of the index another evidence. What a stand-in said is not kept, nor
what the extractive answerer says. Similar questions share an answer only if all but the question itself is equal and their
vectors are nearly so.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import cast

import numpy as np
import orjson
from numpy.typing import NDArray
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from codemuse.background import end_task
from llm_server.core.calls import Call, Completion, Event, Json, events_of, message_text
from llm_server.core.metrics import CACHE
from llm_server.core.model import Kind, Model
from llm_server.core.providers.provider import Events, Provider, Wrapper

Vector = NDArray[np.float32]
Embed = Callable[[str, float], Awaitable[Vector | None]]
"""A vector of length one for a question, within seconds; ``None`` when nobody makes vectors in time."""

_SECONDS = 24 * 3600
_LOOK_SECONDS = 1.0
"""Longest wait for the vector of a question that somebody waits for; a similar answer is not worth more."""
_FILE_SECONDS = 10.0
"""The same when an answer is kept, which nobody waits for."""
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


class AnswerCache:
    """Where answers are kept.

    Args:
        redis: The store; without it, nothing is found.
        embed: Makes vectors of questions.
        threshold: Least cosine at which two questions ask the same.
    """

    def __init__(self, redis: Redis, embed: Embed, threshold: float) -> None:
        self._redis = redis
        self._embed = embed
        self._threshold = threshold
        self._filing: set[asyncio.Task[None]] = set()

    async def find(self, call: Call, chain: str) -> Json | None:
        """An earlier answer of a chain of models to the call, as a whole completion."""
        exact, similar, question = _keys(call, chain)
        try:
            if (found := await self._redis.get(exact)) is not None:
                return self._hit(call, "exact", orjson.loads(found))
            seconds = min(_LOOK_SECONDS, call.remaining_seconds())
            if (found := await self._find_similar(similar, question, seconds)) is not None:
                return self._hit(call, "similar", orjson.loads(found))
        except (RedisError, OSError):
            return None
        CACHE.labels("miss").inc()
        return None

    async def _find_similar(self, place: str, question: str, seconds: float) -> bytes | None:
        if len(question) > _LONGEST_QUESTION:
            return None
        candidates = await cast("Awaitable[list[bytes]]", self._redis.lrange(place, 0, _MOST_SIMILAR - 1))
        vector = await self._embed(question, seconds) if candidates else None
        if vector is None:
            return None
        names = _names(question)
        for candidate in map(orjson.loads, candidates):
            near = float(np.dot(vector, np.asarray(candidate["vector"], np.float32))) >= self._threshold
            if near and candidate["names"] == names:
                return cast("bytes | None", await self._redis.get(candidate["answer"]))
        return None

    async def keep(self, call: Call, chain: str, completion: Json) -> None:
        """Keep an answer that ended as it should; similar questions find it once its question has a vector."""
        content = orjson.dumps(completion)
        if not _is_whole(completion) or len(content) > _LARGEST_BYTES:
            return
        exact, similar, question = _keys(call, chain)
        organisation = call.caller.organisation
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(exact, content, ex=_SECONDS)
                await self._list(pipe, organisation, exact)
        except (RedisError, OSError):
            return
        if len(question) <= _LONGEST_QUESTION:
            task = asyncio.create_task(self._file(organisation, similar, question, exact))
            self._filing.add(task)
            task.add_done_callback(self._filing.discard)

    async def _file(self, organisation: str, place: str, question: str, answer: str) -> None:
        """Have similar questions find an answer."""
        if (vector := await self._embed(question, _FILE_SECONDS)) is None:
            return
        entry = orjson.dumps({"vector": vector.tolist(), "names": _names(question), "answer": answer})
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.lpush(place, entry)
                pipe.ltrim(place, 0, _MOST_SIMILAR - 1)
                pipe.expire(place, _SECONDS)
                await self._list(pipe, organisation, place)
        except (RedisError, OSError):
            return

    async def _list(self, pipe: Pipeline, organisation: str, key: str) -> None:
        """Write down that an organisation has a key, with all that the pipeline holds; the oldest keys give way."""
        index = _index(organisation)
        pipe.zadd(index, {key: time.time()})
        pipe.expire(index, _SECONDS)
        pipe.zrange(index, 0, -_MOST_KEPT - 1)
        oldest: list[bytes] = (await pipe.execute())[-1]
        if oldest:
            await self._redis.delete(*oldest)
            await self._redis.zrem(index, *oldest)

    async def close(self) -> None:
        """Give up what is not filed yet."""
        for task in list(self._filing):
            await end_task(task)

    async def purge(self, organisation: str) -> int:
        """Forget every answer of an organisation; how many entries there were.

        Raises:
            RedisError: Redis does not answer.
        """
        index = _index(organisation)
        keys = cast("list[bytes]", await self._redis.zrange(index, 0, -1))
        if keys:
            await self._redis.delete(*keys, index)
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
        self._is_extractive = models[0].kind is Kind.EXTRACTIVE
        self._cache = cache

    async def complete(self, call: Call) -> Completion:
        """An earlier answer, or a new one that is kept."""
        if not self._may_look(call):
            return await self._inner.complete(_plain(call))
        if (found := await self._cache.find(call, self._chain)) is not None:
            return Completion(orjson.dumps(found), found)
        completion = await self._inner.complete(_plain(call))
        await self._keep(call, completion.fields)
        return completion

    async def stream(self, call: Call) -> Events:
        """An earlier answer in one piece, or a new one that is kept."""
        may_look = self._may_look(call)
        if may_look and (found := await self._cache.find(call, self._chain)) is not None:
            yield events_of(found)
            return
        said = _Said()
        async with aclosing(self._inner.stream(_plain(call))) as groups:
            async for events in groups:
                said.take(events)
                yield events
        if may_look:
            await self._keep(call, said.completion())

    def _may_look(self, call: Call) -> bool:
        """What the extractive answerer says is had as quickly anew."""
        return not self._is_extractive and may_be_cached(call)

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


def _is_whole(completion: Json) -> bool:
    choice = completion["choices"][0]
    content = (choice.get("message") or {}).get("content")
    return choice.get("finish_reason") == "stop" and isinstance(content, str)


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
