"""Members of a tar or zip as a stream of checked files, within limits of size, count and ratio."""

import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO, Protocol, Self

from docgen_server.core.archives.names import MemberNames
from docgen_server.core.errors import (
    ArchiveBomb,
    ArchiveTooLarge,
    ArchiveTooManyFiles,
    NotAnArchive,
)

_BLOCK_BYTES = 2**18
_RATIO_FROM_BYTES = 256 * 2**20
"""Small archives of very regular text reach any ratio; below this no harm is done."""
_LARGEST_HEADER_BYTES = 2**20
_HEADERS_IN_MEMORY = frozenset(
    {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
)
_LARGEST_DIRECTORY_BYTES = 16 * 2**20
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RecursionError,
    struct.error,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much of an archive is read."""

    total_bytes: int
    file_count: int
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class Member:
    """A regular file of an archive; its blocks must be read before the next member is asked for."""

    path: str
    size: int
    blocks: Iterator[bytes]


class _Meter:
    """Counts what was unpacked and stops what unpacks too far."""

    def __init__(self, raw: BinaryIO, limits: ArchiveLimits) -> None:
        self._raw = raw
        self._limits = limits
        self._count = 0

    def add(self, count: int) -> None:
        self._count += count
        if self._count > self._limits.total_bytes:
            raise ArchiveTooLarge(f"The archive unpacks to more than {self._limits.total_bytes // 2**20} MB.")
        packed = max(self._raw.tell(), 1)
        if self._count > _RATIO_FROM_BYTES and self._count > packed * self._limits.ratio:
            raise ArchiveBomb(f"The archive unpacks to more than {self._limits.ratio} times its size.")


class _MeteredStream(io.RawIOBase):
    """What tarfile reads from: unpacked bytes, counted, headers included."""

    def __init__(self, unpacked: BinaryIO | gzip.GzipFile, meter: _Meter) -> None:
        self._unpacked = unpacked
        self._meter = meter

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._unpacked.read(size)
        self._meter.add(len(data))
        return data


class _ModestTarInfo(tarfile.TarInfo):
    """Refuses headers that would be read into memory although they are huge, and damaged ones, which look like the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.strip(b"\0"):
                raise NotAnArchive("The archive is damaged.") from error
            raise
        if info.type in _HEADERS_IN_MEMORY and info.size > _LARGEST_HEADER_BYTES:
            raise ArchiveBomb("A header of the archive is larger than any honest one.")
        return info


class ArchiveReader(Protocol):
    """Iterates over the members of one archive."""

    def members(self) -> Iterator[Member]:
        """Regular files with safe names, in archive order."""
        ...


def open_archive(raw: BinaryIO, limits: ArchiveLimits, names: MemberNames) -> ArchiveReader:
    """A reader for what the first bytes say that the file is.

    Raises:
        NotAnArchive: They say nothing that is known.
    """
    head = raw.read(512)
    raw.seek(0)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _ZipReader(raw, limits, names)
    if head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
        return _TarReader(raw, limits, names, is_packed=head.startswith(b"\x1f\x8b"))
    raise NotAnArchive("The upload is neither a tar, a tar.gz nor a zip archive.")


class _TarReader:
    def __init__(self, raw: BinaryIO, limits: ArchiveLimits, names: MemberNames, *, is_packed: bool) -> None:
        self._raw = raw
        self._limits = limits
        self._names = names
        self._is_packed = is_packed

    def members(self) -> Iterator[Member]:
        """Read the archive as a stream; nothing is ever extracted."""
        unpacked = gzip.GzipFile(fileobj=self._raw, mode="rb") if self._is_packed else self._raw
        stream = _MeteredStream(unpacked, _Meter(self._raw, self._limits))
        try:
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=_ModestTarInfo) as archive:
                for count, info in enumerate(archive, 1):
                    if count > self._limits.file_count:
                        raise ArchiveTooManyFiles(f"The archive has more than {self._limits.file_count} members.")
                    path = self._names.accept(info.name, is_folder=info.isdir(), is_regular=info.isreg())
                    if path is not None:
                        content = archive.extractfile(info)
                        yield Member(path, info.size, _blocks(content) if content else iter(()))
        except _DAMAGED as error:
            raise NotAnArchive("The archive is damaged.") from error


class _ZipReader:
    def __init__(self, raw: BinaryIO, limits: ArchiveLimits, names: MemberNames) -> None:
        self._raw = raw
        self._limits = limits
        self._names = names

    def members(self) -> Iterator[Member]:
        """Check what the directory promises, then read each member against its promise."""
        _check_directory(self._raw, self._limits)
        try:
            with zipfile.ZipFile(self._raw) as archive:
                infos = archive.infolist()
                self._check_promises(infos)
                for info in infos:
                    kind = info.external_attr >> 28
                    is_regular = not info.is_dir() and kind in {0, 8} and not info.flag_bits & 1
                    path = self._names.accept(info.orig_filename, is_folder=info.is_dir(), is_regular=is_regular)
                    if path is not None:
                        with archive.open(info) as content:
                            yield Member(path, info.file_size, _blocks(content))
        except _DAMAGED as error:
            raise NotAnArchive("The archive is damaged.") from error

    def _check_promises(self, infos: list[zipfile.ZipInfo]) -> None:
        if len(infos) > self._limits.file_count:
            raise ArchiveTooManyFiles(f"The archive has more than {self._limits.file_count} members.")
        unpacked = sum(info.file_size for info in infos)
        packed = max(sum(info.compress_size for info in infos), 1)
        if unpacked > _RATIO_FROM_BYTES and unpacked > packed * self._limits.ratio:
            raise ArchiveBomb(f"The archive unpacks to more than {self._limits.ratio} times its size.")
        if unpacked > self._limits.total_bytes:
            raise ArchiveTooLarge(f"The archive unpacks to more than {self._limits.total_bytes // 2**20} MB.")


def _check_directory(raw: BinaryIO, limits: ArchiveLimits) -> None:
    """Refuse a directory of a million entries before it is read."""
    size = raw.seek(0, io.SEEK_END)
    raw.seek(max(0, size - 2**16 - _END_OF_DIRECTORY.size))
    tail = raw.read()
    raw.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END_OF_DIRECTORY.size:
        raise NotAnArchive("The archive is damaged.")
    _, _, _, _, count, directory_bytes, _, _ = _END_OF_DIRECTORY.unpack_from(tail, at)
    if count == 0xFFFF:
        # A directory of 64-bit fields; its true count stands in a record before this one.
        record = tail.rfind(b"PK\x06\x06", 0, at)
        count, directory_bytes = (
            struct.unpack_from("<2Q", tail, record + 32) if 0 <= record <= at - 56 else (count, size)
        )
    if count > limits.file_count or directory_bytes > _LARGEST_DIRECTORY_BYTES:
        raise ArchiveTooManyFiles(f"The archive has more than {limits.file_count} members.")


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    try:
        while block := content.read(_BLOCK_BYTES):
            yield block
    except _DAMAGED as error:
        raise NotAnArchive("The archive is damaged.") from error
