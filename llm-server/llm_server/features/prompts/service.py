"""Storing versions of prompts, choosing one and filling it in."""

import hashlib
import uuid
from collections.abc import Sequence

from codemuse.contracts.llm import ChatMessage
from codemuse.contracts.prompts import (
    VARIABLE,
    PromptRender,
    PromptTemplateList,
    PromptTemplateRead,
    PromptTemplateWrite,
    RenderedPrompt,
    fill,
)
from codemuse.database import Sessions
from codemuse.errors import InvalidInput, NotFound
from llm_server.core.calls import Caller
from llm_server.db.models import PromptTemplate
from llm_server.features.prompts.repository import PromptRepository

_BUCKETS = 2**32


class PromptService:
    """Templates of the caller's organisation."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def list_all(self, caller: Caller, name: str | None) -> PromptTemplateList:
        """All versions, or those of one template."""
        async with self._sessions() as session:
            found = await PromptRepository(session, caller.organisation).list_versions(name)
        return PromptTemplateList(items=[_read(template) for template in found])

    async def create(self, body: PromptTemplateWrite, caller: Caller) -> PromptTemplateRead:
        """Store the next version."""
        variables = sorted({*VARIABLE.findall(body.system), *VARIABLE.findall(body.user)})
        async with self._sessions.begin() as session:
            repository = PromptRepository(session, caller.organisation)
            version = await repository.next_version(body.name)
            if body.replace:
                await repository.retire(body.name)
            template = PromptTemplate(
                id=uuid.uuid4().hex,
                organisation_id=caller.organisation,
                version=version,
                variables=variables,
                created_by=caller.user,
                **body.model_dump(exclude={"replace"}),
            )
            await repository.add(template)
        return _read(template)

    async def render(self, name: str, body: PromptRender, caller: Caller) -> RenderedPrompt:
        """Messages with the variables filled in.

        Raises:
            NotFound: There is no such template or version.
            InvalidInput: A variable is missing, or there is none of that name.
        """
        async with self._sessions() as session:
            versions = await PromptRepository(session, caller.organisation).list_versions(name)
        template = _choose(versions, body)
        if template is None:
            raise NotFound(f"There is no prompt '{name}' in that version.", code="prompt_not_found")
        missing = [one for one in template.variables if one not in body.variables]
        unknown = [one for one in body.variables if one not in template.variables]
        if missing or unknown:
            problem = f"needs {', '.join(missing)}" if missing else f"has no variable {', '.join(unknown)[:200]}"
            raise InvalidInput(f"The prompt '{name}' {problem}.", code="prompt_variables", missing=missing)
        messages = [
            ChatMessage(role=role, content=fill(text, body.variables))
            for role, text in (("system", template.system), ("user", template.user))
            if text
        ]
        return RenderedPrompt(name=name, version=template.version, messages=messages)


def _choose(versions: Sequence[PromptTemplate], body: PromptRender) -> PromptTemplate | None:
    """The version asked for, or one by the shares: the same subject always meets the same one."""
    if body.version is not None:
        return next((template for template in versions if template.version == body.version), None)
    offered = [template for template in versions if template.share > 0]
    if not offered:
        return versions[0] if versions else None
    seed = f"{offered[0].name}\0{body.subject}".encode()
    place = int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest(), "big") / _BUCKETS
    place *= sum(template.share for template in offered)
    for template in offered:
        place -= template.share
        if place < 0:
            return template
    return offered[-1]


def _read(template: PromptTemplate) -> PromptTemplateRead:
    return PromptTemplateRead.model_validate(template, from_attributes=True)
