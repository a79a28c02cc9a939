"""Takes archives into the mirror of a repository, and drops repositories."""

import asyncio
from typing import BinaryIO

from codemuse.contracts.docgen import ArchiveRead
from codemuse.database import Sessions
from docgen_server.core.archives.importer import import_archive
from docgen_server.core.archives.reader import ArchiveLimits
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.features.repositories.repository import delete_rows


class RepositoryService:
    """What can be done with a repository as a whole."""

    def __init__(self, sessions: Sessions, mirrors: MirrorStore, limits: ArchiveLimits) -> None:
        self._sessions = sessions
        self._mirrors = mirrors
        self._limits = limits

    async def import_archive(self, repository_id: str, content: BinaryIO) -> ArchiveRead:
        """Store the files of an archive as a tree of the mirror.

        Raises:
            CodeMuseError: The archive cannot be read, or is unsafe, or exceeds a limit.
        """
        mirror = self._mirrors.get(repository_id)
        async with mirror.lock:
            await mirror.create()
            imported = await asyncio.to_thread(import_archive, mirror.folder, content, self._limits)
            tree = await mirror.top_folder(imported.tree)
            await mirror.commit_tree(tree)
        return ArchiveRead(
            archive_id=tree,
            file_count=imported.file_count,
            byte_count=imported.byte_count,
            skipped=imported.skipped,
        )

    async def delete(self, repository_id: str) -> None:
        """Drop the mirror and all rows; a repository that is not there is gone already."""
        async with self._sessions.begin() as session:
            await delete_rows(session, repository_id)
        await self._mirrors.get(repository_id).remove()
