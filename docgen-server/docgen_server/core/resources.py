"""Everything that the service opens, opened and closed in one place."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from sqlalchemy import text

from codemuse.clients.llm import LlmClient
from codemuse.database import Sessions, migrate, open_engine, single_reads
from codemuse.health import Check
from codemuse.http import ServiceAddress, open_service_client
from docgen_server.core.archives.reader import ArchiveLimits
from docgen_server.core.documents.render import Renderer
from docgen_server.core.documents.sandbox import TemplateSandbox
from docgen_server.core.git.address import AddressPolicy
from docgen_server.core.git.fetch import Fetcher
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.lint.ruff import RuffLinter
from docgen_server.core.pool import ParserPool
from docgen_server.core.settings import DocgenSettings
from docgen_server.core.summaries.policy import SummaryPolicy
from docgen_server.db.history import HistoryStore
from docgen_server.db.links import LinkStore
from docgen_server.db.models import SCHEMA

_LINTED_FILES = 3
"""One call of the linter may take as long as this many files that hang."""
_MIGRATIONS = Path(__file__).parents[1] / "db" / "migrations"


@dataclass(frozen=True)
class DocumentTools:
    """What pages are made with."""

    renderer: Renderer
    sandbox: TemplateSandbox
    site_turn: asyncio.Semaphore
    """Held while a site is made."""
    mermaid_script: Path | None
    """What exported sites draw their diagrams with."""
    llm: LlmClient
    """Writes openings of pages, where that is wanted."""
    summaries: SummaryPolicy


@dataclass(frozen=True)
class Resources:
    """What the features work with."""

    sessions: Sessions
    mirrors: MirrorStore
    links: LinkStore
    histories: HistoryStore
    policy: AddressPolicy
    fetcher: Fetcher
    parsers: ParserPool
    linter: RuffLinter
    archive_limits: ArchiveLimits
    largest_file_bytes: int
    documents: DocumentTools


def open_resources(settings: DocgenSettings) -> Callable[[], AbstractAsyncContextManager[Resources]]:
    """A way to open everything that the settings name."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Resources]:
        policy = AddressPolicy(allowed_hosts=settings.git_allowed_hosts, allow_local=settings.git_allow_local)
        async with AsyncExitStack() as stack:
            engine = await stack.enter_async_context(open_engine(settings.database_url.get_secret_value()))
            await migrate(engine, schema=SCHEMA, migrations=_MIGRATIONS)
            parsers = await stack.enter_async_context(
                ParserPool(
                    workers=settings.parser_workers,
                    timeout_seconds=settings.parser_timeout_seconds,
                    memory_bytes=settings.parser_memory_bytes,
                )
            )
            mirrors = MirrorStore(settings.mirrors, most_files=settings.max_files)
            sandbox = await stack.enter_async_context(TemplateSandbox())
            summaries = SummaryPolicy(settings.document_summaries, settings.summary_tokens_a_day)
            address = ServiceAddress("llm-server", settings.llm_server_url, settings.service_token)
            llm = LlmClient(await stack.enter_async_context(open_service_client(address)))
            yield Resources(
                sessions=single_reads(engine),
                mirrors=mirrors,
                links=LinkStore(mirrors),
                histories=HistoryStore(mirrors),
                policy=policy,
                fetcher=Fetcher(
                    policy,
                    largest_bytes=settings.git_max_bytes,
                    timeout_seconds=settings.git_timeout_seconds,
                    depth=settings.git_history_depth,
                ),
                parsers=parsers,
                linter=RuffLinter(settings.parser_timeout_seconds * _LINTED_FILES, settings.parser_memory_bytes),
                archive_limits=ArchiveLimits(settings.archive_max_unpacked_bytes, settings.max_files),
                largest_file_bytes=settings.max_file_bytes,
                documents=DocumentTools(
                    Renderer(), sandbox, asyncio.Semaphore(1), settings.site_script, llm, summaries
                ),
            )

    return opened


async def get_resources(request: Request) -> Resources:
    """The resources of the application that a request came to."""
    resources: Resources = request.app.state.resources
    return resources


def readiness_checks(resources: Resources) -> Mapping[str, Check]:
    """What must work for the service to be ready."""

    async def database() -> None:
        async with resources.sessions() as session:
            await session.execute(text("SELECT 1"))

    return {"database": database}
