import gzip
import io
import struct
import tarfile
import time
import zipfile

import pytest

from docgen_server.core.archives.names import MemberNames
from docgen_server.core.archives.reader import ArchiveLimits, open_archive
from docgen_server.core.errors import (
    ArchiveBomb,
    ArchiveTooLarge,
    ArchiveTooManyFiles,
    ArchiveUnsafePath,
    NotAnArchive,
)

LIMITS = ArchiveLimits(total_bytes=2**30, file_count=100_000)


def make_tar(files, *, mode="w:gz"):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode=mode) as archive:
        for name, content in files:
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = b"" if isinstance(content, tarfile.TarInfo) else content
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return raw.getvalue()


def make_zip(files, **options):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content, **options)
    return raw.getvalue()


def read(data, limits=LIMITS, names=None):
    reader = open_archive(io.BytesIO(data), limits, names or MemberNames())
    return {member.path: b"".join(member.blocks) for member in reader.members()}


FILES = [("a.py", b"print(1)\n"), ("b/c.txt", b"x" * 700_000)]


@pytest.mark.parametrize(
    "data", [make_tar(FILES), make_tar(FILES, mode="w"), make_zip(FILES)], ids=["tar.gz", "tar", "zip"]
)
def test_members_are_read_from_each_kind_of_archive(data):
    assert read(data) == dict(FILES)


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"\x1f\x8b rubbish", b"PK\x03\x04 rubbish", gzip.compress(b"no tar in here")],
    ids=["empty", "text", "gzip", "zip", "gzip of text"],
)
def test_what_is_no_archive_is_refused(data):
    with pytest.raises(NotAnArchive):
        read(data)


@pytest.mark.parametrize("cut", [100, 5000])
def test_a_damaged_archive_is_refused(cut):
    noise = bytes((n * n + n // 3) % 251 for n in range(50_000))
    with pytest.raises(NotAnArchive):
        read(make_tar([("a", noise)])[:-cut])
    with pytest.raises(NotAnArchive):
        read(make_zip([("a", noise)])[:-cut])


def test_a_damaged_header_is_not_taken_for_the_end():
    data = bytearray(make_tar([("a.py", b"x = 1\n"), ("b.py", b"y = 2\n")], mode="w"))
    data[1024 + 10] ^= 1  # in the name of the second member, so that its checksum is wrong
    with pytest.raises(NotAnArchive):
        read(bytes(data))


def test_headers_without_end_before_one_file_are_refused():
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 512
    data = (header.tobuf(tarfile.GNU_FORMAT) + b"n" * 512) * 5_000 + make_tar([("a.py", b"x")], mode="w")
    with pytest.raises(NotAnArchive):
        read(data)


@pytest.mark.parametrize("name", ["../../app/main.py", "/etc/cron.d/x", "..\\..\\x"])
def test_an_archive_that_climbs_is_refused_in_both_kinds(name):
    with pytest.raises(ArchiveUnsafePath):
        read(make_tar([("ok.py", b""), (name, b"x")]))
    with pytest.raises(ArchiveUnsafePath):
        read(make_zip([("ok.py", b""), (name, b"x")]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_are_left_out(kind):
    link = tarfile.TarInfo("src")
    link.type = kind
    link.linkname = "/etc"
    names = MemberNames()

    assert read(make_tar([("src", link), ("src/passwd", b"mine")]), names=names) == {"src/passwd": b"mine"}
    assert names.skipped == {"src": "not_a_file"}


def test_links_in_a_zip_are_left_out():
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16

    assert read(make_zip([(info, b"/etc/passwd"), ("a", b"x")])) == {"a": b"x"}


def bomb_tar():
    raw = io.BytesIO()
    with gzip.GzipFile(fileobj=raw, mode="wb") as packed:
        info = tarfile.TarInfo("zeros")
        info.size = 10 * 2**30
        packed.write(info.tobuf())
        for _ in range(400):
            packed.write(bytes(2**20))
    return raw.getvalue()


def test_bombs_are_stopped_within_two_seconds():
    tar, archive = bomb_tar(), make_zip([("zeros", bytes(300 * 2**20))])
    started = time.process_time()

    with pytest.raises(ArchiveBomb):
        read(tar)
    with pytest.raises(ArchiveBomb):
        read(archive)
    assert time.process_time() - started < 2


def test_content_beyond_the_limit_is_refused():
    limits = ArchiveLimits(total_bytes=10_000, file_count=10)
    with pytest.raises(ArchiveTooLarge):
        read(make_tar([("a", b"x" * 20_000)]), limits)
    with pytest.raises(ArchiveTooLarge):
        read(make_zip([("a", b"x" * 20_000)]), limits)


def test_too_many_members_are_refused():
    limits = ArchiveLimits(total_bytes=2**20, file_count=3)
    files = [(str(n), b"") for n in range(5)]
    with pytest.raises(ArchiveTooManyFiles):
        read(make_tar(files), limits)
    with pytest.raises(ArchiveTooManyFiles):
        read(make_zip(files), limits)


def test_a_directory_of_half_a_million_entries_is_not_even_read():
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", *[0] * 4, *[0] * 4, 0, 0, 0, 1, *[0] * 4, 0, 0) + b"a"
    directory = entry * 500_000
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 500_000, 500_000, len(directory), 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    started = time.process_time()

    with pytest.raises(ArchiveTooManyFiles):
        read(b"PK\x03\x04" + directory + record + locator + end)
    assert time.process_time() - started < 1


def test_a_header_that_asks_for_gigabytes_is_refused():
    info = tarfile.TarInfo("././@PaxHeader")
    info.type = tarfile.XHDTYPE
    info.size = 2**32
    with pytest.raises(ArchiveBomb):
        read(gzip.compress(info.tobuf() + bytes(4096)))


def test_an_encrypted_zip_is_left_out():
    data = bytearray(make_zip([("a", b"x")]))
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    names = MemberNames()

    assert read(bytes(data), names=names) == {}
    assert names.skipped == {"a": "not_a_file"}
