"""The tokens of a text by its words are the tokenizer's own."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE, WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, Whitespace

from embedding_server.core import words
from embedding_server.core.words import WordTokens

CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_.,()[]{}+-*/='\"!#%&:;<>?@^`|~$\\éß한자字ς"


def make_tokenizer():
    pieces = ["[UNK]", *CHARACTERS, *(f"##{character}" for character in CHARACTERS), "self", "def", "##ing"]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer


TOKENIZER = make_tokenizer()


def whole(texts, limit):
    return [item.ids[:limit] for item in TOKENIZER.encode_batch_fast(texts, add_special_tokens=False)]


@given(
    st.lists(
        st.text(
            st.one_of(
                st.sampled_from(CHARACTERS + " \t\n\r\x0b\x00AZΣİ\u0301\u2028"),
                st.characters(exclude_categories=["Cs"]),
            )
        )
    )
)
@example(["def f(self):\n    return self.name_of['x'] + naïve", "", " ", "x" * 200, "Ａ\u200bｂ 😀", "a\x01b\u0301.c"])
def test_a_text_has_the_tokens_of_its_words(texts):
    assert WordTokens(TOKENIZER).encode(texts, 512) == whole(texts, 512)


def test_a_text_is_cut_at_the_limit():
    assert WordTokens(TOKENIZER).encode(["self " * 20], 7) == whole(["self " * 20], 7)


def test_words_that_were_met_before_give_the_same_tokens():
    tokens = WordTokens(TOKENIZER)
    first = tokens.encode(["def self_testing(x)"], 512)
    assert tokens.encode(["def self_testing(x)"], 512) == first == whole(["def self_testing(x)"], 512)


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(words, "MOST_CHARACTERS", 40)
    tokens = WordTokens(TOKENIZER)
    texts = [f"word{number} other{number}" for number in range(50)]
    assert [tokens.encode([text], 512)[0] for text in texts] == whole(texts, 512)
    assert sum(map(len, tokens._known)) <= 40


def test_a_special_name_in_a_text_is_words():
    tokenizer = make_tokenizer()
    tokenizer.add_special_tokens(["[UNK]"])
    assert len(WordTokens(tokenizer).encode(["[UNK]"], 512)[0]) > 1


@pytest.mark.parametrize("change", ["normalizer", "pre_tokenizer", "model"])
def test_other_tokenizers_do_not_fit(change):
    tokenizer = make_tokenizer()
    assert WordTokens.fits(tokenizer)
    if change == "normalizer":
        tokenizer.normalizer = None
    elif change == "pre_tokenizer":
        tokenizer.pre_tokenizer = Whitespace()
    else:
        tokenizer.model = BPE()
    assert not WordTokens.fits(tokenizer)
