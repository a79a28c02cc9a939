"""What of a model's words may stand on a page: sentences whose every citation and every name is found in the evidence.

Nothing is repaired. A sentence that cites what is not there, names what nobody has shown the model, or carries a link or
markup of its own is left out; what is left stands with the lines that it cites.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemuse.contracts.sources import Source
from docgen_server.core.documents.links import place
from docgen_server.core.summaries.evidence import Evidence

_MOST_SENTENCES = 6
_LONGEST_SENTENCE = 600
_MOST_PLACES = 4
_CODE = re.compile(r"`([^`\n]+)`")
_BRACKETS = re.compile(r"\s*\[([^\[\]]*)\]")
_SENTENCE = re.compile(r".*?[.!?。](?:\s*\[[^\[\]]*\][.。]?)*(?=\s|$)|.+$")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_PLACE = re.compile(r"(?P<path>[^\s:]+):(?P<start>\d+)(?:-(?P<end>\d+))?")
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"(?<![`\w.])(?:\w+(?:\.\w+)*\(\)|[A-Za-z]+_\w+)")
_MARKUP = re.compile(r"\]\(|://|<[/!A-Za-z]|^\s*#|```|\|\s*-|\*\*|www\.")
_HIDDEN = re.compile("\0(\\d+)\0")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that stood the checks."""

    text: str
    places: tuple[str, ...]
    """The lines that it cites, as citations."""


class UnprovenSentence(ValueError):
    """A sentence says something that the evidence does not bear out."""


def check_answer(answer: str, evidence: Evidence) -> list[Sentence]:
    """The sentences of an answer that may stand, in its order.

    Args:
        answer: What the model wrote.
        evidence: What it was shown.
    """
    shown = _Shown(evidence)
    found: list[Sentence] = []
    for text in _split(answer):
        try:
            sentence = shown.check(text)
        except UnprovenSentence:
            continue
        if sentence not in found:
            found.append(sentence)
    return found[:_MOST_SENTENCES]


class _Shown:
    """The evidence, made ready for looking things up."""

    def __init__(self, evidence: Evidence) -> None:
        self._sources = {source.number: source for source in evidence.sources}
        self._line_counts = evidence.line_counts
        self._words = {source.number: _words_of(source) for source in evidence.sources}
        self._known = frozenset[str]().union(*self._words.values(), _WORD.findall(evidence.path))
        self._text = "\n".join(source.text for source in evidence.sources)

    def check(self, text: str) -> Sentence:
        if _MARKUP.search(text) or len(text) > _LONGEST_SENTENCE:
            raise UnprovenSentence("it brings markup, or is too long")
        bare, spans = _hide_code(text)
        cited = [source for match in _BRACKETS.finditer(bare) for source in self._cited(match[1])]
        told = _show_code(_BRACKETS.sub("", bare).strip(), spans)
        if not cited or not _WORD.search(told):
            raise UnprovenSentence("it cites nothing")
        self._check_names([*spans, *_NAME.findall(told)], cited)
        places = dict.fromkeys(place(source.path, source.start_line, source.end_line) for source in cited)
        return Sentence(told, tuple(places)[:_MOST_PLACES])

    def _cited(self, inside: str) -> Iterator[Source]:
        for part in re.split(r"[,;]\s*", inside):
            source = self._sources.get(int(part)) if part.isdecimal() else self._at_place(part)
            if source is None or source.end_line > self._line_counts.get(source.path, 0):
                raise UnprovenSentence("it cites what is not there")
            yield source

    def _at_place(self, text: str) -> Source | None:
        """The narrowest source that holds the lines that are named."""
        match = _PLACE.fullmatch(text)
        if match is None:
            return None
        start, end = int(match["start"]), int(match["end"] or match["start"])
        around = [
            source
            for source in self._sources.values()
            if source.path == match["path"] and source.start_line <= start <= end <= source.end_line
        ]
        return min(around, key=lambda source: source.end_line - source.start_line, default=None)

    def _check_names(self, names: Sequence[str], cited: Sequence[Source]) -> None:
        """Every name stands in the evidence, and one of them in the cited part of it."""
        parts = [_WORD.findall(name) for name in names]
        for name, words in zip(names, parts, strict=True):
            if not self._known.issuperset(words) or (not words and name not in self._text):
                raise UnprovenSentence("it names what is not there")
        near = frozenset[str]().union(*(self._words[source.number] for source in cited))
        if any(parts) and not any(words and near.issuperset(words) for words in parts):
            raise UnprovenSentence("what it cites is about something else")


def _words_of(source: Source) -> frozenset[str]:
    return frozenset(_WORD.findall(f"{source.path} {source.symbol or ''} {source.text}"))


def _split(answer: str) -> Iterator[str]:
    """One sentence after the other; dots in code end none."""
    for line in answer.splitlines():
        bare, spans = _hide_code(_LIST_MARK.sub("", line))
        for match in _SENTENCE.finditer(bare):
            if text := _show_code(match[0], spans).strip():
                yield text


def _hide_code(text: str) -> tuple[str, list[str]]:
    spans = _CODE.findall(text)
    numbers = iter(range(len(spans)))
    return _CODE.sub(lambda _: f"\0{next(numbers)}\0", text.replace("\0", "")), spans


def _show_code(text: str, spans: Sequence[str]) -> str:
    return _HIDDEN.sub(lambda match: f"`{spans[int(match[1])]}`", text)
