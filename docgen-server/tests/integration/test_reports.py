import orjson

CODE = "def used():\n    return 1\n\n\ndef unused():\n    return 2\n"
FILES = {"README.md": "# Shop\n", "shop/a.py": CODE, "tests/test_a.py": "def test_used():\n    pass\n"}
COVERAGE = orjson.dumps({"files": {"/ci/shop/a.py": {"executed_lines": [1, 2, 5], "missing_lines": [6]}}})
JUNIT = (
    b'<testsuite><testcase classname="tests.test_a" name="test_used[x]" time="0.2"><failure message="no"/></testcase>'
    b'<testcase classname="tests.test_b" name="test_other" time="0.1"/></testsuite>'
)


async def upload(docgen, kind, content, commit, expected=200):
    return await docgen.call("POST", f"/repositories/r1/{kind}?commit={commit}", expected, content=content)


async def test_coverage_is_joined_to_files_and_definitions(docgen):
    snapshot = await docgen.analysed(FILES)
    accepted = await upload(docgen, "coverage", COVERAGE, snapshot["commit"])
    coverage = await docgen.call("GET", f"/snapshots/{snapshot['id']}/coverage?path=shop/a.py")

    assert (accepted["format"], accepted["file_count"], accepted["line_count"]) == ("coverage.py", 1, 4)
    assert (coverage["is_current"], coverage["rate"]) == (True, 0.75)
    assert [(item["path"], item["covered"], item["missed"]) for item in coverage["items"]] == [("shop/a.py", 3, 1)]
    assert [(item["qualified_name"], item["rate"]) for item in coverage["symbols"]] == [("unused", 0.5), ("used", 1.0)]


async def test_the_newest_report_is_shown_until_the_commit_has_its_own(docgen):
    snapshot = await docgen.analysed(FILES)
    await upload(docgen, "coverage", COVERAGE, "1" * 40)
    before = await docgen.call("GET", f"/snapshots/{snapshot['id']}/coverage")
    await upload(docgen, "coverage", COVERAGE, snapshot["commit"])
    after = await docgen.call("GET", f"/snapshots/{snapshot['id']}/coverage")

    assert (before["commit"], before["is_current"]) == ("1" * 40, False)
    assert after["is_current"]


async def test_tests_are_joined_to_their_definitions_failures_first(docgen):
    snapshot = await docgen.analysed(FILES)
    await upload(docgen, "tests", JUNIT, snapshot["commit"])
    report = await docgen.call("GET", f"/snapshots/{snapshot['id']}/tests")

    assert (report["passed"], report["failed"], report["skipped"]) == (1, 1, 0)
    first, second = report["items"]
    assert (first["status"], first["path"], first["symbol"]) == ("failed", "tests/test_a.py", "test_used")
    assert (second["name"], second["symbol"]) == ("test_other", None)


async def test_without_a_report_there_is_nothing_to_show(docgen):
    snapshot = await docgen.analysed(FILES)

    assert (await docgen.call("GET", f"/snapshots/{snapshot['id']}/coverage"))["items"] == []
    assert (await docgen.call("GET", f"/snapshots/{snapshot['id']}/tests"))["commit"] is None


async def test_what_cannot_be_read_is_refused(docgen):
    for kind in ("coverage", "tests"):
        assert await docgen.refused("POST", f"/repositories/r1/{kind}?commit=abc", content=b"hello") == "invalid_report"
    await upload(docgen, "tests", JUNIT, "../x", expected=422)


async def test_reports_go_with_their_repository(docgen):
    snapshot = await docgen.analysed(FILES)
    await upload(docgen, "coverage", COVERAGE, snapshot["commit"])
    await docgen.call("DELETE", "/repositories/r1")
    again = await docgen.analysed(FILES)

    assert (await docgen.call("GET", f"/snapshots/{again['id']}/coverage"))["commit"] is None
