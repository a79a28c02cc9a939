"""The shapes of what callers send, as far as we read it; what else they send is not ours to judge.

Numbers and flags must be such: they are reckoned with, not only passed on.
"""

from typing import Any, Literal, Self

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt, model_validator

Number = StrictInt | StrictFloat
Objects = list[dict[str, Any]]


class _Function(BaseModel):
    name: str


class _Choice(BaseModel):
    type: str = "function"
    function: _Function | None = None

    @model_validator(mode="after")
    def _names_its_function(self) -> Self:
        if self.type == "function" and self.function is None:
            raise ValueError("a function must be named")
        return self


class _Schema(BaseModel):
    described: dict[str, Any] | None = Field(default=None, alias="schema")


class _Format(BaseModel):
    type: str | None = None
    json_schema: _Schema | None = None

    @model_validator(mode="after")
    def _has_its_schema(self) -> Self:
        if self.type == "json_schema" and self.json_schema is None:
            raise ValueError("'json_schema' must be given")
        return self


class _CalledFunction(BaseModel):
    name: str
    arguments: str | None = None


class _ToolCall(BaseModel):
    id: str | None = None
    function: _CalledFunction


class _ChatMessage(BaseModel):
    tool_calls: list[_ToolCall] | None = None
    tool_call_id: str | None = None


class ChatShape(BaseModel):
    """A chat completion, beside what ``ChatRequest`` says of it."""

    messages: list[_ChatMessage]
    stream: StrictBool = False
    max_tokens: StrictInt | None = None
    max_completion_tokens: StrictInt | None = None
    max_context_tokens: StrictInt | None = None
    temperature: Number | None = None
    top_p: Number | None = None
    n: StrictInt | None = None
    stop: str | list[str] | None = None
    tool_choice: str | _Choice | None = None
    response_format: _Format | None = None
    reasoning_effort: str | None = None


class _Block(BaseModel):
    type: str
    text: str | None = None
    source: dict[str, Any] | None = None
    content: str | Objects | None = None


class _Turn(BaseModel):
    role: Literal["user", "assistant"]
    content: str | list[_Block]


class MessagesShape(BaseModel):
    """A request for a message, in Anthropic's words."""

    max_tokens: StrictInt
    messages: list[_Turn]
    system: str | Objects | None = None
    tools: Objects | None = None
    tool_choice: dict[str, Any] | None = None


class _Item(BaseModel):
    type: str = "message"
    role: str | None = None
    content: str | Objects | None = None
    output: str | Objects | None = None


class _Wanted(BaseModel):
    type: str | None = None


class _Text(BaseModel):
    format: _Wanted | None = None


class _Reasoning(BaseModel):
    effort: str | None = None


class ResponsesShape(BaseModel):
    """A request for a response, in OpenAI's words."""

    input: str | list[_Item]
    instructions: str | None = None
    tools: Objects | None = None
    text: _Text | None = None
    reasoning: _Reasoning | None = None
