"""The kinds of questions, and that each is answered in its way and with its sources."""

import re

import pytest

from codemuse.contracts.sources import Source
from llm_server.core.extractive.answer import compose
from llm_server.core.extractive.intent import Intent, named_in, read_intent
from llm_server.core.extractive.prompt import Prompt

CHARGE = Source(
    number=1, path="shop/payment.py", start_line=4, end_line=7, language="python", symbol="charge_card",
    text='def charge_card(number: str) -> bool:\n    """Charge a credit card."""\n    return provider.charge(number)',
)  # fmt: skip
ORDER = Source(
    number=2, path="shop/orders.py", start_line=10, end_line=16, language="python", symbol="place_order",
    text='def place_order(customer, items=[]):\n    """Store an order."""\n    # charge_card is slow\n    charge_card(customer)\n'
    "    try:\n        notify()\n    except Exception: pass",
)  # fmt: skip
GUIDE = Source(
    number=3, path="docs/orders.md", start_line=1, end_line=9, language="markdown", symbol="Orders",
    text="# Orders\n\nTo place an order, call the order service with a customer.\n\n```python\nplace_order('ann', ['tea'])\n```",
)  # fmt: skip


def ask(question: str, *sources: Source) -> str:
    return compose(Prompt(question, list(sources or (CHARGE, ORDER, GUIDE))))


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("Who calls charge_card?", Intent.CALLERS),
        ("Where is `charge_card` used?", Intent.CALLERS),
        ("charge_card를 호출하는 곳은?", Intent.CALLERS),
        ("What is the difference between charge_card and place_order?", Intent.COMPARE),
        ("charge_card와 place_order의 차이는?", Intent.COMPARE),
        ("Are there bugs in the order code?", Intent.PROBLEMS),
        ("주문 코드의 버그를 찾아줘", Intent.PROBLEMS),
        ("How do I place an order?", Intent.HOW_TO),
        ("주문하는 방법은?", Intent.HOW_TO),
        ("Where are refunds decided?", Intent.WHERE),
        ("환불은 어디서 결정하나요?", Intent.WHERE),
        ("Which settings are there?", Intent.LIST),
        ("What does charge_card do?", Intent.EXPLAIN),
        ("How is a card charged?", Intent.EXPLAIN),
    ],
)
def test_the_kind_of_a_question_is_read_from_its_words(question: str, intent: Intent) -> None:
    assert read_intent(question) is intent


def test_names_are_those_written_as_code_and_those_of_the_sources() -> None:
    assert named_in("compare `pay.Charge` with HttpClient and place_order()", []) == [
        "Charge",
        "HttpClient",
        "place_order",
    ]
    refund = CHARGE.model_copy(update={"symbol": "Refund"})
    assert named_in("What does Refund do?", [refund]) == ["Refund"]


def test_callers_are_shown_as_the_lines_that_call() -> None:
    answer = ask("Who calls charge_card?")
    bullets = re.findall(r"^- .*$", answer, re.MULTILINE)
    assert bullets == ["- `shop/orders.py:13` — **`place_order`**: `charge_card(customer)` [2]"]


def test_without_a_caller_it_says_so() -> None:
    assert "None of the passages found calls `charge_card`" in ask("Who calls charge_card?", CHARGE)


def test_two_things_are_set_side_by_side() -> None:
    bullets = re.findall(r"^- .*$", ask("What is the difference between place_order and charge_card?"), re.MULTILINE)
    assert [re.search(r"\*\*`(\w+)`", bullet).group(1) for bullet in bullets] == ["place_order", "charge_card"]
    assert "def charge_card(number: str) -> bool" in bullets[1]


def test_suspicious_lines_are_quoted_as_suspicions() -> None:
    answer = ask("Are there problems in the order code?")
    assert "suspicions, not findings" in answer
    assert "`shop/orders.py:16`" in answer
    assert "errors are swallowed) [2]" in answer
    assert "a default value that all calls share" in answer
    assert "Nothing in the passages found looks suspicious" in ask("Any bugs?", CHARGE)


def test_a_how_to_begins_with_what_the_guide_says_and_shows() -> None:
    answer = ask("How do I place an order?")
    assert answer.index("docs/orders.md") < answer.index("place_order('ann', ['tea'])")
    assert "An example from `docs/orders.md` [3]" in answer


@pytest.mark.parametrize(
    "question",
    ["Who calls charge_card?", "compare charge_card and place_order", "any bugs?", "how to order?", "list all"],
)
def test_no_bullet_stands_without_its_source(question: str) -> None:
    for bullet in re.findall(r"^- .*$", ask(question), re.MULTILINE):
        assert re.search(r"\[\d+\]$", bullet), bullet
