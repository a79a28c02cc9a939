import orjson
import pytest

from docgen_server.core.errors import InvalidReport
from docgen_server.core.reports.coverage import FileCoverage, match_paths, merge, parse_coverage

COBERTURA = b"""<?xml version="1.0" ?><coverage line-rate="0.5"><packages><package><classes><class filename="shop/a.py"><methods/>
<lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class></classes></package></packages></coverage>"""
LCOV = b"TN:\nSF:shop/a.py\nDA:1,3\nDA:2,0\nend_of_record\n"
JSON = orjson.dumps({"meta": {}, "files": {"shop/a.py": {"executed_lines": [1], "missing_lines": [2]}}})


@pytest.mark.parametrize(("data", "form"), [(COBERTURA, "cobertura"), (LCOV, "lcov"), (JSON, "coverage.py")])
def test_every_format_says_the_same(data, form):
    found, coverage = parse_coverage(data)

    assert found == form
    assert coverage == {"shop/a.py": FileCoverage({1}, {2})}
    assert coverage["shop/a.py"].rate == 0.5


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<a/>",
        b"<a",
        b"{",
        b"{}",
        b'{"files": [1]}',
        b"SF:a\nDA:x,y\n",
        b'<!DOCTYPE a [<!ENTITY b "c">]><coverage>&b;</coverage>',
    ],
)
def test_what_is_no_coverage_is_refused(data):
    with pytest.raises(InvalidReport):
        parse_coverage(data)


def test_jobs_add_up_and_what_one_covers_stays_covered():
    total = {"a": FileCoverage({1}, {2, 3})}
    merge(total, {"a": FileCoverage({2}, {1}), "b": FileCoverage(set(), {1})})

    assert total == {"a": FileCoverage({1, 2}, {3}), "b": FileCoverage(set(), {1})}


def test_paths_of_a_report_are_matched_by_their_end():
    file = FileCoverage({1}, set())
    written = {"/home/ci/work/src/shop/a.py": file, "shop\\b.py": file, "elsewhere/c.py": file, "util.py": file}

    matched = match_paths(written, ["src/shop/a.py", "src/shop/b.py", "x/util.py", "y/util.py"])

    assert set(matched) == {"src/shop/a.py", "src/shop/b.py"}
