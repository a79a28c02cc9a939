"""Bad input: a stable code and a sentence at once, and nothing left behind."""

import io
import tarfile
import zipfile

import pytest

ADDRESSES = [
    "http://169.254.169.254/latest/meta-data/",
    "https://[::ffff:a9fe:a9fe]/x.git",
    "https://[::1]/x.git",
    "https://[fd00::1]/x.git",
    "https://2130706433/x.git",
    "https://0x7f.1/x.git",
    "https://127.1/x.git",
    "https://0/x.git",
    "https://localhost./x.git",
    "https://good.example\\@127.0.0.1:6333/x.git",
    "https://127.0.0.1:6379#@good.example/",
    "https://good.example%2f@10.0.0.1/x.git",
    "file:///etc/passwd",
    "/etc",
    "../other-tenant",
    "git://h/x",
    "ssh://-oProxyCommand=x/",
    'ext::sh -c "id>CANARY"',
    "fd::17",
    "--upload-pack=id",
    "https://user:password@example.com/x.git",
]
REFS = [
    "--upload-pack=id",
    "-u./x",
    "main;id",
    "$(id)",
    "a..b",
    "@{-1}",
    "refs/../x",
    "main\n[core]\nsshCommand=id",
    "x" * 5000,
]


@pytest.mark.parametrize("url", ADDRESSES)
def test_addresses_that_lead_inside_are_refused(platform, url) -> None:
    reply = platform.client.post("/api/v1/repositories", json={"url": url})
    assert reply.status_code == 422, reply.text
    assert reply.json()["error"] != "internal_error"


@pytest.mark.parametrize("ref", REFS)
def test_refs_that_are_no_refs_are_refused(platform, ref) -> None:
    reply = platform.client.post("/api/v1/repositories", json={"url": "https://93.184.215.14/x.git", "ref": ref})
    assert reply.status_code == 422, reply.text


def tar_of(*members: tarfile.TarInfo) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return buffer.getvalue()


def member(name: str, size: int = 1, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, target
    return info


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", b"0" * 300_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (b"not an archive at all", "not_an_archive"),
        (b"", None),
        (tar_of(member("../../app/main.py")), "archive_unsafe_path"),
        (tar_of(member("/etc/cron.d/x")), "archive_unsafe_path"),
        (tar_of(member("a\\..\\..\\x")), None),
        (zip_bomb(), None),
    ],
    ids=["text", "empty", "climbing", "absolute", "backslashes", "bomb"],
)
def test_archives_that_do_harm_are_refused(platform, archive, code) -> None:
    reply = platform.post_archive("harmful", archive)
    assert 400 <= reply.status_code < 500, reply.text
    assert code is None or reply.json()["error"] == code
    names = [item["name"] for item in platform.client.get("/api/v1/repositories").json()["items"]]
    assert "harmful" not in names


def test_links_in_an_archive_are_left_out(platform) -> None:
    archive = tar_of(
        member("a.py"), member("link.md", 0, tarfile.SYMTYPE, "/etc/passwd"), member("hard", 0, tarfile.LNKTYPE, "a.py")
    )
    reply = platform.post_archive("links", archive)
    if reply.status_code == 202:
        assert platform.wait(reply.json()["run"]["id"])["status"].startswith("succeeded")
        path = f"/api/v1/repositories/{reply.json()['repository']['id']}"
        listed = [
            item["path"] for item in platform.client.get(f"{path}/tree").json()["items"] if item["state"] == "indexed"
        ]
        assert listed == ["a.py"]
        assert platform.client.get(f"{path}/files", params={"path": "link.md"}).status_code == 404
    else:
        assert reply.status_code == 422


def test_an_archive_without_files_fails_with_a_reason(platform) -> None:
    reply = platform.post_archive("hollow", tar_of(member("folder", 0, tarfile.DIRTYPE)))
    if reply.status_code == 202:
        run = platform.wait(reply.json()["run"]["id"])
        assert (run["status"], run["error"]["error"]) == ("failed", "empty_repository")
    else:
        assert (reply.status_code, reply.json()["error"]) == (422, "empty_repository")


def test_a_host_that_does_not_exist_fails_with_advice(platform) -> None:
    reply = platform.client.post("/api/v1/repositories", json={"url": "https://no-such-host.invalid/x.git"})
    if reply.status_code == 202:
        run = platform.wait(reply.json()["run"]["id"])
        assert run["status"] == "failed"
        assert run["error"]["message"]
    else:
        assert reply.status_code == 422
        assert reply.json()["message"]


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "shop/../../x", "nope.py", "a\x00b"])
def test_only_files_of_the_repository_can_be_read(platform, shop, path) -> None:
    reply = platform.client.get(f"/api/v1/repositories/{shop['id']}/files", params={"path": path})
    assert reply.status_code in {400, 404, 422}, reply.text


def test_lines_out_of_range_are_refused_or_cut(platform, shop) -> None:
    where = {"path": "shop/orders.py", "start": 100_000, "end": 100_001}
    assert platform.client.get(f"/api/v1/repositories/{shop['id']}/files", params=where).status_code == 422


def test_a_question_that_is_too_long_is_refused(platform) -> None:
    session = platform.client.post("/api/v1/chat/sessions", json={}).json()
    reply = platform.client.post(f"/api/v1/chat/sessions/{session['id']}/messages", json={"content": "x" * 9000})
    assert (reply.status_code, reply.json()["error"]) == (422, "invalid_input")
