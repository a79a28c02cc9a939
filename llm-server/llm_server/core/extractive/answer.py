"""From sources to a short Markdown answer in which nothing stands without its citation."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from codemuse.contracts.sources import Source
from llm_server.core.extractive.evidence import Line, calls_of, example_in, suspicions
from llm_server.core.extractive.intent import Intent, named_in, read_intent
from llm_server.core.extractive.passages import excerpt, sentences, signature, words
from llm_server.core.extractive.phrases import ENGLISH, KOREAN, Phrases
from llm_server.core.extractive.prompt import Prompt

_MAXIMUM_FURTHER = 4
_EXCERPT_LINES = 14
_SENTENCES = 3
_GOOD_FIT = 0.34
_SUMMARY_WORDS_AHEAD = 0.15
_MAXIMUM_LINES = 8
_PROSE = frozenset({"markdown", "rst", "text"})


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the parts of one answer share."""

    asked: AbstractSet[str]
    phrases: Phrases
    names: Sequence[str]
    """Names of code that the question asks about."""


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
    answer = _Answer(words(prompt.question), phrases, named_in(prompt.question, prompt.sources))
    ranked = _by_evidence(prompt.sources, answer.asked)
    write = _WRITERS.get(read_intent(prompt.question), _explain)
    parts = write(ranked, answer) or _explain(ranked, answer)
    return "\n\n".join(part for part in (*parts, f"> {note}") if part) + "\n"


def _explain(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    first, further = ranked[0], ranked[1 : 1 + _MAXIMUM_FURTHER]
    parts = [_lead(first, answer), _code(first, answer)]
    return [*parts, answer.phrases.also, "\n".join(_bullet(one, answer) for one in further)] if further else parts


def _places(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    return [_where(ranked[: 1 + _MAXIMUM_FURTHER], answer), _code(ranked[0], answer)]


def _callers(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """Lines that call what is asked about, each as it stands; nothing when no source shows one."""
    if not answer.names:
        return []
    lines = calls_of(answer.names[0], ranked)[:_MAXIMUM_LINES]
    if not lines:
        return [answer.phrases.no_calls.format(name=answer.names[0]), *_places(ranked, answer)]
    return [answer.phrases.calls.format(name=answer.names[0]), "\n".join(_line_bullet(line) for line in lines)]


def _compare(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """Both things side by side: what each says of itself, and its signature."""
    chosen = [
        source
        for name in answer.names[:2]
        for source in [next((one for one in ranked if (one.symbol or "").split(".")[-1] == name), None)]
        if source is not None
    ]
    pair = list(dict.fromkeys(source.number for source in [*chosen, *ranked]))[:2]
    if len(pair) < 2:
        return []
    by_number = {source.number: source for source in ranked}
    return [
        answer.phrases.compared,
        "\n".join(_bullet(by_number[number], answer, sentences_shown=2) for number in pair),
    ]


def _problems(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """Lines that often mean trouble; they are suspicions, and said to be."""
    lines = suspicions(ranked)[:_MAXIMUM_LINES]
    if not lines:
        return [answer.phrases.no_suspicion, *_places(ranked, answer)]
    told = [
        f"{_line_bullet(line)[: -len(_mark(line.source))]}({answer.phrases.kinds[line.what]}) {_mark(line.source)}"
        for line in lines
    ]
    return [answer.phrases.suspicions, "\n".join(told)]


def _how_to(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """What a guide says and shows, then the code; without either, an explanation."""
    guide = next((one for one in ranked if one.language == "markdown" and sentences(one, answer.asked)), None)
    example = example_in(guide) if guide is not None else None
    used = calls_of(answer.names[0], ranked)[:3] if answer.names else []
    parts: list[str] = []
    if guide is not None:
        parts.append(_lead(guide, answer))
    if guide is not None and example is not None:
        parts += [answer.phrases.example.format(path=guide.path, number=guide.number), f"```\n{example}\n```"]
    code = next((one for one in ranked if one.language not in _PROSE), None)
    if code is not None and parts:
        parts.append(_code(code, answer))
    if used:
        parts += [answer.phrases.calls.format(name=answer.names[0]), "\n".join(_line_bullet(line) for line in used)]
    return parts


_WRITERS = {
    Intent.WHERE: _places,
    Intent.LIST: _places,
    Intent.CALLERS: _callers,
    Intent.COMPARE: _compare,
    Intent.PROBLEMS: _problems,
    Intent.HOW_TO: _how_to,
}


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


def _line_bullet(line: Line) -> str:
    inside = f" — **`{line.source.symbol}`**" if line.source.symbol else ""
    shown = line.text.replace("`", "'")
    return f"- `{line.source.path}:{line.number}`{inside}: `{shown}` {_mark(line.source)}"


def _mark(source: Source) -> str:
    return f"[{source.number}]"


def _bullet(source: Source, answer: _Answer, *, sentences_shown: int = 1) -> str:
    said = _summary(source, answer.asked, sentences_shown) or _signature_span(source)
    if sentences_shown > 1:
        said = [*said, *(_signature_span(source) if said != _signature_span(source) else [])]
    return f"- {_name(source)} ({_place(source)})" + (f": {' '.join(said)}" if said else "") + f" [{source.number}]"


def _code(source: Source, answer: _Answer) -> str:
    if source.language in _PROSE:
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
