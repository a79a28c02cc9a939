"""Files of an index are brought into the system's memory, as far as there is room."""

import os

import pytest

from rag_server.core.page_cache import half_of_memory, read_through

MEBIBYTE = 2**20


@pytest.fixture
def cold(tmp_path):
    """Makes files that are on the disk alone."""

    def write(name, size):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            file.write(os.urandom(size))
            file.flush()
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return path

    if is_in_memory(write("probe", MEBIBYTE)):
        pytest.skip("this file system keeps its files in memory")
    return write


def is_in_memory(path):
    """Whether the last page of a file can be had without waiting for the disk; the question has the disk fetch it."""
    with path.open("rb") as file:
        try:
            return os.preadv(file.fileno(), [bytearray(1)], path.stat().st_size - 1, os.RWF_NOWAIT) == 1
        except BlockingIOError:
            return False
        except OSError as error:
            pytest.skip(f"this file system does not tell: {error}")


def test_files_of_all_folders_are_brought_into_memory(tmp_path, cold):
    files = [cold("segment/graph", 3 * MEBIBYTE), cold("segment-2/words", 17)]
    read_through(tmp_path, half_of_memory())
    assert all(map(is_in_memory, files))


def test_holes_take_no_time_and_no_memory(tmp_path):
    path = tmp_path / "reserved"
    path.write_bytes(b"x" * MEBIBYTE)
    os.truncate(path, 2**40)
    assert MEBIBYTE <= read_through(tmp_path, half_of_memory()) < 2 * MEBIBYTE


def test_what_cannot_be_read_is_left_to_the_engine(tmp_path):
    assert read_through(tmp_path / ("a name that no file system takes" * 99), half_of_memory()) == 0
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert read_through(tmp_path, half_of_memory()) == 0


def test_small_files_come_first_and_the_rest_stays_on_the_disk_where_memory_is_short(tmp_path, cold):
    large, small = cold("a", 4 * MEBIBYTE), cold("b", MEBIBYTE)
    read_through(tmp_path, 3 * MEBIBYTE)
    assert is_in_memory(small)
    assert not is_in_memory(large)
