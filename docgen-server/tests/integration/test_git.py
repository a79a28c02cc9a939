import asyncio
import contextlib

import pytest

from docgen_server.core.errors import GitTimeout, RepositoryTooLarge
from docgen_server.core.git.address import AddressPolicy
from docgen_server.core.git.command import GitFailed, run_git, stream_git
from docgen_server.core.git.fetch import Fetcher
from docgen_server.core.git.mirror import MirrorStore

TOKEN = "s3cr3tCANARY"


def source(folder, ref=None):
    return {"repository_id": "r1", "git": {"url": f"file://{folder}"} | ({"ref": ref} if ref else {})}


@contextlib.asynccontextmanager
async def host(answer):
    """A web server on the loopback interface that answers every request alike."""
    seen = []

    async def serve(reader, writer):
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer(seen[-1]))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


async def test_a_branch_a_tag_and_a_commit_are_fetched(docgen, tmp_path, make_git):
    run = make_git(tmp_path / "origin", {"a.py": "x = 1\n"})
    run("tag", "v1")
    first = run("rev-parse", "HEAD").stdout.decode().strip()
    make_git(tmp_path / "origin", {"b.py": "y = 1\n"})
    run("branch", "feature/x")
    run("config", "uploadpack.allowAnySHA1InWant", "true")

    newest = await docgen.call("POST", "/snapshots", json=source(tmp_path / "origin"))
    branch = await docgen.call("POST", "/snapshots", json=source(tmp_path / "origin", "feature/x"))
    tag = await docgen.call("POST", "/snapshots", json=source(tmp_path / "origin", "v1"))
    commit = await docgen.call("POST", "/snapshots", json=source(tmp_path / "origin", first))

    assert (newest["file_count"], tag["file_count"]) == (2, 1)
    assert branch["id"] == newest["id"]
    assert tag["commit"] == commit["commit"] == first


async def test_links_submodules_and_tracked_ignored_files_of_a_repository(docgen, tmp_path, make_git):
    origin = tmp_path / "origin"
    run = make_git(origin, {"a.py": "x = 1\n", ".gitignore": "kept.py\n", "kept.py": "y = 1\n"})
    (origin / "README.md").symlink_to("/etc/passwd")
    run("add", "README.md")
    run("update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},lib/sub")
    run("commit", "-q", "-m", "More")

    snapshot = await docgen.call("POST", "/snapshots", json=source(origin))

    manifest = await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")
    reasons = {file["path"]: file["skip_reason"] for file in manifest["items"]}
    assert reasons["README.md"] == "symlink"
    assert reasons["lib/sub"] == "submodule"
    assert reasons["kept.py"] is None
    params = {"path": "README.md"}
    assert await docgen.refused("GET", f"/snapshots/{snapshot['id']}/source", params=params) == "not_text"


async def test_a_ref_that_is_not_there_is_told(docgen, tmp_path, make_git):
    make_git(tmp_path / "origin", {"a.py": "x = 1\n"})

    assert await docgen.refused("POST", "/snapshots", json=source(tmp_path / "origin", "nope")) == "ref_not_found"
    assert (
        await docgen.refused("POST", "/snapshots", json=source(tmp_path / "origin", "--upload-pack=id"))
        == "invalid_ref"
    )


async def test_a_repository_without_a_commit_is_empty(docgen, tmp_path):
    await run_git(tmp_path / "empty.git", "init", "-q", "--bare")

    assert await docgen.refused("POST", "/snapshots", json=source(tmp_path / "empty.git")) == "empty_repository"


async def test_a_folder_that_is_no_repository_is_unreachable(docgen, tmp_path):
    assert await docgen.refused("POST", "/snapshots", json=source(tmp_path / "nothing")) in {
        "git_unreachable",
        "git_auth_required",
    }


async def test_a_redirect_is_not_followed(docgen):
    async with host(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (inner, reached):
        target = f"http://127.0.0.1:{inner}/x".encode()
        redirect = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n"
        async with host(lambda _: redirect) as (port, _):
            body = {"repository_id": "r1", "git": {"url": f"http://127.0.0.1:{port}/x.git"}}

            assert await docgen.refused("POST", "/snapshots", json=body) == "url_not_allowed"
        assert reached == []


async def test_a_token_is_sent_and_stays_out_of_every_answer_and_file(docgen, caplog):
    def echo(request):
        line = b"no: " + request.replace(b"\r\n", b" ")
        return b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: %d\r\n\r\n%s" % (len(line), line)

    async with host(echo) as (port, seen):
        body = {"repository_id": "r1", "git": {"url": f"http://user:{TOKEN}@127.0.0.1:{port}/x.git"}}
        response = await docgen.client.post("/api/v1/snapshots", json=body)

    assert response.json()["error"] == "git_auth_required"
    assert b"Authorization: Basic" in seen[0]
    assert TOKEN not in response.text + caplog.text
    for path in docgen.settings.data.rglob("*"):
        assert path.is_dir() or TOKEN.encode() not in path.read_bytes()


async def test_a_host_that_fails_is_unreachable(docgen):
    async with host(lambda _: b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nhi") as (port, _):
        body = {"repository_id": "r1", "git": {"url": f"http://127.0.0.1:{port}/x.git"}}

        assert await docgen.refused("POST", "/snapshots", json=body) == "git_unreachable"


def make_fetcher(**limits):
    policy = AddressPolicy(allowed_hosts=frozenset({"127.0.0.1"}), allow_local=True)
    return Fetcher(policy, **({"largest_bytes": 2**30, "timeout_seconds": 60, "depth": 1} | limits))


async def test_a_host_that_never_answers_is_given_up(tmp_path):
    mirror = MirrorStore(tmp_path, most_files=10).get("r1")

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
        with pytest.raises(GitTimeout):
            await make_fetcher(timeout_seconds=0.7).fetch(mirror, url, None)


async def test_a_repository_that_grows_beyond_the_limit_is_stopped_and_removed(tmp_path, monkeypatch, make_git):
    noise = bytes((n * n * 7 + n // 3 + (n >> 5)) % 256 for n in range(2_000_000))
    make_git(tmp_path / "origin", {f"{n}.bin": noise[n:] for n in range(4)})
    monkeypatch.setattr("docgen_server.core.git.fetch._LOOK_SECONDS", 0.005)
    mirror = MirrorStore(tmp_path, most_files=10).get("r1")

    with pytest.raises(RepositoryTooLarge):
        await make_fetcher(largest_bytes=1000).fetch(mirror, f"file://{tmp_path}/origin", None)
    assert not list(mirror.folder.glob("objects/pack/tmp_*"))


async def test_a_commit_with_too_many_files_is_refused(tmp_path, make_git):
    make_git(tmp_path / "origin", {f"{n}.py": "" for n in range(12)})
    mirror = MirrorStore(tmp_path, most_files=10).get("r1")
    commit = await make_fetcher().fetch(mirror, f"file://{tmp_path}/origin", None)

    with pytest.raises(RepositoryTooLarge):
        await mirror.list_files(commit)


async def test_an_object_that_is_missing_is_an_error(tmp_path, make_git):
    make_git(tmp_path / "origin", {"a.py": ""})
    mirror = MirrorStore(tmp_path, most_files=10).get("r1")
    await make_fetcher().fetch(mirror, f"file://{tmp_path}/origin", None)

    with pytest.raises(GitFailed):
        await mirror.read_blobs([("b" * 40, 1)])
    with pytest.raises(GitFailed):
        await mirror.list_files("b" * 40)


async def test_many_packs_become_one_and_nothing_is_lost(tmp_path, make_git):
    mirror = MirrorStore(tmp_path / "mirrors", most_files=10).get("r1")
    commits = []
    for number in range(3):
        make_git(tmp_path / "origin", {f"{number}.py": f"x = {number}\n" * 200})
        commits.append(await make_fetcher().fetch(mirror, f"file://{tmp_path / 'origin'}", None))
        await run_git(mirror.folder, "repack", "-d", "-q")
    upload = (await run_git(mirror.folder, "hash-object", "-w", "--stdin", stdin=b"not part of a commit yet")).decode()
    packs = mirror.folder / "objects" / "pack"
    await mirror.join_packs(most=3)
    assert len(list(packs.glob("*.pack"))) == 3
    await mirror.join_packs(most=2)
    assert len(list(packs.glob("*.pack"))) == 1
    assert [len(await mirror.list_files(commit)) for commit in commits] == [1, 2, 3]
    assert await run_git(mirror.folder, "cat-file", "blob", upload.strip()) == b"not part of a commit yet"


async def test_a_fetch_that_is_cut_off_leaves_no_ref_behind(tmp_path, make_git, monkeypatch):
    make_git(tmp_path / "origin", {"a.py": "x = 1\n"})
    mirror = MirrorStore(tmp_path / "mirrors", most_files=10).get("r1")
    fetcher = make_fetcher()
    fetched = asyncio.Event()

    async def never(*_):
        fetched.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(mirror, "resolve", never)
    fetching = asyncio.create_task(fetcher.fetch(mirror, f"file://{tmp_path / 'origin'}", None))
    await asyncio.wait_for(fetched.wait(), 30)
    assert b"incoming" in await run_git(mirror.folder, "for-each-ref")
    fetching.cancel()
    await asyncio.wait([fetching])
    assert await run_git(mirror.folder, "for-each-ref") == b""


async def test_a_git_that_falls_silent_is_killed(tmp_path):
    await run_git(tmp_path / "r.git", "init", "--quiet", "--bare")
    waits_for_input = stream_git(tmp_path / "r.git", "cat-file", "--batch", separator=b"\0", silent_seconds=0.3)
    with pytest.raises(GitTimeout):
        async for _ in waits_for_input:
            pass
