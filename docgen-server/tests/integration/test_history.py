import orjson

from docgen_server.core.git.address import AddressPolicy
from docgen_server.core.git.fetch import Fetcher
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.history.log import read_history

HOT = "def busy():\n    return {}\n\n\ndef calm():\n    # TODO: rest\n    return 0\n"


async def analysed_git(docgen, make_git, tmp_path, monkeypatch, commits=6):
    """A repository in which one file changes with every commit."""
    for number in range(commits):
        monkeypatch.setenv("GIT_AUTHOR_DATE", f"2026-01-0{number + 1}T12:00:00Z")
        make_git(
            tmp_path / "origin", {"src/hot.py": HOT.format(number), "src/cold.py": "x = 1\n", "README.md": "# R\n"}
        )
    body = {"repository_id": "r1", "git": {"url": f"file://{tmp_path}/origin"}}
    snapshot = await docgen.call("POST", "/snapshots", json=body)
    paths = {"paths": ["src/hot.py", "src/cold.py", "README.md"]}
    await docgen.call("POST", f"/snapshots/{snapshot['id']}/analyse", json=paths)
    return snapshot


async def test_files_that_change_often_come_first(docgen, make_git, tmp_path, monkeypatch):
    snapshot = await analysed_git(docgen, make_git, tmp_path, monkeypatch)
    history = await docgen.call("GET", f"/snapshots/{snapshot['id']}/history")

    assert (history["commit_count"], history["is_complete"]) == (6, True)
    hot, *others = history["items"]
    assert (hot["path"], hot["commit_count"], hot["added"], hot["deleted"], hot["score"]) == (
        "src/hot.py",
        6,
        12,
        5,
        42,
    )
    assert (hot["authors"], hot["last_commit"]) == (["t"], snapshot["commit"])
    assert {item["commit_count"] for item in others} == {1}


async def test_a_definition_is_as_old_as_its_last_change(docgen, make_git, tmp_path, monkeypatch):
    snapshot = await analysed_git(docgen, make_git, tmp_path, monkeypatch)
    history = await docgen.call("GET", f"/snapshots/{snapshot['id']}/history?path=src/hot.py")

    commits = {item["qualified_name"]: item["last_commit"] for item in history["symbols"]}
    assert commits["busy"] == snapshot["commit"]
    assert commits["calm"] != snapshot["commit"]
    assert await docgen.refused("GET", f"/snapshots/{snapshot['id']}/history?path=no.py") == "path_not_found"


async def test_a_note_says_since_when_and_by_whom(docgen, make_git, tmp_path, monkeypatch):
    snapshot = await analysed_git(docgen, make_git, tmp_path, monkeypatch)
    page = await docgen.call("GET", f"/snapshots/{snapshot['id']}/problems?rule=todo")

    [note] = page["items"]
    assert (note["author"], note["since"] is not None) == ("t", True)


async def test_an_archive_has_no_history(docgen):
    snapshot = await docgen.analysed({"a.py": "# TODO: x\n", "b.py": ""})
    history = await docgen.call("GET", f"/snapshots/{snapshot['id']}/history")
    page = await docgen.call("GET", f"/snapshots/{snapshot['id']}/problems")

    assert (history["commit_count"], history["items"]) == (0, [])
    assert page["items"][0]["since"] is None


async def test_a_file_that_changes_often_and_is_not_tested_is_a_problem(docgen, make_git, tmp_path, monkeypatch):
    snapshot = await analysed_git(docgen, make_git, tmp_path, monkeypatch)
    report = orjson.dumps({"files": {"src/hot.py": {"executed_lines": [1], "missing_lines": [2, 5, 7]}}})
    await docgen.call("POST", f"/repositories/r1/coverage?commit={snapshot['commit']}", content=report)
    page = await docgen.call("GET", f"/snapshots/{snapshot['id']}/problems?rule=untested-hotspot")

    [problem] = page["items"]
    assert (problem["path"], problem["message"]) == ("src/hot.py", "Changed by 6 commits; tests run 25% of its lines.")


async def test_a_shallow_mirror_leaves_its_oldest_commit_out(make_git, tmp_path):
    for number in range(6):
        make_git(tmp_path / "origin", {"a.py": f"x = {number}\n", "b.py": "y = 1\n"})
    policy = AddressPolicy(allowed_hosts=frozenset(), allow_local=True)
    mirror = MirrorStore(tmp_path, most_files=10).get("r1")
    fetcher = Fetcher(policy, largest_bytes=2**30, timeout_seconds=60, depth=3)
    history = await read_history(mirror, await fetcher.fetch(mirror, f"file://{tmp_path}/origin", None))

    assert (history.commit_count, history.is_complete) == (2, False)
    assert set(history.files) == {"a.py"}
