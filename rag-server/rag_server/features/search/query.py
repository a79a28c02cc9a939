"""Understands what a question asks for, as far as its words tell."""

import re
from dataclasses import dataclass

from codemuse.glossary import for_keywords
from rag_server.core.tokens import joined_pairs, operators_asked, parts_of_word, telling_words

_CODE_WORD = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|#|->|/)[A-Za-z_$][\w$]*)*")
_CODE_SHAPE = re.compile(r"[a-z0-9][A-Z]|_|\.|::|#|->|\$|^[A-Z][A-Z0-9]+$")
_SEPARATOR = re.compile(r"\.|::|#|->|/")
_TESTS = re.compile(r"\b(tests?|testing|tested|specs?|mock(s|ed|ing)?|fixtures?)\b|테스트", re.IGNORECASE)
_EXAMPLES = re.compile(r"\b(examples?|samples?|demos?|tutorials?|benchmarks?|usage)\b|예제", re.IGNORECASE)
_DOCUMENTS = re.compile(
    r"\b(docs?|documentation|readme|guides?|tutorials?|changelog|licen[cs]e|contribut\w+|release notes)\b|문서|가이드",
    re.IGNORECASE,
)
_HANGUL = re.compile(r"[가-힣]")

QUOTED_WORDS = 4
"""Fewer words in a row are chance."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query and what it mentions."""

    words: str
    """What keyword search is asked: the query, the English of its Korean terms, and neighbouring words as one."""
    parts: frozenset[str]
    """Stems of all telling words, and operators."""
    symbols: frozenset[str]
    """Names that look like code, in lower case, without what qualifies them."""
    phrase: str
    """The query in lower case, if it is long enough to be a quotation: an error message, a sentence of a comment."""
    is_signs: bool
    """Whether there are operators and no word: nothing that a model could read."""
    is_name: bool
    """Whether the query is a single word: most likely the name of something."""
    wants_tests: bool
    wants_examples: bool
    wants_documents: bool
    """Also where Korean is asked: what answers in Korean is prose, and English code is found by translated terms anyway."""


ANYTHING = Question(
    "",
    frozenset(),
    frozenset(),
    phrase="",
    is_signs=False,
    is_name=False,
    wants_tests=True,
    wants_examples=True,
    wants_documents=True,
)
"""What is asked when only likeness counts."""


def understand(text: str) -> Question:
    """Read a question."""
    told = text.lower().split()
    is_name = len(told) == 1
    names = {
        _SEPARATOR.split(word)[-1].lower() for word in _CODE_WORD.findall(text) if is_name or _CODE_SHAPE.search(word)
    }
    words = " ".join([for_keywords(text), *joined_pairs(text)])
    word_parts = [part for word in telling_words(words) for part in parts_of_word(word)]
    operators = operators_asked(text)
    return Question(
        words=words,
        parts=frozenset((*word_parts, *operators)),
        symbols=frozenset(name for name in names if name),
        phrase=" ".join(told).rstrip(".!?:") if len(told) >= QUOTED_WORDS else "",
        is_signs=bool(operators) and not word_parts,
        is_name=is_name,
        wants_tests=bool(_TESTS.search(text)),
        wants_examples=bool(_EXAMPLES.search(text)),
        wants_documents=bool(_DOCUMENTS.search(text) or _HANGUL.search(text)),
    )
