"""Understands what a question asks for, as far as its words tell."""

import re
from dataclasses import dataclass

from rag_server.core.tokens import query_terms

_CODE_WORD = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|#|->|/)[A-Za-z_$][\w$]*)*")
_CODE_SHAPE = re.compile(r"[a-z0-9][A-Z]|_|\.|::|#|->|\$|^[A-Z][A-Z0-9]+$")
_SEPARATOR = re.compile(r"\.|::|#|->|/")
_TESTS = re.compile(r"\b(tests?|testing|tested|specs?|mock(s|ed|ing)?|fixtures?)\b|테스트", re.IGNORECASE)
_EXAMPLES = re.compile(r"\b(examples?|samples?|demos?|tutorials?|benchmarks?|usage)\b|예제", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """A query and what it mentions."""

    text: str
    terms: frozenset[str]
    """Stems of all telling words."""
    symbols: frozenset[str]
    """Names that look like code, in lower case, without what qualifies them."""
    wants_tests: bool
    wants_examples: bool


def understand(text: str) -> Question:
    """Read a question."""
    words = _CODE_WORD.findall(text)
    lonely = len(text.split()) == 1
    names = {_SEPARATOR.split(word)[-1].lower() for word in words if lonely or _CODE_SHAPE.search(word)}
    return Question(
        text=text,
        terms=frozenset(query_terms(text)),
        symbols=frozenset(name for name in names if name),
        wants_tests=bool(_TESTS.search(text)),
        wants_examples=bool(_EXAMPLES.search(text)),
    )
