"""Prompt templates: named texts with variables, in versions that never change."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from codemuse.contracts.common import Reply, Request
from codemuse.contracts.llm import ChatMessage

TemplateName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_\-]{0,63}$")]


class PromptTemplateWrite(Request):
    """Body of ``POST /api/v1/prompt-templates``: the next version of a template.

    ``{{name}}`` in a text is a variable. With ``replace`` the new version is the one that is taken from now on; without,
    it is tried beside the others, as often as its ``share`` says in relation to theirs.
    """

    name: TemplateName
    description: str = Field(default="", max_length=1000)
    system: str = Field(default="", max_length=100_000)
    user: str = Field(min_length=1, max_length=100_000)
    share: float = Field(default=1.0, ge=0, le=1000)
    replace: bool = True


class PromptTemplateRead(Reply):
    """A version of a template."""

    id: str
    name: str
    version: int
    description: str
    system: str
    user: str
    variables: list[str]
    share: float
    created_by: str
    created_at: datetime


class PromptTemplateList(Reply):
    """Reply of ``GET /api/v1/prompt-templates``, by name, newest version first."""

    items: list[PromptTemplateRead]


class PromptRender(Request):
    """Body of ``POST /api/v1/prompt-templates/{name}/render``.

    Without ``version`` one is chosen by the shares: always the same for the same ``subject``, such as a run's id.
    """

    variables: dict[str, str] = Field(default_factory=dict)
    version: int | None = Field(default=None, ge=1)
    subject: str = Field(default="", max_length=200)


class RenderedPrompt(Reply):
    """Messages to send, and the version that they come from."""

    name: str
    version: int
    messages: list[ChatMessage]
