"""All pages of a repository at once: as Markdown, as a site, as JSON."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from codemuse.contracts.documents import ExportedDocuments, ExportedPage, ExportFormat
from codemuse.database import Sessions
from docgen_server.core.documents.export import (
    PageFile,
    SiteFailed,
    build_site,
    file_of,
    pack_files,
    write_markdown,
)
from docgen_server.core.documents.links import OVERVIEW_PATH
from docgen_server.core.documents.sections import decode_sections
from docgen_server.db.models import Document
from docgen_server.features.documents.errors import ExportFailed, NoDocuments
from docgen_server.features.documents.reading import read_section
from docgen_server.features.documents.repository import DocumentRepository


class DocumentExporter:
    """Makes exports; sites one after the other, for each takes a processor for a while."""

    def __init__(self, sessions: Sessions, site_turn: asyncio.Semaphore, mermaid_script: Path | None) -> None:
        self._sessions = sessions
        self._site_turn = site_turn
        self._mermaid_script = mermaid_script

    async def export(self, repository_id: str, wanted: ExportFormat, locale: str) -> bytes:
        """The export: a zip, or JSON.

        Raises:
            NoDocuments: There are no pages in that language.
            ExportFailed: The site generator failed.
        """
        async with self._sessions() as session:
            repository = DocumentRepository(session)
            documents = list(await repository.all_pages(repository_id, locale))
            if not documents:
                raise NoDocuments("The repository has no documents in this language; have them generated first.")
            if wanted is ExportFormat.SITE:
                documents += await repository.all_pages(repository_id, "")
        if wanted is ExportFormat.JSON:
            return await asyncio.to_thread(_json, repository_id, locale, documents)
        pages = await asyncio.to_thread(_pages, documents)
        if wanted is ExportFormat.MARKDOWN:
            return await asyncio.to_thread(_zip, pages)
        return await self._site(pages, locale)

    async def _site(self, pages: Sequence[PageFile], locale: str) -> bytes:
        files = await asyncio.to_thread(write_markdown, pages, marked=False)
        title = next((page.title for page in pages if page.path == OVERVIEW_PATH), "Documentation")
        async with self._site_turn:
            try:
                site = await build_site(files, title=title, locale=locale, mermaid_script=self._mermaid_script)
            except SiteFailed as error:
                raise ExportFailed(f"The site could not be made: {error}") from error
        return await asyncio.to_thread(pack_files, site)


def _pages(documents: Sequence[Document]) -> list[PageFile]:
    return [
        PageFile(
            file_of(one.path, one.kind), one.path, one.kind, one.own_title or one.title, decode_sections(one.sections)
        )
        for one in documents
    ]


def _zip(pages: Sequence[PageFile]) -> bytes:
    return pack_files({name: text.encode() for name, text in write_markdown(pages, marked=True).items()})


def _json(repository_id: str, locale: str, documents: Sequence[Document]) -> bytes:
    pages = _pages(documents)
    texts = write_markdown(pages, marked=True)
    exported = ExportedDocuments(
        repository_id=repository_id,
        commit=max(documents, key=lambda one: one.updated_at).commit,
        language=locale,
        pages=[
            ExportedPage(
                file=page.file,
                path=page.path,
                kind=page.kind,
                title=page.title,
                source_file=document.source_file,
                content=texts[page.file],
                sections=[read_section(section) for section in page.sections],
            )
            for page, document in zip(pages, documents, strict=True)
        ],
    )
    return exported.model_dump_json().encode()
