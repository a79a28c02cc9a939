"""Which questions ask for callers and callees, and of what."""

import pytest

from codemuse.relations import Relation, read_relation


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("who calls apply_async?", "apply_async"),
        ("What uses `Task.delay()` in production code?", "Task.delay"),
        ("which functions call the send_message function", "send_message"),
        ("callers of Worker::start", "Worker.start"),
        ("all usages of retry_policy", "retry_policy"),
        ("Where is parse_config called?", "parse_config"),
        ("what depends on BaseLoader", "BaseLoader"),
        ("what breaks if I change the encode function", "encode"),
        ("apply_async를 호출하는 함수는?", "apply_async"),
        ("`Task.delay`는 어디서 사용되나요?", "Task.delay"),
    ],
)
def test_callers_are_asked_for(question, name):
    asked = read_relation(question)
    assert asked is not None
    assert (asked.relation, asked.name) == (Relation.CALLERS, name)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("what does apply_async call?", "apply_async"),
        ("Which functions does Worker.start use?", "Worker.start"),
        ("dependencies of the scheduler", "scheduler"),
        ("apply_async가 호출하는 함수", "apply_async"),
    ],
)
def test_callees_are_asked_for(question, name):
    asked = read_relation(question)
    assert asked is not None
    assert (asked.relation, asked.name) == (Relation.CALLEES, name)


@pytest.mark.parametrize(
    "question",
    [
        "how is a lease renewed",
        "what does apply_async do?",
        "apply_async",
        "where is the timeout set",
        "인증은 어떻게 하나요?",
        "what uses the connection pool",
        "",
    ],
)
def test_other_questions_ask_for_neither(question):
    assert read_relation(question) is None
