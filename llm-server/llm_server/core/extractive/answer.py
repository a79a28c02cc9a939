"""From sources to a short Markdown answer in which nothing stands without its citation."""

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from codemuse.contracts.sources import Source
from llm_server.core.extractive.definitions import defines, is_headed, narrow, says_what
from llm_server.core.extractive.evidence import Line, calls_of, example_in, suspicions
from llm_server.core.extractive.intent import Intent, called_in, compared_in, named_in, read_intent
from llm_server.core.extractive.passages import PROSE, excerpt, sentences, signature, words
from llm_server.core.extractive.phrases import ENGLISH, KOREAN, Phrases
from llm_server.core.extractive.prompt import Prompt

_MAXIMUM_FURTHER = 4
_EXCERPT_LINES = 14
_SENTENCES = 3
_GOOD_FIT = 0.34
_SUMMARY_WORDS_AHEAD = 0.15
_MAXIMUM_LINES = 8
_RELATED_SHARE = 0.6
"""Of how well the best source fits must a further one fit to be worth a line."""
_PLACES_SHARE = 0.35
"""The same where several places are asked for."""
_BEGINNING_PLACES = 1.5
_DATA_PLACES = 4.0
_PAST_PLACES = 4.0
_TEST_PLACES = 1.0
"""By so many places the beginnings of files, files of data, change logs and tests stand behind what the search found with them."""
_TESTS = re.compile(r"(?:^|/)(?:t|tests?|testing|specs?|__tests__)/|(?:^|/)test_\w+\.py$|\.(?:test|spec)\.\w+$")
_PAST = re.compile(r"(?i)change(?:s|log)|history|release[-_ ]?notes|whatsnew|\bnews\b")
_DATA = frozenset({"json", "yaml", "toml", "xml", "ini", "csv"})


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the parts of one answer share."""

    asked: AbstractSet[str]
    phrases: Phrases
    names: Sequence[str]
    """Names of code that the question asks about."""
    compared: Sequence[str] = ()
    """What it sets against each other."""
    called: str = ""
    """What it wants to know the callers of."""

    def narrowed(self, sources: Sequence[Source]) -> list[Source]:
        """What of each source is asked about."""
        return [narrow(source, self.names, self.asked) for source in sources]


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
    asked, names = words(prompt.question), named_in(prompt.question, prompt.sources)
    answer = _Answer(asked, phrases, names, compared_in(prompt.question), called_in(prompt.question))
    ranked = _by_evidence(prompt.sources, answer.asked)
    write = _WRITERS.get(read_intent(prompt.question), _explain)
    parts = write(ranked, answer) or _explain(ranked, answer)
    return "\n\n".join(part for part in (*parts, f"> {note}") if part) + "\n"


def _explain(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    first, *others = answer.narrowed(ranked)
    further = _related(first, others, answer)[:_MAXIMUM_FURTHER]
    parts = [_lead(first, answer), _code(first, answer)]
    return [*parts, answer.phrases.also, _bullets(further, answer)] if further else parts


def _places(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    return [answer.phrases.places, *_fitting(ranked, answer)]


def _fitting(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """The places that fit best, under whatever heading, and the code of the first that is code."""
    first, *others = answer.narrowed(ranked)
    shown = [first, *_related(first, others, answer, share=_PLACES_SHARE)[:_MAXIMUM_FURTHER]]
    code = next((one for one in shown if one.language not in PROSE | _DATA and not _is_beginning(one)), None)
    return [_bullets(shown, answer), *([_code(code, answer)] if code is not None else [])]


def _callers(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """Lines that call what is asked about, each as it stands; nothing when no source shows one."""
    name = answer.names[0] if answer.names else answer.called
    if not name:
        return []
    lines = calls_of(name, ranked)[:_MAXIMUM_LINES]
    if not lines:
        return [answer.phrases.no_calls.format(name=name), *_fitting(ranked, answer)]
    return [answer.phrases.calls.format(name=name), "\n".join(_line_bullet(line) for line in lines)]


def _compare(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """Both things side by side: what each says of itself, and its signature. What no source shows is said to be missing."""
    terms = answer.compared or answer.names[:2]
    if len(terms) < 2:
        return []
    found: list[Source | None] = []
    for term in terms:
        one = _about(term, ranked)
        found.append(None if one in found else one)
    pair = [(term, one) for term, one in zip(terms, found, strict=True) if one is not None]
    missing = " / ".join(f"`{term}`" for term, one in zip(terms, found, strict=True) if one is None)
    parts = (
        [
            answer.phrases.compared,
            "\n".join(_bullet(one, replace(answer, asked=words(term)), sentences_shown=2) for term, one in pair),
        ]
        if pair
        else []
    )
    return [*parts, answer.phrases.not_compared.format(names=missing), *_fitting(ranked, answer)] if missing else parts


def _about(term: str, ranked: Sequence[Source]) -> Source | None:
    """What defines a term in code or has a section on it, or else says in a sentence what it is."""
    tests: Sequence[Callable[[Source], bool]] = (
        lambda one: defines(one, term, inside=False),
        lambda one: is_headed(one, term),
        lambda one: says_what(one, term),
        lambda one: defines(one, term),
    )
    source = next((one for test in tests for one in ranked if test(one)), None)
    return narrow(source, [term], words(term)) if source is not None else None


def _problems(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """Lines that often mean trouble; they are suspicions, and said to be."""
    lines = suspicions(ranked)[:_MAXIMUM_LINES]
    if not lines:
        return [answer.phrases.no_suspicion, *_fitting(ranked, answer)]
    told = [
        f"{_line_bullet(line)[: -len(_mark(line.source))]}({answer.phrases.kinds[line.what]}) {_mark(line.source)}"
        for line in lines
    ]
    return [answer.phrases.suspicions, "\n".join(told)]


def _how_to(ranked: Sequence[Source], answer: _Answer) -> list[str]:
    """What a guide says and shows, then the code; without either, an explanation."""
    narrowed = answer.narrowed(ranked)
    guide = next((one for one in narrowed if one.language in PROSE and sentences(one, answer.asked)), None)
    used = calls_of(answer.names[0], ranked)[:3] if answer.names else []
    if guide is None and not used:
        return []
    parts: list[str] = []
    if guide is not None:
        parts.append(_lead(guide, answer))
        if (example := example_in(guide)) is not None:
            parts += [answer.phrases.example.format(path=guide.path, number=guide.number), f"```\n{example}\n```"]
    code = next((one for name in answer.names for one in narrowed if defines(one, name)), None)
    if code is not None:
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
        behind = _DATA_PLACES if source.language in _DATA else 0.0
        behind += _BEGINNING_PLACES if _is_beginning(source) else 0.0
        behind += _PAST_PLACES if _PAST.search(source.path) else 0.0
        behind += _TEST_PLACES if _TESTS.search(source.path) and "test" not in asked else 0.0
        return position + behind - 2.0 * named - 2.5 * said

    return [source for _, source in sorted(enumerate(sources), key=lambda pair: rank(*pair))]


def _is_beginning(source: Source) -> bool:
    """Whether it is how a file of code begins: what it is for, and its imports."""
    return source.symbol is None and source.start_line == 1 and source.language not in PROSE


def _lead(source: Source, answer: _Answer) -> str:
    said = _summary(source, answer.asked, _SENTENCES)
    head = answer.phrases.lead.format(name=_name(source), place=_place(source), number=source.number)
    return f"{head} {_cite(said, source.number)}" if said else head


def _related(
    first: Source, others: Sequence[Source], answer: _Answer, *, share: float = _RELATED_SHARE
) -> list[Source]:
    """Of the other sources those that fit about as well as the first, or that mention what is asked about by name."""

    def fit(source: Source) -> int:
        return len(words(f"{source.path} {source.symbol or ''} {source.text}") & answer.asked)

    least = share * fit(first)
    return [one for one in others if fit(one) >= least or any(name in one.text for name in answer.names)]


def _bullets(sources: Sequence[Source], answer: _Answer) -> str:
    return "\n".join(_bullet(source, answer) for source in sources)


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
    if source.language in PROSE:
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
