import json

COPIED = "".join(f"    value_{n} = compute({n}, other)\n" for n in range(30))
TOKEN = "ghp_" + "q7Zr2mW9xK4tB6nD3pFgYjS1vLcH8eAoUiRt"
FILES = {
    "README.md": "# Shop\n",
    "shop/a.py": f"from shop import b\n\n\ndef _forgotten():\n    pass\n\n\ndef f(items=[]):\n{COPIED}",
    "shop/b.py": f"from shop import a\n\n\ndef g(other):\n{COPIED}    return 1\n    print(2)\n",
    "shop/keys.py": f"TOKEN = '{TOKEN}'\nprint(TOKEN)\n",
    "requirements.txt": "flask\nhttpx==0.28\n",
}


async def listed(docgen, files, query=""):
    snapshot = await docgen.analysed(files)
    return await docgen.call("GET", f"/snapshots/{snapshot['id']}/problems{query}")


async def test_problems_of_the_whole_and_of_single_files_are_listed_with_why_and_how(docgen):
    page = await listed(docgen, FILES)

    assert page["counts"] == {
        "import-cycle": 1, "duplicated-block": 1, "unused-definition": 1, "mutable-default": 1, "unreachable-code": 1,
        "hard-coded-secret": 1, "unpinned-dependency": 1, "unused-variable": page["counts"]["unused-variable"],
    }  # fmt: skip
    unused = next(item for item in page["items"] if item["rule"] == "unused-definition")
    assert (unused["path"], unused["symbol"], unused["start_line"]) == ("shop/a.py", "_forgotten", 4)
    assert all(item["advice"] and item["explanation"] for item in page["items"])


async def test_a_name_that_another_file_mentions_is_used(docgen):
    page = await listed(docgen, FILES | {"tests/test_a.py": "from shop.a import _forgotten\n"})

    assert "unused-definition" not in page["counts"]


async def test_the_settings_of_the_repository_switch_rules_off(docgen):
    settings = '[problems]\nignore = ["unused-variable", "duplicated-block"]\n[problems.paths]\n"shop/a.py" = ["*"]\n'
    page = await listed(docgen, FILES | {".codemuse.toml": settings})

    assert page["counts"] == {"unreachable-code": 1, "hard-coded-secret": 1, "unpinned-dependency": 1}
    assert {item["rule"] for item in page["items"]} == set(page["counts"])


async def test_a_mistake_in_the_settings_is_told(docgen):
    page = await listed(docgen, FILES | {".codemuse.toml": "[problems"}, "?limit=1")

    assert page["settings_mistake"].startswith(".codemuse.toml is not understood")


async def test_comments_switch_off_what_only_the_whole_shows(docgen):
    files = FILES | {
        "shop/a.py": FILES["shop/a.py"].replace("def _forgotten():", "def _forgotten():  # codemuse: ignore")
    }

    assert "unused-definition" not in (await listed(docgen, files))["counts"]


async def test_secrets_are_shown_nowhere(docgen):
    snapshot = await docgen.analysed(FILES)
    base, paths = f"/snapshots/{snapshot['id']}", {"paths": ["shop/keys.py"]}

    shown = [
        await docgen.call("GET", f"{base}/problems"),
        await docgen.call("GET", f"{base}/problems.sarif"),
        await docgen.call("GET", f"{base}/source?path=shop/keys.py"),
        await docgen.call("POST", f"{base}/chunks", json=paths),
        await docgen.call("GET", f"{base}/symbols?query=TOKEN"),
        await docgen.call("POST", f"{base}/names", json={"names": [TOKEN]}),
    ]

    assert all(TOKEN not in json.dumps(reply) for reply in shown[:-1])
    assert shown[-1]["unknown"] == [TOKEN]
    assert shown[4]["items"][0]["signature"].startswith("TOKEN = '****")
    assert shown[2]["text"].endswith("print(TOKEN)")


async def test_sarif_names_the_rules_and_places(docgen):
    snapshot = await docgen.analysed(FILES)
    log = await docgen.call("GET", f"/snapshots/{snapshot['id']}/problems.sarif?severity=error")

    assert (log["version"], "sarif" in log["$schema"]) == ("2.1.0", True)
    [run] = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["hard-coded-secret"]
    [result] = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["level"], place["artifactLocation"]["uri"], place["region"]["startLine"]) == (
        "error",
        "shop/keys.py",
        1,
    )


async def test_packages_are_listed_with_their_versions(docgen):
    snapshot = await docgen.analysed(FILES)
    packages = (await docgen.call("GET", f"/snapshots/{snapshot['id']}/packages"))["items"]

    assert [(item["name"], item["version"], item["line"]) for item in packages] == [
        ("flask", "", 1),
        ("httpx", "==0.28", 2),
    ]


async def test_every_rule_says_what_it_means(docgen):
    rules = (await docgen.call("GET", "/rules"))["items"]

    assert {"import-cycle", "hard-coded-secret", "sql-injection"} <= {rule["id"] for rule in rules}
    assert all(rule["explanation"].endswith(".") and rule["advice"] for rule in rules)


async def test_pages_show_no_secrets(docgen):
    files = FILES | {"notes.md": f"# Notes\n\nThe token is `{TOKEN}`, keep it.\n"}
    snapshot = await docgen.analysed(files)
    await docgen.call("POST", "/documents/generate", json={"snapshot_id": snapshot["id"]})
    pages = (await docgen.call("GET", "/documents?repository_id=r1&limit=100"))["items"]
    texts = {page["path"]: (await docgen.call("GET", f"/documents/{page['id']}"))["content"] for page in pages}

    assert "****" in texts["notes.md"]
    assert not any(TOKEN in text for text in texts.values())
