import io
import tarfile

import pytest

UPLOAD = "/repositories/r1/archives"


async def refused(docgen, data):
    return await docgen.refused("POST", UPLOAD, files={"archive": ("a", data)})


@pytest.mark.parametrize("name", ["../../app/main.py", "/etc/cron.d/x", "a/../../x"])
async def test_an_archive_that_climbs_out_writes_nothing(docgen, tmp_path, name, pack):
    before = sorted(tmp_path.rglob("*main.py"))

    assert await refused(docgen, pack({"ok.py": "x = 1\n", name: "CANARY"})) == "archive_unsafe_path"
    assert sorted(tmp_path.rglob("*main.py")) == before
    assert not list((docgen.settings.mirrors / "r1.git").rglob("*tmp_pack*"))
    assert not list((docgen.settings.mirrors / "r1.git").glob("fast_import_crash*"))


async def test_what_is_no_archive_is_refused(docgen):
    assert await refused(docgen, b"hello") == "not_an_archive"


async def test_an_archive_without_files_is_refused(docgen, pack):
    assert await refused(docgen, pack({})) == "empty_repository"


async def test_an_upload_beyond_the_limit_is_refused(docgen):
    headers = {"Content-Length": str(2**40), "Content-Type": "multipart/form-data; boundary=x"}
    response = await docgen.client.post(f"/api/v1{UPLOAD}", headers=headers, content=b"--x--")

    assert response.status_code == 413


async def test_a_request_without_an_archive_is_refused(docgen):
    response = await docgen.client.post(f"/api/v1{UPLOAD}", data={"name": "x"})

    assert response.status_code == 422


async def test_links_are_left_out_and_told(docgen):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        link = tarfile.TarInfo("src")
        link.type, link.linkname = tarfile.SYMTYPE, "/"
        archive.addfile(link)
        info = tarfile.TarInfo("src/etc/passwd")
        info.size = 4
        archive.addfile(info, io.BytesIO(b"mine"))

    reply = await docgen.call("POST", UPLOAD, files={"archive": ("a", raw.getvalue())})

    assert reply["skipped"] == {"src": "not_a_file"}
    assert reply["file_count"] == 1


async def test_names_keep_what_git_would_quote(docgen):
    names = ['a "b"\\c.py', "한국어.py", "<img src=x onerror=alert(1)>.py", "top.py"]
    snapshot = await docgen.snapshot({name.replace("\\", ""): "x = 1\n" for name in names})

    manifest = await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")

    assert [file["path"] for file in manifest["items"]] == sorted(name.replace("\\", "") for name in names)


async def test_a_huge_file_is_kept_and_listed_but_not_analysed(docgen):
    snapshot = await docgen.snapshot({"line.py": b"x" * 50_000_000, "a.py": "x = 1\n"})

    manifest = await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")

    assert [(file["path"], file["skip_reason"]) for file in manifest["items"]] == [
        ("a.py", None),
        ("line.py", "too_large"),
    ]


async def test_names_that_another_system_reserves_are_only_names(docgen):
    snapshot = await docgen.snapshot({"git~1": "x", "a/aux.py": "x = 1\n", "con:x.py": "x = 1\n"})

    assert snapshot["file_count"] == 3


async def test_settings_of_the_archive_do_not_reach_git(docgen):
    files = {
        ".gitmodules": '[submodule "x"]\n path = ../../hooks\n url = ext::sh -c touch% CANARY\n',
        ".gitattributes": "*.py filter=evil\n",
        "hooks/post-checkout": "#!/bin/sh\ntouch CANARY\n",
        "a.py": "x = 1\n",
    }

    snapshot = await docgen.snapshot(files)

    assert snapshot["file_count"] == len(files)
    assert not list(docgen.settings.data.rglob("CANARY"))


@pytest.mark.parametrize("repository_id", ["..", "a%2Fb", "x" * 65, "a.b"])
async def test_an_id_is_never_a_path(docgen, repository_id, pack):
    response = await docgen.client.post(
        f"/api/v1/repositories/{repository_id}/archives", files={"archive": ("a", pack({"a": "x"}))}
    )

    assert response.status_code in {404, 422}


async def test_what_the_mirror_holds_already_is_not_stored_again(docgen, pack):
    files = {f"f{number}.py": f"x = {number}\n" * 200 for number in range(50)} | {"empty.py": ""}
    await docgen.call("POST", UPLOAD, files={"archive": ("a", pack(files))})
    packs = sorted((docgen.settings.mirrors / "r1.git" / "objects" / "pack").glob("*.pack"))

    snapshot = await docgen.snapshot(files | {"f7.py": "y = 7\n"}, "r1")

    added = set((docgen.settings.mirrors / "r1.git" / "objects" / "pack").glob("*.pack")) - set(packs)
    assert sum(path.stat().st_size for path in added) < 500
    reply = await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")
    blobs = {file["path"]: file["blob"] for file in reply["items"]}
    assert len(blobs) == 51
    assert blobs["empty.py"] == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
