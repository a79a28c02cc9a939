"""From sources to a short Markdown answer in which nothing stands without its citation."""

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
from llm_server.core.extractive.ranking import DATA, asked_words, by_evidence, is_beginning, is_past, is_test

_MAXIMUM_FURTHER = 4
_EXCERPT_LINES = 14
_SENTENCES = 3
_ENOUGH = 2
_GOOD_FIT = 0.34
_SUMMARY_WORDS_AHEAD = 0.15
_MAXIMUM_LINES = 8
_RELATED_SHARE = 0.6
"""Of how well the best source fits must a further one fit to be worth a line."""
_PLACES_SHARE = 0.35
"""The same where several places are asked for."""
_MINIMUM_GUIDE = 0.7
"""So much of the question must a guide speak of to be the answer to how something is done."""


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


def compose(prompt: Prompt, *, missing: Sequence[str] = (), chosen: bool = False) -> str:
    """The answer.

    Args:
        prompt: Question and sources.
        missing: Models that were asked first and did not answer; none when none is configured.
        chosen: Whether the answerer itself was asked for.
    """
    phrases = KOREAN if prompt.korean else ENGLISH
    note = phrases.chosen if chosen else phrases.unconfigured
    if missing:
        note = phrases.unanswered.format(models=", ".join(missing))
    if not prompt.sources:
        return f"{phrases.nothing}\n\n> {note}\n"
    asked, names = asked_words(prompt.question, prompt.sources), named_in(prompt.question, prompt.sources)
    answer = _Answer(asked, phrases, names, compared_in(prompt.question), called_in(prompt.question))
    ranked = by_evidence(prompt.sources, answer.asked, prompt.question, names)
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
    code = next((one for one in shown if one.language not in PROSE | DATA and not is_beginning(one)), None)
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
    found = _together(terms, ranked)
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


def _together(terms: Sequence[str], ranked: Sequence[Source]) -> list[Source | None]:
    """What is about each term; from one file where one has both, since what is compared usually stands together."""
    found: list[Source | None] = []
    for path in dict.fromkeys(one.path for one in ranked if defines(one, terms[0], inside=False)):
        same = [one for one in ranked if one.path == path]
        if all(any(defines(one, term, inside=False) for one in same) for term in terms):
            return [_about(term, same) for term in terms]
    for term in terms:
        one = _about(term, ranked)
        found.append(None if one in found else one)
    return found


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
    guide = _guide(narrowed, answer)
    used = calls_of(answer.names[0], ranked)[:3] if answer.names else []
    if guide is None and not used:
        return []
    parts: list[str] = []
    if guide is not None:
        parts.append(_lead(guide, answer))
        if (example := example_in(guide)) is not None:
            parts.append(_example(guide, example, answer))
    code = next((one for name in answer.names for one in narrowed if defines(one, name)), None)
    if code is not None:
        parts.append(_code(code, answer))
    if used:
        parts += [answer.phrases.calls.format(name=answer.names[0]), "\n".join(_line_bullet(line) for line in used)]
    return parts


def _guide(sources: Sequence[Source], answer: _Answer) -> Source | None:
    """The text that speaks of what is to be done, if one does."""

    def fit(source: Source) -> float:
        said = " ".join(one.text for one in found[source.number])
        return len(words(f"{source.symbol or ''} {said} {example_in(source) or ''}") & answer.asked)

    texts = [one for one in sources if one.language in PROSE and not is_past(one)]
    found = {one.number: sentences(one, answer.asked) for one in texts}
    best = max((one for one in texts if found[one.number]), key=fit, default=None)
    return best if best is not None and fit(best) >= _MINIMUM_GUIDE * len(answer.asked) else None


_WRITERS = {
    Intent.WHERE: _places,
    Intent.LIST: _places,
    Intent.CALLERS: _callers,
    Intent.COMPARE: _compare,
    Intent.PROBLEMS: _problems,
    Intent.HOW_TO: _how_to,
}


def _lead(source: Source, answer: _Answer) -> str:
    said = _summary(source, answer.asked, _SENTENCES)
    head = answer.phrases.lead.format(name=_name(source), place=_place(source), number=source.number)
    return f"{head} {_cite(said, source.number)}" if said else head


def _related(
    first: Source, others: Sequence[Source], answer: _Answer, *, share: float = _RELATED_SHARE
) -> list[Source]:
    """Of the other sources those that fit about as well as the first, or that mention what is asked about by name.

    Tests and change logs stand among them only where nobody asked for better.
    """

    def fit(source: Source) -> int:
        return len(words(f"{source.path} {source.symbol or ''} {source.text}") & answer.asked)

    least = share * fit(first)
    found = [one for one in others if fit(one) >= least or any(name in one.text for name in answer.names)]
    better = [one for one in found if not is_past(one) and (not is_test(one) or "test" in answer.asked)]
    return better if len(better) >= _ENOUGH else found


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
        example = None if sentences(source, answer.asked) else example_in(source)
        return _example(source, example, answer) if example else ""
    text, first_line = excerpt(source, answer.asked, limit=_EXCERPT_LINES)
    caption = answer.phrases.code.format(path=source.path, line=first_line, number=source.number)
    fence = "````" if "```" in text else "```"
    return f"{caption}\n\n{fence}{source.language}\n{text}\n{fence}"


def _example(source: Source, example: str, answer: _Answer) -> str:
    fence = "````" if "```" in example else "```"
    return f"{answer.phrases.example.format(path=source.path, number=source.number)}\n\n{fence}\n{example}\n{fence}"


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
