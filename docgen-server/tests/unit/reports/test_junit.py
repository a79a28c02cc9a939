import pytest

from docgen_server.core.errors import InvalidReport
from docgen_server.core.reports.junit import parse_junit

REPORT = b"""<testsuites><testsuite name="pytest" tests="4">
<testcase classname="tests.test_a" name="test_fine[1]" time="0.5"/>
<testcase classname="tests.test_a" name="test_bad" time="0.1"><failure message="assert 1 == 2">long text</failure></testcase>
<testcase classname="tests.test_a" name="test_broken"><error>no fixture</error></testcase>
<testcase classname="tests.test_a" name="test_later"><skipped/></testcase>
</testsuite></testsuites>"""


def test_every_outcome_is_told():
    cases = parse_junit(REPORT)

    assert [(case.name, case.status, case.message) for case in cases] == [
        ("test_fine[1]", "passed", ""),
        ("test_bad", "failed", "assert 1 == 2"),
        ("test_broken", "error", "no fixture"),
        ("test_later", "skipped", ""),
    ]
    assert cases[0].seconds == 0.5


@pytest.mark.parametrize("data", [b"", b"x", b"<html/>", b'<testsuite><testcase time="soon"/></testsuite>'])
def test_what_is_no_report_is_refused(data):
    with pytest.raises(InvalidReport):
        parse_junit(data)
