"""From sources to a short Markdown answer in which nothing stands without its citation."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from codemuse.contracts.sources import Source
from llm_server.core.extractive.passages import excerpt, sentences, signature, words
from llm_server.core.extractive.phrases import ENGLISH, KOREAN, Phrases
from llm_server.core.extractive.prompt import Prompt

_MAXIMUM_FURTHER = 4
_EXCERPT_LINES = 14
_SENTENCES = 3
_GOOD_FIT = 0.34
_SUMMARY_WORDS_AHEAD = 0.15


class Intent(Enum):
    """What kind of answer helps."""

    WHERE = "where"
    LIST = "list"
    EXPLAIN = "explain"


_WHERE = ("where", "which file", "in what file", "locat", "어디", "위치", "어느 파일")
_LIST = ("list ", "which ", "what are", "show all", "enumerate", "목록", "나열", "무엇무엇", "어떤 것들")


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the parts of one answer share."""

    asked: AbstractSet[str]
    phrases: Phrases


def compose(prompt: Prompt, *, missing: Sequence[str] = ()) -> str:
    """The answer.

    Args:
        prompt: Question and sources.
        missing: Models that were asked first and did not answer; none when none is configured.
    """
    phrases = KOREAN if prompt.korean else ENGLISH
    note = phrases.unreachable.format(models=", ".join(missing)) if missing else phrases.unconfigured
    if not prompt.sources:
        return f"{phrases.nothing}\n\n> {note}\n"
    answer = _Answer(words(prompt.question), phrases)
    intent = _intent(prompt.question)
    ranked = _by_evidence(prompt.sources, answer.asked)
    first, further = ranked[0], ranked[1 : 1 + _MAXIMUM_FURTHER]
    parts = [_where(ranked[: 1 + _MAXIMUM_FURTHER], answer)] if intent is not Intent.EXPLAIN else [_lead(first, answer)]
    parts.append(_code(first, answer))
    if intent is Intent.EXPLAIN and further:
        parts += [phrases.also, "\n".join(_bullet(source, answer) for source in further)]
    parts.append(f"> {note}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _intent(question: str) -> Intent:
    lowered = f"{question.lower()} "
    if any(cue in lowered for cue in _WHERE):
        return Intent.WHERE
    return Intent.LIST if any(cue in lowered for cue in _LIST) else Intent.EXPLAIN


def _by_evidence(sources: Sequence[Source], asked: AbstractSet[str]) -> list[Source]:
    """The order of the search, except that a source whose own words fit clearly better moves up by a place or two."""

    def rank(position: int, source: Source) -> float:
        named = len(words(f"{source.symbol or ''} {source.path}") & asked) / (len(asked) or 1)
        said = max((sentence.fit for sentence in sentences(source, asked)), default=0.0)
        return position - 2.0 * named - 2.0 * said

    return [source for _, source in sorted(enumerate(sources), key=lambda pair: rank(*pair))]


def _lead(source: Source, answer: _Answer) -> str:
    said = _summary(source, answer.asked, _SENTENCES)
    head = answer.phrases.lead.format(name=_name(source), place=_place(source), number=source.number)
    return f"{head} {_cite(said, source.number)}" if said else head


def _where(sources: Sequence[Source], answer: _Answer) -> str:
    return "\n".join([answer.phrases.places, "", *(_bullet(source, answer) for source in sources)])


def _bullet(source: Source, answer: _Answer) -> str:
    said = _summary(source, answer.asked, 1) or _signature_span(source)
    return f"- {_name(source)} ({_place(source)})" + (f": {' '.join(said)}" if said else "") + f" [{source.number}]"


def _code(source: Source, answer: _Answer) -> str:
    if source.language in {"markdown", "rst", "text"}:
        return ""
    text, first_line = excerpt(source, answer.asked, limit=_EXCERPT_LINES)
    caption = answer.phrases.code.format(path=source.path, line=first_line, number=source.number)
    fence = "````" if "```" in text else "```"
    return f"{caption}\n\n{fence}{source.language}\n{text}\n{fence}"


def _summary(source: Source, asked: AbstractSet[str], limit: int) -> list[str]:
    """The sentences that fit best, in their order; the first one is favoured, since it says what the thing is."""
    found = sentences(source, asked)
    scored = [
        (sentence.fit + (_SUMMARY_WORDS_AHEAD if index == 0 else 0.0), index) for index, sentence in enumerate(found)
    ]
    best = sorted(scored, reverse=True)[:limit]
    chosen = {index for score, index in best if score >= _GOOD_FIT or index == best[0][1]}
    return [sentence.text for index, sentence in enumerate(found) if index in chosen]


def _cite(said: Sequence[str], number: int) -> str:
    return " ".join(f"{sentence} [{number}]" for sentence in said)


def _signature_span(source: Source) -> list[str]:
    line = signature(source)
    return [f"`{line.replace('`', '')}`"] if line else []


def _name(source: Source) -> str:
    return f"**`{source.symbol}`**" if source.symbol else f"**{source.path.rsplit('/', 1)[-1]}**"


def _place(source: Source) -> str:
    return f"`{source.path}:{source.start_line}-{source.end_line}`"
