"""Renders with templates that a repository brings along, in a process that can be killed: its author is not trusted."""

import asyncio
import multiprocessing
import resource
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from docgen_server.core.documents.render import Job, Renderer, TemplateFault

TEMPLATE_FOLDER = ".codemuse/templates/"
LARGEST_TEMPLATE_BYTES = 64 * 1024
_MEMORY_BYTES = 1024 * 2**20


class TemplateSandbox:
    """One process that starts when the first repository has templates of its own.

    Args:
        timeout_seconds: Time for the sections of one page.
    """

    def __init__(self, *, timeout_seconds: float = 5.0) -> None:
        self._timeout_seconds = timeout_seconds
        self._pool = ProcessPool(max_workers=1, initializer=_limit_memory, context=multiprocessing.get_context("spawn"))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)

    async def render(self, templates: Mapping[str, str], jobs: Sequence[Job], locale: str) -> list[str]:
        """The sections as Markdown, in the order given.

        Args:
            templates: Text by kind of page.
            jobs: Sections of one page.
            locale: Language of the phrases.

        Raises:
            TemplateFault: A template is wrong, fails, writes too much or takes too long.
        """
        future = self._pool.submit(_render, self._timeout_seconds, dict(templates), list(jobs), locale)
        try:
            texts: list[str] = await asyncio.wrap_future(future)
        except FutureTimeoutError:
            raise TemplateFault(f"Rendering took longer than {self._timeout_seconds:g} s and was stopped.") from None
        except (ProcessExpired, MemoryError, RecursionError):
            raise TemplateFault("Rendering needed more memory than is allowed.") from None
        return texts


def _render(templates: Mapping[str, str], jobs: Sequence[Job], locale: str) -> list[str]:
    renderer = Renderer(templates)
    return [renderer.render(job, locale) for job in jobs]


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
