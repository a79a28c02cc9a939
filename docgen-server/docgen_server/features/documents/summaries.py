"""Has a language model write the opening of pages: what is known already is not asked for again, and every word is checked.

A page never waits for a model: what cannot be written now (no model, no budget, no time) stays away, and is asked for the
next time that documents are generated.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from codemuse.clients.llm import LlmClient
from codemuse.contracts.llm import ChatReply, ChatRequest
from codemuse.contracts.providers import caller_headers
from codemuse.database import Sessions
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from docgen_server.core.summaries.checking import check_answer
from docgen_server.core.summaries.evidence import Evidence
from docgen_server.core.summaries.policy import SummaryPolicy
from docgen_server.core.summaries.prompt import estimate_tokens, make_request, request_key
from docgen_server.db.summaries import SummaryStore, Written

_log = get_logger(__name__)
_AT_ONCE = 4
_MOST_FAILURES = 3
_LONGEST_NAME = 100
_NO_MODEL = "extractive"
"""What llm-server answers with when no language model does; it quotes, which pages do anyway."""
Page = tuple[str, str]
"""Path and language of a page."""
Stopped = Literal["time", "budget", "unavailable"]


@dataclass(slots=True)
class Summaries:
    """Summaries of pages, by whatever names the page."""

    found: dict[Page, Written] = field(default_factory=dict)
    pending: set[Page] = field(default_factory=set)
    written: int = 0
    stopped: Stopped | None = None


@dataclass(slots=True)
class _Work:
    """One call's share of the limits, and what it has brought so far."""

    waiting: list[tuple[str, ChatRequest, Evidence]]
    repository_id: str
    caller: Mapping[str, str]
    tokens: int
    deadline: float
    done: dict[str, Written] = field(default_factory=dict)
    failures: int = 0
    stopped: Stopped | None = None

    def next(self) -> tuple[str, ChatRequest, Evidence] | None:
        """What to ask for next; nothing once a limit is reached."""
        if self.waiting and self.stopped is None:
            if time.monotonic() >= self.deadline:
                self.stopped = "time"
            elif estimate_tokens(self.waiting[0][1]) > self.tokens:
                self.stopped = "budget"
            elif self.failures >= _MOST_FAILURES:
                self.stopped = "unavailable"
        return self.waiting.pop(0) if self.waiting and self.stopped is None else None


class SummaryWriter:
    """Writes what is not written yet, within limits.

    Args:
        llm: Where models are asked.
        sessions: Where summaries are kept.
        policy: Whether they are wanted, and what they may take.
    """

    def __init__(self, llm: LlmClient, sessions: Sessions, policy: SummaryPolicy) -> None:
        self._llm = llm
        self._sessions = sessions
        self.policy = policy

    async def write(
        self, wanted: Mapping[Page, tuple[Evidence, str]], repository_id: str, organisation_id: str | None
    ) -> Summaries:
        """Summaries of pages, known or new.

        Args:
            wanted: Facts and language by page, the pages that matter most first.
            repository_id: Whose pages they are.
            organisation_id: Who is charged for them.
        """
        requests = {page: make_request(evidence, locale) for page, (evidence, locale) in wanted.items()}
        keys = {page: request_key(repository_id, request) for page, request in requests.items()}
        async with self._sessions.begin() as session:
            store = SummaryStore(session, repository_id)
            known = await store.find(list(keys.values()))
            spent = await store.spent_tokens()
        work = _Work(
            waiting=[(keys[page], requests[page], wanted[page][0]) for page in wanted if keys[page] not in known],
            repository_id=repository_id,
            caller=caller_headers(organisation=organisation_id, role="service"),
            tokens=self.policy.tokens_a_day - spent,
            deadline=time.monotonic() + self.policy.seconds,
        )
        await asyncio.gather(*(self._work_off(work) for _ in range(_AT_ONCE)))
        everything = known | work.done
        return Summaries(
            found={page: everything[key] for page, key in keys.items() if key in everything},
            pending={page for page, key in keys.items() if key not in everything},
            written=len(work.done),
            stopped=work.stopped or ("unavailable" if work.failures else None),
        )

    async def _work_off(self, work: _Work) -> None:
        while (one := work.next()) is not None:
            key, request, evidence = one
            reserved = estimate_tokens(request)
            work.tokens -= reserved
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + self.policy.seconds):
                    reply = await self._llm.complete(request, caller=work.caller)
            except TimeoutError:
                work.stopped = "time"
                return
            except CodeMuseError as error:
                work.tokens += reserved
                work.failures += 1
                _log.warning("a summary was not written", path=evidence.path, reason=error.public_code)
                continue
            if reply.model == _NO_MODEL:
                work.tokens += reserved
                work.stopped = "unavailable"
                return
            work.failures = 0
            work.done[key] = written = _read(reply, evidence, reserved)
            work.tokens += reserved - written.token_count
            async with self._sessions.begin() as session:
                await SummaryStore(session, work.repository_id).keep(key, written)


def _read(reply: ChatReply, evidence: Evidence, reserved: int) -> Written:
    answer = (reply.choices[0].message.content if reply.choices else None) or ""
    taken = reply.usage.total_tokens if reply.usage else 0
    return Written(reply.model[:_LONGEST_NAME], tuple(check_answer(answer, evidence)), taken or reserved)
