"""Questions about who uses whom: which way they ask, and about which name. In English and Korean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """What is asked about a definition."""

    CALLERS = "callers"
    """What uses it."""
    CALLEES = "callees"
    """What it uses."""


@dataclass(frozen=True, slots=True)
class RelationQuestion:
    """A question about what uses a name, or what it uses."""

    relation: Relation
    name: str


_NAME = r"(?:the\s+)?`?([A-Za-z_][A-Za-z0-9_]*(?:(?:\.|::|#)[A-Za-z_][A-Za-z0-9_]*)*)(?:\(\))?`?"
_LAST = rf"{_NAME}(?=\s*(?:$|[?.!,;)]|(?:function|method|class|module|in|from|within|across|outside|inside|when|changes?)\b))"
"""A name and not the first of several words: what uses the connection pool asks of no definition."""
_USE = r"(?:calls?|uses?|invokes?|imports?|references?|depends?\s+on)"
_USED = r"(?:called|used|invoked|imported|referenced)"
_CUES: Sequence[tuple[Relation, re.Pattern[str]]] = [
    (relation, re.compile(pattern, re.IGNORECASE))
    for relation, pattern in (
        (Relation.CALLEES, rf"\b(?:what|which(?:\s+\w+){{1,2}})\s+(?:does|do|is|are)\s+{_NAME}\s+{_USE}"),
        (Relation.CALLEES, rf"\b(?:callees|dependencies)\s+of\s+{_LAST}"),
        (Relation.CALLEES, rf"{_NAME}(?:이|가)\s*(?:호출|사용|참조)하는"),
        (Relation.CALLERS, rf"\b(?:who|what|which(?:\s+\w+){{1,2}})\s+{_USE}\s+{_LAST}"),
        (Relation.CALLERS, rf"\b(?:callers?|usages?|uses|users|dependents|references)\s+(?:of|to)\s+{_LAST}"),
        (Relation.CALLERS, rf"\bwhere\s+(?:is|are)\s+{_NAME}\s+{_USED}\b"),
        (Relation.CALLERS, rf"\bwhat\s+(?:\w+\s+)?breaks?\s+(?:if|when)\s+(?:(?:i|we|you)\s+change\s+)?{_LAST}"),
        (Relation.CALLERS, rf"{_NAME}\s*(?:을|를)\s*(?:호출|사용|참조)하는"),
        (Relation.CALLERS, rf"{_NAME}\s*(?:은|는|이|가|을|를)?\s*(?:어디(?:서|에서)?|누가)\s*(?:호출|사용|참조|쓰)"),
    )
]


def read_relation(question: str) -> RelationQuestion | None:
    """What a question wants to know of the call graph; nothing when it asks for something else."""
    for relation, cue in _CUES:
        if found := cue.search(question):
            return RelationQuestion(relation, re.sub(r"::|#", ".", found.group(1)))
    return None
