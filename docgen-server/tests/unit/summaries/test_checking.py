import pytest

from codemuse.contracts.sources import Source
from docgen_server.core.summaries.checking import check_answer
from docgen_server.core.summaries.evidence import Evidence

EVIDENCE = Evidence(
    "module",
    "shop/cart.py",
    (
        Source(number=1, path="shop/cart.py", start_line=1, end_line=4, text="Carts.\nImports: shop/item.py"),
        Source(number=2, path="shop/cart.py", start_line=5, end_line=20, text="class Cart:\nmethod Cart.buy", symbol="Cart"),
        Source(number=3, path="shop/cart.py", start_line=22, end_line=24, text="def open_shop(hours: int)", symbol="open_shop"),
    ),
    {"shop/cart.py": 30},
)  # fmt: skip


def kept(answer):
    return [(one.text, one.places) for one in check_answer(answer, EVIDENCE)]


def test_a_sentence_stands_with_the_lines_that_it_cites():
    assert kept("A `Cart` is bought with `Cart.buy()`. [2]\n") == [
        ("A `Cart` is bought with `Cart.buy()`.", ("`shop/cart.py:5-20`",))
    ]


def test_places_may_be_cited_by_their_lines():
    assert kept("`open_shop` opens [shop/cart.py:22-23].") == [("`open_shop` opens.", ("`shop/cart.py:22-24`",))]


@pytest.mark.parametrize(
    "sentence",
    [
        "It has no source at all.",
        "It cites a number that nobody gave. [9]",
        "It cites one that holds and one that does not. [1][9]",
        "It cites a file that is not there [shop/none.py:1-2].",
        "It cites lines that are not there [shop/cart.py:25-99].",
        "It calls `sell_everything` first. [2]",
        "It calls sell_everything() first. [2]",
        "It reads the shop_hours before. [2]",
        "`open_shop` is told by other lines. [1]",
        "See [the docs](https://evil.invalid/x) for more. [1]",
        "Visit https://evil.invalid now. [1]",
        "<img src=x> is shown. [1]",
        "**Carts** matter. [1]",
        "# Carts [1]",
        "[1]",
        "Carts are " + "very " * 150 + "good. [1]",
    ],
)
def test_a_sentence_that_is_not_borne_out_is_left_out(sentence):
    assert kept(sentence) == []


def test_sentences_are_judged_one_by_one():
    answer = "- Carts are kept here [1]. They fly to the moon. `Cart` holds things. [2] `nothing_real` too. [2]"

    assert [text for text, _ in kept(answer)] == ["Carts are kept here.", "`Cart` holds things."]


def test_dots_in_code_and_numbers_end_no_sentence():
    assert [text for text, _ in kept("`Cart.buy` has been here since 3.11 of it. [2]")] == [
        "`Cart.buy` has been here since 3.11 of it."
    ]


def test_korean_sentences_are_kept():
    assert kept("`Cart`는 물건을 담습니다. [1, 2]") == [
        ("`Cart`는 물건을 담습니다.", ("`shop/cart.py:1-4`", "`shop/cart.py:5-20`"))
    ]


def test_no_more_than_six_sentences_stand():
    assert len(kept(" ".join(f"Carts number {n} are kept. [1]" for n in range(20)))) == 6
