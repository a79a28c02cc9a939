"""The extractive answerer: right things said, each with its source, in the question's language."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemuse.contracts.llm import ChatMessage
from codemuse.contracts.sources import Source, render_sources
from llm_server.core.extractive.answer import compose
from llm_server.core.extractive.passages import excerpt, sentences, signature, words
from llm_server.core.extractive.prompt import Prompt, read_prompt

CHARGE = Source(
    number=1,
    path="shop/payment.py",
    start_line=4,
    end_line=9,
    language="python",
    symbol="charge_card",
    text='def charge_card(number: str, cents: int) -> bool:\n    """Charge a credit card through the provider.\n\n'
    '    Declined cards answer False. Retries are the caller\'s business.\n    """\n    return provider.charge(number, cents)',
)
GUIDE = Source(
    number=2,
    path="docs/refunds.md",
    start_line=1,
    end_line=3,
    language="markdown",
    symbol="Refunds",
    text="# Refunds\n\nA refund is decided by two people. Refunds over 100 euros need a manager.",
)
GO = Source(
    number=3,
    path="pay/pay.go",
    start_line=10,
    end_line=14,
    language="go",
    symbol="Refund",
    text="// Refund gives the money of an order back.\n// It never fails twice.\nfunc Refund(order Order) error {\n\treturn nil\n}",
)


def ask(question: str, *sources: Source, **options) -> str:
    return compose(Prompt(question, list(sources)), **options)


def test_every_statement_has_a_source_that_exists() -> None:
    answer = ask("How is a credit card charged?", CHARGE, GUIDE, GO)
    numbers = {int(number) for number in re.findall(r"\[(\d+)\]", answer)}
    assert numbers
    assert numbers <= {1, 2, 3}
    assert "Charge a credit card through the provider. [1]" in answer
    for bullet in re.findall(r"^- .*$", answer, re.MULTILINE):
        assert re.search(r"\[\d+\]$", bullet), bullet


def test_the_lead_names_place_and_code() -> None:
    answer = ask("How is a credit card charged?", CHARGE)
    assert "`shop/payment.py:4-9`" in answer
    assert "```python\ndef charge_card" in answer


def test_where_questions_are_answered_with_places_first() -> None:
    answer = ask("Where are refunds decided?", GUIDE, GO)
    first_line = answer.splitlines()[0]
    assert "places" in first_line
    assert answer.index("docs/refunds.md") < answer.index("pay/pay.go")


def test_a_source_that_says_it_plainly_comes_before_one_that_does_not() -> None:
    assert ask("Who decides a refund over 100 euros?", CHARGE, GUIDE).index("Refunds") < 60


def test_korean_questions_get_korean_words() -> None:
    answer = ask("환불은 어디서 결정하나요?", GUIDE)
    assert "위치" in answer
    assert "No language model" not in answer


def test_without_sources_it_says_so_and_claims_nothing() -> None:
    answer = ask("Why?")
    assert "[1]" not in answer
    assert "No passage" in answer


def test_it_says_which_models_could_not_be_reached() -> None:
    assert "qwen did not answer" in ask("Why?", CHARGE, missing=["qwen"])
    assert "No language model is configured" not in ask("Why?", CHARGE, chosen=True)
    assert "No language model is configured" in ask("Why?", CHARGE)


def test_code_with_fences_does_not_break_the_answer() -> None:
    hostile = CHARGE.model_copy(
        update={"text": 'def charge_card():\n    """```\n    evil\n    ```"""', "language": "python"}
    )
    answer = ask("charge card", hostile)
    assert answer.count("````") == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (CHARGE, "def charge_card(number: str, cents: int) -> bool"),
        (GO, "func Refund(order Order) error"),
        (GUIDE, "# Refunds"),
    ],
)
def test_the_signature_is_the_line_that_begins_the_definition(source: Source, expected: str) -> None:
    assert signature(source) == (None if source is GUIDE else expected)


def test_sentences_come_from_documentation_in_every_style() -> None:
    assert [s.text for s in sentences(CHARGE, words("declined"))][:2] == [
        "Charge a credit card through the provider.",
        "Declined cards answer False.",
    ]
    assert [s.text for s in sentences(GO, set())] == [
        "Refund gives the money of an order back.",
        "It never fails twice.",
    ]
    java = GO.model_copy(
        update={
            "language": "java",
            "text": "/**\n * Sends the <b>monthly</b> invoice.\n * @param c whom\n */\nvoid send() {}",
        }
    )
    assert sentences(java, set())[0].text == "Sends the monthly invoice."


def test_an_excerpt_is_the_part_that_fits_the_question() -> None:
    text = "\n".join([f"    line_{n} = {n}" for n in range(40)] + ["    refund_order(order)"] + ["    x = 1"] * 20)
    long = CHARGE.model_copy(update={"text": text, "start_line": 100})
    shown, first = excerpt(long, words("refund an order"), limit=10)
    assert "refund_order(order)" in shown
    assert 100 < first <= 140
    assert not shown.startswith(" ")
    assert excerpt(long, set(), limit=10)[1] == 100


@pytest.mark.parametrize("limit", [3, 10])
def test_an_excerpt_is_named_by_the_first_line_that_is_shown(limit: int) -> None:
    padded = CHARGE.model_copy(update={"text": "\n\ndef refund():\n    pay()", "start_line": 20})
    shown, first = excerpt(padded, words("refund"), limit=limit)
    assert shown.startswith("def refund():")
    assert first == 22


def test_words_take_names_apart_and_drop_what_carries_no_meaning() -> None:
    assert words("How does the chargeCreditCard work?") == words("charge credit card work")
    assert "the" not in words("the card")


def test_the_question_is_found_behind_the_sources() -> None:
    text = f"{render_sources([CHARGE])}\n\n<question>\nWhere?\n</question>"
    prompt = read_prompt([ChatMessage(role="system", content="s"), ChatMessage(role="user", content=text)])
    assert (prompt.question, [source.path for source in prompt.sources]) == ("Where?", ["shop/payment.py"])
    plain = read_prompt([ChatMessage(role="user", content=[{"type": "text", "text": "Hello"}])])
    assert (plain.question, list(plain.sources)) == ("Hello", [])
    assert read_prompt([ChatMessage(role="system", content="x")]).question == ""


@given(st.text(max_size=300), st.text(min_size=1, max_size=300), st.sampled_from(["python", "go", "markdown", "", "c"]))
def test_no_question_and_no_source_breaks_it(question: str, text: str, language: str) -> None:
    source = Source(number=1, path="a", start_line=1, end_line=1, text=text, language=language, symbol="x.y")
    assert ask(question, source)
