import asyncio

import orjson
import pytest

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


async def test_jobs_that_report_at_once_are_all_counted(docgen):
    snapshot = await docgen.analysed(FILES)
    parts = [
        orjson.dumps({"files": {"shop/a.py": {"executed_lines": [line], "missing_lines": []}}}) for line in range(9)
    ]
    cases = [b'<testsuite><testcase classname="t" name="t%d"/></testsuite>' % number for number in range(9)]
    await asyncio.gather(
        *(upload(docgen, "coverage", part, snapshot["commit"]) for part in parts),
        *(upload(docgen, "tests", case, snapshot["commit"]) for case in cases),
    )

    assert (await docgen.call("GET", f"/snapshots/{snapshot['id']}/coverage"))["items"][0]["covered"] == 9
    assert (await docgen.call("GET", f"/snapshots/{snapshot['id']}/tests"))["passed"] == 9


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("tests", b'<testsuite><testcase name="a" time="NaN"/></testsuite>'),
        ("tests", b'<testsuite><testcase name="a" time="inf"/></testsuite>'),
        ("coverage", b"SF:a.py\nDA:1,inf\n"),
        ("coverage", b"SF:a.py\nDA:1,nan\n"),
        ("coverage", b"SF:a.py\nDA:99999999999999999999999,1\n"),
        ("coverage", b'{"files": {"a.py": {"executed_lines": [1e300], "missing_lines": []}}}'),
    ],
)
async def test_numbers_that_are_none_are_refused(docgen, kind, content):
    assert await docgen.refused("POST", f"/repositories/r1/{kind}?commit=abc", content=content) == "invalid_report"
