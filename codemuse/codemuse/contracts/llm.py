"""llm-server: messages in, tokens out, in OpenAI's dialect."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from codemuse.contracts.common import Reply


class ChatMessage(BaseModel):
    """One message; content is a text, or OpenAI's list of parts."""

    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = None

    def text(self) -> str:
        """The textual content, parts joined."""
        if isinstance(self.content, list):
            return "".join(str(part.get("text", "")) for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    """OpenAI's ``stream_options``."""

    model_config = ConfigDict(extra="allow")

    include_usage: bool = False


class ChatRequest(BaseModel):
    """Body of ``POST /v1/chat/completions``; fields that we do not read are passed to the provider as they are."""

    model_config = ConfigDict(extra="allow")

    model: str = "default"
    messages: list[ChatMessage] = Field(min_length=1, max_length=1000)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    n: int | None = Field(default=None, ge=1, le=16)
    truncation: Literal["auto", "disabled"] | None = None
    """``auto``: the oldest turns of a conversation that is too long give way to a summary of them."""
    max_context_tokens: int | None = Field(default=None, ge=16)
    """Use no more of the model's context than this."""


class Usage(Reply):
    """Tokens read and written."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class AssistantMessage(Reply):
    """The message of a choice."""

    role: Literal["assistant"] = "assistant"
    content: str | None = None


class Choice(Reply):
    """One finished answer."""

    index: int = 0
    message: AssistantMessage
    finish_reason: str | None = None


class ChatReply(Reply):
    """Reply of ``POST /v1/chat/completions`` without ``stream``, as its upstream wrote it."""

    id: str = ""
    object: str = "chat.completion"
    created: int = 0
    model: str = ""
    choices: list[Choice]
    usage: Usage | None = None


class Delta(Reply):
    """The new part of a streamed choice."""

    role: str | None = None
    content: str | None = None


class ChunkChoice(Reply):
    """One choice of a stream event."""

    index: int = 0
    delta: Delta = Field(default_factory=Delta)
    finish_reason: str | None = None


class ChatChunk(Reply):
    """One event of a streamed completion, as its upstream wrote it; not all of them fill in everything."""

    id: str = ""
    object: str = "chat.completion.chunk"
    created: int = 0
    model: str = ""
    choices: list[ChunkChoice] = Field(default_factory=list)
    usage: Usage | None = None


class OpenAIErrorBody(Reply):
    """OpenAI's error object."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class OpenAIError(Reply):
    """The error envelope of the ``/v1`` routes."""

    error: OpenAIErrorBody
