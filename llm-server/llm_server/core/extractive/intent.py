"""What a question wants to know, and which names it asks about."""

import re
from collections.abc import Sequence
from enum import Enum

from codemuse.contracts.sources import Source

_CODE_NAME = re.compile(r"`([^`]+)`|\b([A-Za-z_]\w*(?:(?:\.|::|#)[A-Za-z_]\w*)+|\w*[a-z][A-Z]\w*|\w+_\w+|\w+(?=\(\)))")


class Intent(Enum):
    """What kind of answer helps."""

    CALLERS = "callers"
    COMPARE = "compare"
    PROBLEMS = "problems"
    HOW_TO = "how to"
    WHERE = "where"
    LIST = "list"
    EXPLAIN = "explain"


_CUES: Sequence[tuple[Intent, re.Pattern[str]]] = [
    (intent, re.compile(pattern, re.IGNORECASE))
    for intent, pattern in (
        (
            Intent.CALLERS,
            (
                r"\b(?:who|what|which \w+) (?:calls?|uses?|invokes?)\b|\bcallers? of\b|\busages? of\b|\breferences? to\b"
                r"|\bwhere (?:is|are) \S+ (?:called|used|invoked)|호출하는|어디(?:서|에서) (?:호출|사용|쓰)|누가 (?:호출|사용)"
            ),
        ),
        (Intent.COMPARE, r"\bdifferen(?:ce|t)|\bcompare|\bversus\b|\bvs\.?(?=\s)|차이|비교"),
        (
            Intent.PROBLEMS,
            (
                r"\bbugs?\b|\bproblems?\b|\bwrong with\b|\bissues? (?:in|with)\b|\bvulnerab|\bunsafe\b|\brisks?\b|\bsmells?\b"
                r"|\btodos?\b|버그|문제점|취약|위험"
            ),
        ),
        (
            Intent.HOW_TO,
            r"\bhow (?:do|can|should|would) (?:i|we|you|one)\b|\bhow to\b|\bexamples? of\b|방법|사용법|예제|하려면",
        ),
        (Intent.WHERE, r"\bwhere\b|\bwhich file\b|\bwhat file\b|\blocat|어디|위치|어느 파일"),
        (Intent.LIST, r"\blist\b|\bwhich\b|\bwhat are\b|\bshow all\b|\benumerate\b|목록|나열|무엇무엇|어떤 것들"),
    )
]


def read_intent(question: str) -> Intent:
    """The first kind whose cue stands in the question; an explanation when none does."""
    return next((intent for intent, cue in _CUES if cue.search(question)), Intent.EXPLAIN)


_TERM = r"(?:an? |the )?[`'\"]?([A-Za-z_][A-Za-z0-9_.:-]*)[`'\"]?"
_COMPARED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bbetween {_TERM}(?:\s+\w+)?,? and {_TERM}",
        rf"\bcompare {_TERM} (?:and|with|to) {_TERM}",
        rf"{_TERM} (?:vs\.?|versus) {_TERM}",
        rf"\bhow (?:is|are|does) {_TERM} differ(?:s|ent)? from {_TERM}",
        r"`?([A-Za-z_][A-Za-z0-9_.]*)`?(?:와|과|랑|하고)\s*`?([A-Za-z_][A-Za-z0-9_.]*)`?",
    )
]


_CALLED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:calls?|uses?|invokes?|callers of|usages? of|references? to) {_TERM}",
        rf"\bwhere (?:is|are) {_TERM} (?:called|used|invoked)",
        r"`?([A-Za-z_][A-Za-z0-9_.]*)(?:\(\))?`?\s*(?:함수|메서드|클래스|변수|타입)?(?:을|를|은|는|이|가)",
    )
]


def called_in(question: str) -> str:
    """What a question wants to know the callers of, as it calls it; empty if it does not say."""
    match = next((found for pattern in _CALLED if (found := pattern.search(question))), None)
    return _last(match[1].removesuffix("()")) if match else ""


def compared_in(question: str) -> list[str]:
    """The two things that a question sets against each other, as it calls them; none if it does not say."""
    match = next((found for pattern in _COMPARED if (found := pattern.search(question))), None)
    return [_last(term.removesuffix("()")) for term in match.groups()] if match else []


def named_in(question: str, sources: Sequence[Source]) -> list[str]:
    """Last parts of the code names in a question, in its order: what is written as code, or is a source's symbol."""
    found = {(match.group(1) or match.group(2)): match.start() for match in _CODE_NAME.finditer(question)}
    for source in sources:
        symbol = _last(source.symbol or "")
        position = (
            re.search(rf"\b{re.escape(symbol)}\b", question)
            if len(symbol) > 2 and source.language != "markdown"
            else None
        )
        if position is not None:
            found.setdefault(symbol, position.start())
    ordered = sorted(found, key=lambda name: found[name])
    return list(dict.fromkeys(_last(name.removesuffix("()")) for name in ordered))


def _last(name: str) -> str:
    return re.split(r"\.|::|#", name)[-1]
