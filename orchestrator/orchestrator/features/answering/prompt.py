"""What a language model is told: the organisation's own prompt, or the built-in one."""

from collections.abc import Mapping, Sequence
from typing import Any

from codemuse.clients.llm_administration import LlmAdministrationClient
from codemuse.contracts.chat import CitationRead
from codemuse.contracts.llm import ChatMessage
from codemuse.contracts.prompts import ASK_PROMPT, PromptRender, RenderedPrompt, fill, split_reference
from codemuse.contracts.sources import Source, render_sources
from codemuse.errors import NotFound
from orchestrator.core.built_in_prompts import BUILT_IN_PROMPTS, BUILT_IN_VERSION

_NOTHING_FOUND = "(no source was found)"


class AskPrompt:
    """Fills in the prompt of a question."""

    def __init__(self, llm: LlmAdministrationClient) -> None:
        self._llm = llm

    async def render(
        self, reference: str | None, variables: Mapping[str, str], *, subject: str, caller: Mapping[str, str]
    ) -> RenderedPrompt:
        """The prompt with its variables filled in.

        Args:
            reference: ``name`` or ``name@version``; the prompt of the workflow when not given.
            variables: Their values.
            subject: Whose prompt it is: of versions that are tried side by side, it always meets the same one.
            caller: On whose behalf, as headers.

        Raises:
            NotFound: A prompt was asked for that there is not.
        """
        name, version = split_reference(reference or ASK_PROMPT)
        if version == BUILT_IN_VERSION:
            return _built_in(variables)
        body = PromptRender(variables=dict(variables), version=version, subject=subject)
        try:
            return await self._llm.render_prompt(name, body, caller=caller)
        except NotFound:
            if name != ASK_PROMPT or version is not None:
                raise
            return _built_in(variables)


def ask_variables(question: str, sources: Sequence[CitationRead], names: Mapping[str, str]) -> dict[str, str]:
    """What a prompt for questions is filled in with: the question and the numbered sources."""
    numbered = [_source(citation, names.get(citation.repository_id, "")) for citation in sources]
    return {"question": question, "sources": render_sources(numbered) if numbered else _NOTHING_FOUND}


def with_history(prompt: RenderedPrompt, history: Sequence[Mapping[str, str]]) -> list[ChatMessage]:
    """The messages of one request: instructions, what was said before, sources and question."""
    *instructions, question = prompt.messages
    earlier = [ChatMessage.model_validate({"role": turn["role"], "content": turn["content"]}) for turn in history]
    return [*instructions, *earlier, question]


def _built_in(variables: Mapping[str, str]) -> RenderedPrompt:
    prompt = BUILT_IN_PROMPTS[ASK_PROMPT]
    messages = [
        ChatMessage(role="system", content=prompt.system),
        ChatMessage(role="user", content=fill(prompt.user, variables)),
    ]
    return RenderedPrompt(name=ASK_PROMPT, version=BUILT_IN_VERSION, messages=messages)


def _source(citation: CitationRead, repository: str) -> Source:
    fields: dict[str, Any] = citation.model_dump(
        include={"path", "start_line", "end_line", "text", "language", "symbol"}
    )
    return Source(number=citation.id, repository=repository, **fields)
