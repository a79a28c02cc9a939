"""Files with holes are read as they are."""

import os

from rag_server.core.disk import iter_data
from rag_server.core.edge_shard import ShardFiles

SEGMENTS = ((0, 4_096), (8_192, 622_592), (1_331_200, 3_500_001))


def write_with_holes(path, size):
    with path.open("wb") as file:
        for begin, end in SEGMENTS:
            file.seek(begin)
            file.write(os.urandom(end - begin))
        file.truncate(size)


def test_the_pieces_of_a_file_make_the_whole(tmp_path):
    path = tmp_path / "file"
    write_with_holes(path, 5_000_000)
    whole = bytearray(5_000_000)
    for place, piece in iter_data(path):
        whole[place : place + len(piece)] = piece
    assert whole == path.read_bytes()


def test_a_copy_of_a_build_holds_the_same_and_takes_no_more_room(tmp_path):
    build, copy = tmp_path / "1", tmp_path / "2"
    for folder in ("wal", "segments"):
        (build / folder).mkdir(parents=True)
        write_with_holes(build / folder / "page", 2**30)
    ShardFiles(tmp_path).copy(build, copy)
    for folder in ("wal", "segments"):
        original, copied = build / folder / "page", copy / folder / "page"
        assert copied.stat().st_size == original.stat().st_size == 2**30
        assert list(iter_data(copied)) == list(iter_data(original))
        assert copied.stat().st_blocks <= original.stat().st_blocks
