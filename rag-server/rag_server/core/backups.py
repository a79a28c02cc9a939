"""Backups of the index: a folder each, with a manifest that says what it is and how to tell whether it is whole.

A backup is written beside the others and renamed when it is complete; what has another name is no backup.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from codemuse.contracts.upkeep import BackupCreate, BackupFile, BackupManifest, BackupRead, IndexModelRead
from codemuse.logging import get_logger
from rag_server.core.catalogue import FORMAT
from rag_server.core.disk import allocated_bytes, translate_full_disk
from rag_server.core.embedder import IndexModels
from rag_server.core.errors import BackupNotFound, BackupRefused
from rag_server.core.index import IndexOpener
from rag_server.core.reencoding import TermsMark
from rag_server.core.sparse import TERMS_VERSION

_log = get_logger(__name__)

MANIFEST = "manifest.json"
POINTS = "points"
PARTIAL = ".partial"
_READ_BYTES = 2**22


class Backups:
    """The backups of an installation.

    Args:
        folder: Where they lie.
        remembered: Where the service remembers what its collections hold.
        opener: The index.
    """

    def __init__(self, folder: Path, remembered: Path, opener: IndexOpener) -> None:
        self._folder = folder
        self._remembered = remembered
        self._opener = opener
        self._working = asyncio.Lock()

    async def create(self, wanted: BackupCreate) -> BackupManifest:
        """Copy the index as it is now; asking twice gives one backup.

        Raises:
            DiskFull: There is no room.
            Unavailable: The index is not open.
        """
        async with self._working:
            target = self._folder / wanted.id
            if (target / MANIFEST).exists():
                return await asyncio.to_thread(_read_manifest, target)
            partial = target.with_name(target.name + PARTIAL)
            await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
            try:
                with translate_full_disk(self._folder):
                    manifest = await self._write(wanted, partial)
                    await asyncio.to_thread(partial.rename, target)
            finally:
                await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
        _log.info("backup made", backup=wanted.id, chunks=manifest.chunk_count, bytes=manifest.byte_count)
        return manifest

    async def list(self) -> list[BackupRead]:
        """All of them, the newest first; what cannot be read is shown as incomplete."""
        return await asyncio.to_thread(_list, self._folder)

    async def get(self, backup_id: str) -> BackupManifest:
        """What a backup says of itself.

        Raises:
            BackupNotFound: There is none of this id.
            BackupRefused: Its manifest cannot be read.
        """
        return await asyncio.to_thread(_read_manifest, self._folder / backup_id)

    async def delete(self, backup_id: str) -> None:
        """Remove a backup.

        Raises:
            BackupNotFound: There is none of this id.
        """
        place = self._folder / backup_id
        if not place.is_dir():
            raise BackupNotFound
        await asyncio.to_thread(shutil.rmtree, place)

    async def load(self, backup_id: str, collection: str, models: IndexModels) -> BackupManifest:
        """Make a collection of a backup, after it was found to be whole and to fit.

        Raises:
            BackupNotFound: There is none of this id.
            BackupRefused: It is damaged, or was made with other models, in another format or by another engine.
            DiskFull: There is no room.
        """
        manifest = await self.get(backup_id)
        _refuse_foreign(manifest, self._opener.storage.engine, models)
        points = self._folder / backup_id / POINTS
        await asyncio.to_thread(_refuse_damaged, points, manifest.files)
        with translate_full_disk(self._folder):
            await self._opener.storage.load_copy(points, collection)
        if manifest.terms_version == TERMS_VERSION:
            TermsMark(self._remembered, collection).set()
        return manifest

    async def _write(self, wanted: BackupCreate, folder: Path) -> BackupManifest:
        catalogue, store = self._opener.catalogue, self._opener.index.store
        await asyncio.to_thread(folder.mkdir, parents=True)
        await store.save_copy(folder / POINTS)
        owners = await store.list_owners()
        files = await asyncio.to_thread(_describe, folder / POINTS)
        manifest = BackupManifest(
            id=wanted.id,
            origin=wanted.origin,
            created_at=datetime.now(UTC),
            engine=self._opener.storage.engine,
            collection=catalogue.current,
            models=_read_models(catalogue),
            format=FORMAT,
            terms_version=TERMS_VERSION,
            chunk_count=sum(owners.values()),
            repository_count=len(wanted.repositories),
            byte_count=await asyncio.to_thread(allocated_bytes, folder),
            repositories=wanted.repositories,
            files=files,
        )
        await asyncio.to_thread((folder / MANIFEST).write_text, manifest.model_dump_json(indent=1), "utf-8")
        return manifest


def _list(folder: Path) -> list[BackupRead]:
    if not folder.is_dir():
        return []
    found: list[BackupRead] = []
    for place in folder.iterdir():
        if place.is_dir() and not place.name.endswith(PARTIAL):
            try:
                found.append(BackupRead.model_validate(_read_manifest(place).model_dump()))
            except BackupRefused:
                found.append(_unreadable(place))
    return sorted(found, key=lambda backup: (backup.created_at, backup.id), reverse=True)


def _unreadable(place: Path) -> BackupRead:
    return BackupRead.model_validate(
        {
            "id": place.name,
            "origin": "person",
            "created_at": datetime.fromtimestamp(place.stat().st_mtime, UTC),
            "engine": "embedded",
            "collection": "",
            "models": [],
            "format": 0,
            "terms_version": 0,
            "chunk_count": 0,
            "repository_count": 0,
            "byte_count": allocated_bytes(place),
            "is_complete": False,
        }
    )


def _read_manifest(place: Path) -> BackupManifest:
    if not place.is_dir():
        raise BackupNotFound
    try:
        return BackupManifest.model_validate_json((place / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise BackupRefused("The backup's manifest is missing or damaged; use another backup.") from None


def _refuse_foreign(manifest: BackupManifest, engine: str, models: IndexModels) -> None:
    if manifest.engine != engine:
        message = f"This backup was made by the {manifest.engine} engine; here the {engine} one is used."
        raise BackupRefused(message, code="backup_of_other_engine")
    if manifest.format != FORMAT:
        message = (
            f"This backup has format {manifest.format}, this release reads {FORMAT}: run 'codemuse index rebuild'."
        )
        raise BackupRefused(message, code="backup_of_other_format")
    if manifest.models != _read_models(models):
        names = ", ".join(model.id for model in manifest.models)
        message = f"This backup was made with other models ({names}): run 'codemuse index rebuild'."
        raise BackupRefused(message, code="backup_of_other_models")


def _refuse_damaged(points: Path, files: Iterable[BackupFile]) -> None:
    listed = {file.path: file for file in files}
    present = {str(path.relative_to(points)) for path in _iter_files(points)} if points.is_dir() else set()
    for path in sorted(present ^ listed.keys()):
        raise BackupRefused("The backup is damaged: its files are not those that it lists.", file=path)
    for path, file in listed.items():
        if (points / path).stat().st_size != file.size or _digest(points / path) != file.sha256:
            raise BackupRefused("The backup is damaged: a file is not what it was.", file=path)


def _describe(points: Path) -> list[BackupFile]:
    return [
        BackupFile(path=str(path.relative_to(points)), size=path.stat().st_size, sha256=_digest(path))
        for path in sorted(_iter_files(points))
    ]


def _iter_files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as read:
        while part := read.read(_READ_BYTES):
            digest.update(part)
    return digest.hexdigest()


def _read_models(models: IndexModels) -> list[IndexModelRead]:
    return [IndexModelRead.model_validate(model.model_dump()) for model in (models.fast, models.dense)]
