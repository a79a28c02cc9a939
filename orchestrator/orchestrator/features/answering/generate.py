"""Step ``generate``: the answer, word by word."""

import time

from codemuse.clients.llm import LlmClient
from codemuse.clients.llm_administration import LlmAdministrationClient
from codemuse.contracts.chat import CitationRead
from codemuse.contracts.llm import ChatRequest, StreamOptions, Usage
from codemuse.contracts.providers import caller_headers
from codemuse.contracts.runs import EventType
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter
from orchestrator.features.answering.prompt import AskPrompt, ask_variables, with_history

_FLUSH_SECONDS = 0.03
"""Pieces that come faster than the eye reads are stored together."""
_MAXIMUM_TOKENS = 1500
_MAXIMUM_CONTEXT_TOKENS = 12_000
"""Sources, the answer and some three thousand tokens of history; of a longer conversation the beginning is summarised."""


class GenerateStep:
    """Streams the model's answer into the run."""

    def __init__(self, llm: LlmClient) -> None:
        self._llm = llm
        self._prompt = AskPrompt(LlmAdministrationClient(llm.service))

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished:
        """Ask the model; when the step begins anew, readers are told to drop what they have."""
        if run.attempt > 1 or run.checkpoint:
            await writer.emit(EventType.RESET)
        plan = run.results["plan"]
        sources = [CitationRead.model_validate(source) for source in run.results["retrieve"]["sources"]]
        names = {entry["repository_id"]: entry["name"] for entry in plan["scope"]}
        caller = caller_headers(
            organisation=run.organisation_id, user=run.user_id, role="member", run=run.id, session=run.session_id
        )
        prompt = await self._prompt.render(
            run.input.get("prompt"),
            ask_variables(str(run.input["question"]), sources, names),
            subject=run.id,
            caller=caller,
        )
        request = ChatRequest(
            model=run.input.get("model") or "default",
            messages=with_history(prompt, plan["history"]),
            stream=True,
            stream_options=StreamOptions(include_usage=True),
            max_tokens=_MAXIMUM_TOKENS,
            temperature=0.2,
            truncation="auto",
            max_context_tokens=_MAXIMUM_CONTEXT_TOKENS,
        )
        answer = _Answer(writer)
        async for event in self._llm.stream(request, caller=caller):
            answer.model = event.model or answer.model
            answer.usage = event.usage or answer.usage
            for choice in event.choices:
                await answer.add(choice.delta.content or "")
        await answer.flush()
        usage = answer.usage or Usage()
        tokens = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
        return Finished(
            {"content": "".join(answer.pieces), "model": answer.model, "usage": tokens},
            {"model": answer.model, "prompt": f"{prompt.name}@{prompt.version}", **tokens},
        )


class _Answer:
    """Collects an answer and emits it in pieces."""

    def __init__(self, writer: RunWriter) -> None:
        self.pieces: list[str] = []
        self.model = ""
        self.usage: Usage | None = None
        self._writer = writer
        self._waiting = ""
        self._flushed_at = 0.0

    async def add(self, text: str) -> None:
        """Take a piece in."""
        self._waiting += text
        if self._waiting and time.monotonic() - self._flushed_at >= _FLUSH_SECONDS:
            await self.flush()

    async def flush(self) -> None:
        """Emit what is waiting."""
        if self._waiting:
            text, self._waiting = self._waiting, ""
            self.pieces.append(text)
            await self._writer.emit(EventType.TOKEN, text=text)
            self._flushed_at = time.monotonic()
