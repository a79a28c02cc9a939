"""What a source says of itself: its signature, the sentences of its documentation, the lines that fit a question."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from inspect import cleandoc

from codemuse.contracts.sources import Source

_WORD = re.compile(r"[A-Za-z]+|[\uac00-\ud7a3]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_SENTENCE = re.compile(r"(?<=[.!?。])\s+(?=[A-Z0-9\"'`(\uac00-\ud7a3])")
_PYTHON_DOC = re.compile(r'(?:^|\n)\s*[rRuUbB]{0,2}("""|\'\'\')(.*?)\1', re.DOTALL)
_HEADED = re.compile(r"(?:\A|:[ \t]*(?:#[^\n]*)?)\Z")
_IMPORT = re.compile(r"\s*(?:import\b|from\s+\S+\s+import\b|#\s*include\b|use\s+[\w:]+|require\b|\}\s*from\b)")
_DEFINITION = re.compile(r"\s*(?:@|(?:\w+\s+){0,3}(?:def|class|func|fn|function|struct|interface|enum|trait)\s)")
_CODE_LIKE = re.compile(r"\w\(.*\).*=|=\s*\w+\(|^\w+\([^)]*\)$")
_CODE_IN_DOC = re.compile(r"^[ \t]*(?:\*[ \t]{4,}|//(?:\t| {3,}))\S.*$|^[ \t]*(?:>>>|\.\.\.) .*$", re.MULTILINE)
_LEADING_COMMENT = re.compile(r"(?:\s*#(?!!)[^\n]*\n)+")
_BLOCK_DOC = re.compile(r"/\*\*?(.*?)\*/", re.DOTALL)
_LINE_DOC = re.compile(r"(?:^[ \t]*(?://[/!]?|#)(?!!)[^\n]*\n?)+", re.MULTILINE)
_MARKUP = re.compile(r"^[ \t]*(?:///?!?|#+|\*+(?=\s|$)|@\w+|:\w+[^:]*:|-{3,}|={3,}|>+)[ \t]?", re.MULTILINE)
RST_BLOCK = re.compile(
    r"^\.\. (?:code-block|code|sourcecode)::.*\n(?:[ \t]+:.*\n)*\s*\n((?:[ \t]+\S.*\n?|[ \t]*\n)+)", re.MULTILINE
)
_LITERAL = re.compile(r"::[ \t]*\n[ \t]*\n(?:[ \t]+\S.*\n?|[ \t]*\n)+")
_FENCED = re.compile(r"```.*?```", re.DOTALL)
_HEADING = re.compile(r"^#{1,6} .*$|^(?:.*\n)?([=\-~^\"'`*+#.:_])\1{2,}[ \t]*$", re.MULTILINE)
_STATEMENT = re.compile(r"(?:if|elif|else|return|raise|for|while|assert|with|import|from|yield|await|case|throw)\b")
_FIELDS = re.compile(
    r"^[ \t*/#]*(?:@(?!\w+\()\w+|:(?:param|type|returns?|rtype|raises?|keyword)\b|(?:Args|Arguments|Keyword Arguments|Parameters|Returns"
    r"|Raises|Yields|Examples?|Notes?|See Also|Usage)\s*:?\s*$)",
    re.MULTILINE,
)
_RST_ROLE = re.compile(r":[\w:]+:`[~!]?([^`<]*[^`<\s])\s*(?:<[^>`]*>)?`")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_BANNER = re.compile(r"[*=#~_/-]{4,}")
_TAG = re.compile(r"</?[A-Za-z][^>\n]*>")
_DIRECTIVE = re.compile(
    r"^\s*(?:\.\. \w|noqa|type: ignore|eslint|[jt]s[hl]int|prettier|istanbul|c8 |nolint|go:|\+build|pylint|SPDX|Copyright|Licensed"
    r"|Module (?:dependencies|variables|exports)\.?\s*\Z)",
    re.IGNORECASE,
)
PROSE = frozenset({"markdown", "rst", "text"})
_STOP = frozenset([
    "a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has", "have",
    "how", "i", "if", "in", "into", "is", "it", "its", "me", "my", "of", "on", "or", "our", "that", "the",
    "their", "this", "to", "use", "used", "uses", "using", "was", "we", "what", "when", "where", "which", "who",
    "why", "will", "with", "you", "your", "code", "file", "function", "class", "method",
])  # fmt: skip
_NO_CODE = ("#", "//", "*", "/*", "@", '"', "'")
_MINIMUM_SENTENCE = 12
_MAXIMUM_SENTENCE = 320
_SIGNATURE_LINES = 8
_MAXIMUM_SIGNATURE = 200
_ENOUGH_CODE = 3
_LONG_DOCUMENTATION = 3
_HASH_COMMENTS = frozenset({"python", "ruby", "bash", "yaml", "toml", "elixir"})
_FROM_THE_TOP = 2
"""So many words of the question weigh as much as seeing how a definition begins."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a source's documentation or prose, and how well it fits the question."""

    text: str
    fit: float


def words(text: str) -> set[str]:
    """Lower-case words that carry meaning, names taken apart, plural endings removed."""
    parts = set(_WORD.findall(_CAMEL.sub(" ", text).lower()))
    return {_stem(part) for part in parts if len(part) > 1 and part not in _STOP}


def sentences(source: Source, question: AbstractSet[str]) -> list[Sentence]:
    """Sentences of the documentation, in their order, with their fit to the words of a question (0 to 1)."""
    found = (sentence for text in _documentation(source) for sentence in _split(text))
    return [Sentence(text, _fit(text, question)) for text in dict.fromkeys(found)]


def signature(source: Source) -> str | None:
    """The line that begins the definition, decorators and comments passed over."""
    name = (source.symbol or "").rsplit(".", 1)[-1]
    if not name or source.language in PROSE:
        return None
    pattern = re.compile(rf"\b{re.escape(name)}\b")
    lines = [line.strip() for line in source.text.splitlines()]
    for position, line in enumerate(lines):
        if pattern.search(line) and not line.startswith(_NO_CODE) and not _STATEMENT.match(line):
            return _joined(lines[position : position + _SIGNATURE_LINES]).rstrip("{:").rstrip()
    return None


def excerpt(source: Source, question: AbstractSet[str], *, limit: int) -> tuple[str, int]:
    """The lines that fit the question best, and the number of the first; of a long passage without its documentation.

    Args:
        source: Where from.
        question: Words of the question.
        limit: Most lines to take.
    """
    lines = source.text.splitlines()
    positions = list(range(len(lines)))
    if len(lines) > limit:
        positions, scores = _code_positions(source, lines, question)
        top = _FROM_THE_TOP if _DEFINITION.match(lines[positions[0]]) else 0
        starts = range(max(1, len(positions) - limit + 1))

        def worth(start: int) -> tuple[int, bool, int]:
            return sum(scores[start : start + limit]) + (0 if start else top), scores[start] > 0, -start

        best = max(starts, key=worth)
        positions = positions[best : best + limit]
    blank = next((number for number, at in enumerate(positions) if lines[at].strip()), 0)
    positions = positions[blank:]
    return _dedent(_elided(lines, positions)), source.start_line + (positions[0] if positions else 0)


def _code_positions(source: Source, lines: list[str], question: AbstractSet[str]) -> tuple[list[int], list[int]]:
    """Positions of what is not long documentation, and how many words of the question each has.

    What the documentation says counts for the line below it. Where hardly any code is left, all lines are given.
    """
    long = _long_documentation(source)
    positions: list[int] = []
    scores: list[int] = []
    told: set[str] = set()
    for at, line in enumerate(lines):
        found = set() if _IMPORT.match(line) else words(line) & question
        if at in long:
            told |= found
        else:
            positions.append(at)
            scores.append(len(found) + (len(told - found) if line.strip() else 0))
            told = set() if line.strip() else told
    if sum(bool(lines[at].strip()) for at in positions) >= _ENOUGH_CODE:
        return positions, scores
    return list(range(len(lines))), [len(words(line) & question) for line in lines]


def _long_documentation(source: Source) -> set[int]:
    """Positions of documentation that goes over several lines; a comment on a line or two explains the code at hand."""
    found = documentation_lines(source)
    runs: list[list[int]] = []
    for at in sorted(found):
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return {at for run in runs if len(run) >= _LONG_DOCUMENTATION for at in run}


def _elided(lines: list[str], positions: list[int]) -> list[str]:
    """The lines at positions, with a mark where others between them are left out."""
    shown: list[str] = []
    before = positions[0] - 1 if positions else 0
    for at in positions:
        if any(lines[between].strip() for between in range(before + 1, at)):
            while shown and not shown[-1].strip():
                shown.pop()
            shown += ["…"] if not shown or shown[-1].strip() != "…" else []
        if lines[at].strip() and shown and shown[-1].strip() == "…":
            shown[-1] = f"{_margin_of(lines[at])}…"
        if lines[at].strip() or not shown or not shown[-1].endswith("…"):
            shown.append(lines[at])
        before = at
    while shown and shown[-1].strip() in {"", "…"}:
        shown.pop()
    return shown


def _margin_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _documentation(source: Source) -> Iterable[str]:
    if source.language in PROSE:
        yield _HEADING.sub("\n\n", _LITERAL.sub(".\n\n", RST_BLOCK.sub("", _FENCED.sub("", source.text))))
        return
    if source.language == "python":
        found = list(_PYTHON_DOC.finditer(source.text))
        yield from (_told(cleandoc(match.group(2))) for match in _docstrings(found, source.text) or found)
        if not found and (leading := _LEADING_COMMENT.match(source.text)):
            yield leading.group()  # comments further down explain a line, not the whole
        return
    yield from (_told(match.group(1)) for match in _BLOCK_DOC.finditer(source.text))
    yield from (
        _told(match.group()) for match in _LINE_DOC.finditer(source.text) if not _CODE_LIKE.search(match.group())
    )


def _docstrings(found: Iterable[re.Match[str]], text: str) -> list[re.Match[str]]:
    """Texts that stand where documentation does: at the beginning, or below the head of a definition."""
    return [match for match in found if _HEADED.search(text[: match.start()].rstrip())]


def _told(documentation: str) -> str:
    """What a documentation says in words, its examples left out."""
    return _CODE_IN_DOC.sub("", _LITERAL.sub(".\n\n", RST_BLOCK.sub("", documentation)))


def documentation_lines(source: Source) -> set[int]:
    """Positions of the lines that are documentation or comments."""
    if source.language in PROSE:
        return set()
    text, comment = source.text, "#" if source.language in _HASH_COMMENTS else "//"
    lines = enumerate(text.splitlines())
    found = {number for number, line in lines if line.lstrip().startswith(comment) and not line.startswith("#!")}
    matches = (
        _docstrings(_PYTHON_DOC.finditer(text), text) if source.language == "python" else _BLOCK_DOC.finditer(text)
    )
    for match in matches:
        begin = match.start(1) if source.language == "python" else match.start()
        found |= set(range(text.count("\n", 0, begin), text.count("\n", 0, match.end()) + 1))
    return found


def _joined(lines: list[str]) -> str:
    """A head that may go over several lines, up to the bracket that closes it."""
    text = ""
    for line in lines:
        text = f"{text} {line}".strip() if not text.endswith("(") else text + line
        if text.count("(") <= text.count(")") or len(text) > _MAXIMUM_SIGNATURE:
            break
    text = re.sub(r",\s*\)", ")", text)
    return text if len(text) <= _MAXIMUM_SIGNATURE else f"{text[:_MAXIMUM_SIGNATURE].rpartition(',')[0]}, …"


def _split(text: str) -> Iterable[str]:
    plain = _RST_ROLE.sub(r"`\1`", _BOLD.sub(r"\1", _FIELDS.split(text, maxsplit=1)[0]))
    plain = _TAG.sub("", _BANNER.sub("", _MARKUP.sub("", plain)))
    for paragraph in re.split(r"\n\s*\n|\n\s*[-*•]\s+", plain):
        if _DIRECTIVE.match(paragraph):
            continue
        for sentence in _SENTENCE.split(" ".join(paragraph.split())):
            if _is_sentence(sentence):
                yield sentence


def _is_sentence(text: str) -> bool:
    fits = _MINIMUM_SENTENCE <= len(text) <= _MAXIMUM_SENTENCE and " " in text and text[0].isalnum()
    return fits and not text.isupper()


def _fit(text: str, question: AbstractSet[str]) -> float:
    return len(words(text) & question) / len(question) if question else 0.0


def _dedent(lines: list[str]) -> str:
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:].rstrip() for line in lines).strip("\n")
