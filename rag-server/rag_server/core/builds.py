"""An index that is built beside the one that is searched, and takes its place when it is complete.

Repositories come into it one by one. Until one is complete there, only the old index hears of its writes; from then on
both do. So whoever fills the new one must keep other writers of a repository away only as long as he copies that one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from codemuse.errors import CodeMuseError
from rag_server.core.backups import Backups
from rag_server.core.catalogue import Build, Catalogue, collection_name
from rag_server.core.embedder import IndexModels
from rag_server.core.errors import BuildIncomplete, BuildNotFound, BuildUnderWay, IndexOpening
from rag_server.core.index import Index, IndexOpener
from rag_server.core.points import RepositoryKey


class Builds:
    """Begins, fills, publishes and gives up builds; there is at most one."""

    def __init__(self, opener: IndexOpener, backups: Backups) -> None:
        self._opener = opener
        self._backups = backups
        self._beginning = asyncio.Lock()

    def get(self, build_id: str) -> tuple[Build, Index]:
        """The build that is under way.

        Raises:
            BuildNotFound: It is not.
        """
        build = self._opener.catalogue.build
        if build is None or build.id != build_id:
            raise BuildNotFound
        return build, self._opener.get(build.collection)

    async def begin(self, build_id: str, repositories: Sequence[RepositoryKey], backup: str | None) -> Build:
        """Begin with nothing or with a backup; beginning the same twice is harmless.

        Args:
            build_id: A name for it.
            repositories: What it must hold before it may be searched; whatever the index holds now is added.
            backup: What it begins with.

        Raises:
            BuildUnderWay: There is another one.
            BackupNotFound: There is no such backup.
            BackupRefused: The backup is damaged or does not fit.
        """
        async with self._beginning:
            if not _is_begun(self._opener.catalogue, build_id):
                await self._begin(build_id, repositories, backup)
            return await self._count_restored(build_id)

    async def complete(self, build_id: str, key: RepositoryKey) -> Build:
        """Note that a repository is in it; from now on it hears of all writes.

        Raises:
            BuildNotFound: There is no such build.
        """
        return await self._alter(build_id, lambda build: {"pending": build.without(key).pending})

    async def publish(self, build_id: str) -> None:
        """Search it from now on; doing it twice is harmless.

        Raises:
            BuildNotFound: There is no such build.
            BuildIncomplete: Repositories are missing.
        """

        async def swap(catalogue: Catalogue) -> Catalogue:
            build = catalogue.build
            if catalogue.current == collection_name(catalogue, build_id):
                return catalogue
            if build is None or build.id != build_id:
                raise BuildNotFound
            if build.pending:
                raise BuildIncomplete(len(build.pending))
            self._opener.get(build.collection)
            return catalogue.published()

        await self._opener.change(swap)

    async def abandon(self, build_id: str) -> None:
        """Give it up, if it is still under way."""

        async def drop(catalogue: Catalogue) -> Catalogue:
            build = catalogue.build
            return catalogue.abandoned() if build is not None and build.id == build_id else catalogue

        await self._opener.change(drop)

    @asynccontextmanager
    async def writing(self, key: RepositoryKey, build_id: str | None) -> AsyncIterator[list[Index]]:
        """What a write of a repository goes to, while that does not change.

        Without a build it is the index that is searched, and the one that is built if the repository is in it. An index that
        cannot be opened hears of nothing while another is built: that one gets the repository from its sources.

        Raises:
            BuildNotFound: There is no such build.
            Unavailable: There is nothing to write to.
        """
        await self._opener.refresh()
        async with self._opener.gate.passing():
            if build_id is not None:
                yield [self.get(build_id)[1]]
                return
            build = self._opener.catalogue.build
            beside = [self._opener.get(build.collection)] if build and key.owner not in build.pending else []
            try:
                targets = [self._opener.index, *beside]
            except CodeMuseError:
                if build is None:
                    raise
                targets = beside
            yield targets

    async def _begin(self, build_id: str, repositories: Sequence[RepositoryKey], backup: str | None) -> None:
        models = await self._models()
        collection = collection_name(models, build_id)
        if backup is not None:
            await self._backups.load(backup, collection, models)

        async def add(catalogue: Catalogue) -> Catalogue:
            if _is_begun(catalogue, build_id):
                return catalogue
            owners = {key.owner for key in (*repositories, *await self._indexed())}
            build = Build(
                id=build_id,
                collection=collection,
                fast=models.fast,
                dense=models.dense,
                pending=sorted(owners),
                backup=backup or "",
                is_uncounted=backup is not None,
            )
            return catalogue.model_copy(update={"build": build})

        await self._opener.change(add)

    async def _count_restored(self, build_id: str) -> Build:
        """What a backup brought must be brought up to date too, also when that was interrupted before it was noted."""
        build, index = self.get(build_id)
        if not build.is_uncounted:
            return build
        restored = {key.owner for key in await index.store.list_owners()}
        return await self._alter(
            build_id, lambda build: {"pending": sorted({*build.pending, *restored}), "is_uncounted": False}
        )

    async def _alter(self, build_id: str, change: Callable[[Build], dict[str, Any]]) -> Build:
        async def alter(catalogue: Catalogue) -> Catalogue:
            build = catalogue.build
            if build is None or build.id != build_id:
                raise BuildNotFound
            return catalogue.model_copy(update={"build": build.model_copy(update=change(build))})

        await self._opener.change(alter)
        return self.get(build_id)[0]

    async def _models(self) -> IndexModels:
        """What a new index is made with: the models that are served, or else those of the present one."""
        try:
            await self._opener.served.know()
        except CodeMuseError:
            return self._opener.catalogue
        if (pair := self._opener.served.pair) is None:
            raise IndexOpening
        return pair

    async def _indexed(self) -> Sequence[RepositoryKey]:
        try:
            return list(await self._opener.index.store.list_owners())
        except CodeMuseError:
            return []  # an index that cannot be opened; its repositories are known to whoever began the build


def _is_begun(catalogue: Catalogue, build_id: str) -> bool:
    if catalogue.build is not None and catalogue.build.id != build_id:
        raise BuildUnderWay(catalogue.build.id)
    return catalogue.build is not None
