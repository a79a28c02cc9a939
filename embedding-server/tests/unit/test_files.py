import pytest

from embedding_server.core.files import folder_made_once, write_atomically


def test_a_file_is_replaced_in_one_step(tmp_path):
    file = tmp_path / "deep" / "file"
    write_atomically(file, b"old")
    write_atomically(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_is_made_only_once(tmp_path):
    folder = tmp_path / "models" / "static"
    folder_made_once(folder, lambda target: (target / "a").touch())
    folder_made_once(folder, lambda _: pytest.fail("made again"))
    assert (folder / "a").exists()


def test_an_interrupted_making_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "static"

    def fail(target):
        (target / "half").touch()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        folder_made_once(folder, fail)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == []
