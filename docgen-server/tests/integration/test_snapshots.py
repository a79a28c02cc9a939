import zipfile
from io import BytesIO

import pytest

FILES = {
    "shop-1.0/README.md": "# Shop\n\nSells things to people who want them badly.\n",
    "shop-1.0/shop/__init__.py": '"""A shop."""\n',
    "shop-1.0/shop/cart.py": "from shop.item import Item\n\n\ndef buy(item: Item) -> None:\n    '''Buys.'''\n",
    "shop-1.0/shop/item.py": "class Item:\n    price = 1\n",
    "shop-1.0/.gitignore": "*.secret.txt\n",
    "shop-1.0/a.secret.txt": "hidden\n",
    "shop-1.0/photo.bin": b"\0\1",
    "shop-1.0/package-lock.json": "{}",
    "shop-1.0/data.json": b'{"a": "\0"}',
}


async def test_an_archive_becomes_a_snapshot_without_its_top_folder(docgen):
    archive = await docgen.upload(FILES)
    snapshot = await docgen.snapshot(FILES)

    assert archive["file_count"] == snapshot["file_count"] == len(FILES)
    manifest = await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")
    reasons = {file["path"]: file["skip_reason"] for file in manifest["items"]}
    assert list(reasons) == sorted(reasons)
    assert reasons["shop/cart.py"] is None
    assert reasons["a.secret.txt"] == "ignored"
    assert reasons["photo.bin"] == "unsupported"
    assert reasons["data.json"] == "binary"
    assert reasons["package-lock.json"] == "generated"


async def test_the_same_content_is_the_same_snapshot_however_it_is_packed(docgen):
    first = await docgen.snapshot(FILES)
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in reversed(FILES.items()):
            archive.writestr(name, content)
    files = {"archive": ("a.zip", raw.getvalue())}
    archive_id = (await docgen.call("POST", "/repositories/r1/archives", files=files))["archive_id"]

    second = await docgen.call(
        "POST", "/snapshots", json={"repository_id": "r1", "archive": {"archive_id": archive_id}}
    )

    assert second == first


async def test_the_commit_that_the_sender_names_is_shown(docgen):
    archive = await docgen.upload(FILES)
    body = {"repository_id": "r1", "archive": {"archive_id": archive["archive_id"], "commit": "c0ffee"}}

    assert (await docgen.call("POST", "/snapshots", json=body))["commit"] == "c0ffee"


async def test_the_manifest_is_paged_in_path_order(docgen):
    snapshot = await docgen.snapshot(FILES)
    paths, cursor = [], ""
    while cursor is not None:
        page = await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest?limit=4&cursor={cursor}")
        paths += [file["path"] for file in page["items"]]
        cursor = page["next_cursor"]

    assert paths == sorted(name.partition("/")[2] for name in FILES)


async def test_source_lines_are_read_within_their_bounds(docgen):
    snapshot = await docgen.snapshot(FILES)
    source = f"/snapshots/{snapshot['id']}/source"

    whole = await docgen.call("GET", source, params={"path": "shop/cart.py"})
    part = await docgen.call("GET", source, params={"path": "shop/cart.py", "start": 4, "end": 900})

    assert whole["line_count"] == whole["end_line"] == 5
    assert part["text"] == "def buy(item: Item) -> None:\n    '''Buys.'''"
    assert (part["start_line"], part["end_line"]) == (4, 5)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"path": "nothing.py"}, "path_not_found"),
        ({"path": "../../etc/passwd"}, "path_not_found"),
        ({"path": "shop/cart.py", "start": 6}, "lines_out_of_range"),
        ({"path": "shop/cart.py", "start": 3, "end": 2}, "lines_out_of_range"),
        ({"path": "data.json"}, "not_text"),
    ],
)
async def test_lines_that_are_not_there_are_refused(docgen, params, code):
    snapshot = await docgen.snapshot(FILES)

    assert await docgen.refused("GET", f"/snapshots/{snapshot['id']}/source", params=params) == code


async def test_an_end_before_the_start_is_said_to_be_one(docgen):
    snapshot = await docgen.snapshot(FILES)

    params = {"path": "shop/cart.py", "start": 3, "end": 2}
    refused = await docgen.call("GET", f"/snapshots/{snapshot['id']}/source", params=params, expected=422)

    assert refused["message"] == "The end, line 2, lies before the start, line 3."


async def test_a_file_in_no_encoding_has_no_lines_and_no_facts(docgen):
    noise = bytes((n * 73 + n // 7) % 255 + 1 for n in range(4000))
    snapshot = await docgen.snapshot({"a.py": noise, "b.py": "x = 1\n"})

    reply = await docgen.call("POST", f"/snapshots/{snapshot['id']}/analyse", json={"paths": ["a.py", "b.py"]})

    assert [(file["status"], file["reason"]) for file in reply["files"]] == [
        ("quarantined", "undecodable"),
        ("analysed", None),
    ]
    assert await docgen.refused("GET", f"/snapshots/{snapshot['id']}/source", params={"path": "a.py"}) == "not_text"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"repository_id": "r1"}, "invalid_source"),
        ({"repository_id": "r1", "git": {"url": "x"}, "archive": {"archive_id": "x"}}, "invalid_source"),
        ({"repository_id": "r1", "archive": {"archive_id": "../../etc"}}, "archive_not_found"),
        ({"repository_id": "r1", "archive": {"archive_id": "a" * 40}}, "archive_not_found"),
        ({"repository_id": "r1", "git": {"url": "http://169.254.169.254/x"}}, "url_not_allowed"),
    ],
)
async def test_sources_that_are_none_are_refused(docgen, body, code):
    assert await docgen.refused("POST", "/snapshots", json=body) == code


async def test_an_archive_of_another_repository_is_not_found(docgen):
    archive = await docgen.upload(FILES, "r1")
    body = {"repository_id": "r2", "archive": {"archive_id": archive["archive_id"]}}

    assert await docgen.refused("POST", "/snapshots", json=body) == "archive_not_found"


@pytest.mark.parametrize("what", ["", "/manifest", "/stats", "/symbols", "/graph", "/problems", "/source?path=a"])
async def test_an_unknown_snapshot_is_not_found(docgen, what):
    assert await docgen.refused("GET", f"/snapshots/nothing{what}") == "snapshot_not_found"


async def test_a_cursor_that_nobody_gave_out_is_refused(docgen):
    snapshot = await docgen.snapshot(FILES)

    assert await docgen.refused("GET", f"/snapshots/{snapshot['id']}/manifest?cursor=%C3%A9") == "invalid_cursor"
    assert await docgen.refused("GET", f"/snapshots/{snapshot['id']}/symbols?cursor=eA") == "invalid_cursor"


async def test_figures_are_counted(docgen):
    snapshot = await docgen.analysed(FILES)

    stats = await docgen.call("GET", f"/snapshots/{snapshot['id']}/stats")

    assert stats["file_count"] == len(FILES)
    assert stats["symbol_count"] == 2
    assert stats["languages"][0] == {"language": "python", "file_count": 3, "line_count": 8}
    assert (await docgen.call("GET", f"/snapshots/{snapshot['id']}"))["id"] == snapshot["id"]


async def test_a_deleted_repository_leaves_nothing(docgen):
    snapshot = await docgen.analysed(FILES)
    await docgen.call("POST", "/documents/generate", json={"snapshot_id": snapshot["id"]})

    await docgen.call("DELETE", "/repositories/r1")
    await docgen.call("DELETE", "/repositories/r1")

    assert await docgen.refused("GET", f"/snapshots/{snapshot['id']}/stats") == "snapshot_not_found"
    assert (await docgen.call("GET", "/documents?repository_id=r1"))["items"] == []
    assert list(docgen.settings.mirrors.iterdir()) == []


async def test_nothing_is_answered_without_the_token(docgen):
    response = await docgen.client.get("/api/v1/snapshots/x/stats", headers={"Authorization": "Bearer wrong"})

    assert response.status_code == 401


async def test_the_service_is_ready_when_its_database_answers(docgen):
    assert (await docgen.client.get("/readyz")).json()["checks"]["database"]["status"] == "ok"


async def test_a_manifest_tells_which_facts_are_known(docgen):
    files = {"a.py": "x = 1\n", "b.py": "y = 2\n"}
    snapshot = await docgen.snapshot(files)
    known = lambda page: [file["is_analysed"] for file in page["items"]]  # noqa: E731
    assert known(await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")) == [False, False]

    await docgen.call("POST", f"/snapshots/{snapshot['id']}/analyse", json={"paths": ["b.py"]})
    assert known(await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")) == [False, True]


async def test_the_snapshot_of_an_older_commit_is_found_and_read(docgen, make_git, tmp_path):
    snapshots = []
    for text in ("old = 1\n", "new = 2\n"):
        make_git(tmp_path / "origin", {"a.py": text})
        body = {"repository_id": "r1", "git": {"url": f"file://{tmp_path}/origin"}}
        snapshots.append(await docgen.call("POST", "/snapshots", json=body))
    for name in (snapshots[0]["commit"], snapshots[0]["commit"][:8]):
        found = await docgen.call("GET", f"/repositories/r1/commits/{name}")
        assert found["id"] == snapshots[0]["id"]
    source = await docgen.call("GET", f"/snapshots/{found['id']}/source?path=a.py")
    assert (source["text"].strip(), source["commit"]) == ("old = 1", snapshots[0]["commit"])
    assert await docgen.refused("GET", f"/repositories/r2/commits/{snapshots[0]['commit']}") == "snapshot_not_found"
