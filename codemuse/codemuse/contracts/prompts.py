"""Prompt templates: named texts with variables, in versions that never change."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from codemuse.contracts.common import Reply, Request
from codemuse.contracts.llm import ChatMessage

ASK_PROMPT = "ask"
"""What answers questions, where an organisation has a prompt of this name."""
ASK_VARIABLES = frozenset({"question", "sources"})
"""What prompts for questions are filled in with; it must be both, or an answer could not be grounded."""
VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}")

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

    @model_validator(mode="after")
    def _fit_the_workflow(self) -> Self:
        """A prompt that no question could be asked with is refused before it is used."""
        if self.name == ASK_PROMPT or self.name.startswith(f"{ASK_PROMPT}-"):
            named = {*VARIABLE.findall(self.system), *VARIABLE.findall(self.user)}
            if named != ASK_VARIABLES or not named <= {*VARIABLE.findall(self.user)}:
                raise ValueError("prompts for questions have {{question}} and {{sources}} in 'user', and no others")
        return self


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
    created_at: datetime | None
    """Nothing for version 0, which is built in."""


class PromptTemplateList(Reply):
    """Reply of ``GET /api/v1/prompt-templates``, by name, newest version first."""

    items: list[PromptTemplateRead]


PromptReference = Annotated[str, StringConstraints(pattern=r"^ask(-[a-z0-9_\-]{1,60})?(@(0|[1-9][0-9]{0,5}))?$")]
"""A prompt for questions: ``ask``, ``ask-short``, or with its version, ``ask-short@2``."""


def split_reference(reference: str) -> tuple[str, int | None]:
    """Name and version of a reference."""
    name, _, version = reference.partition("@")
    return name, int(version) if version else None


def fill(text: str, variables: Mapping[str, str]) -> str:
    """A text with its variables filled in; what their values look like is not looked at again."""
    return VARIABLE.sub(lambda match: variables[match.group(1)], text)


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
