"""What a source says of itself: its signature, the sentences of its documentation, the lines that fit a question."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from codemuse.contracts.sources import Source

_WORD = re.compile(r"[A-Za-z]+|[\uac00-\ud7a3]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_SENTENCE = re.compile(r"(?<=[.!?。])\s+(?=[A-Z0-9\"'`(\uac00-\ud7a3])")
_PYTHON_DOC = re.compile(r'(?:^|\n)\s*[rRuUbB]{0,2}("""|\'\'\')(.*?)\1', re.DOTALL)
_HEADED = re.compile(r"(?:\A|:[ \t]*(?:#[^\n]*)?)\Z")
_IMPORT = re.compile(r"\s*(?:import\b|from\s+\S+\s+import\b|#\s*include\b|use\s+[\w:]+|require\b|\}\s*from\b)")
_DEFINITION = re.compile(r"\s*(?:@|(?:\w+\s+){0,3}(?:def|class|func|fn|function|struct|interface|enum|trait)\s)")
_CODE_LIKE = re.compile(r"\w\(.*\).*=|=\s*\w+\(|^\w+\([^)]*\)$")
_LEADING_COMMENT = re.compile(r"(?:\s*#(?!!)[^\n]*\n)+")
_BLOCK_DOC = re.compile(r"/\*\*?(.*?)\*/", re.DOTALL)
_LINE_DOC = re.compile(r"(?:^[ \t]*(?://[/!]?|#)(?!!)[^\n]*\n?)+", re.MULTILINE)
_MARKUP = re.compile(r"^[ \t]*(?:///?!?|#+|\*+|@\w+|:\w+[^:]*:|-{3,}|={3,}|>+)[ \t]?", re.MULTILINE)
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
_TAG = re.compile(r"</?[A-Za-z][^>\n]*>")
_DIRECTIVE = re.compile(r"^\s*(?:\.\. \w|noqa|type: ignore|eslint|pylint|SPDX|Copyright|Licensed)", re.IGNORECASE)
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
_FROM_THE_TOP = 2
"""So many words of the question weigh as much as seeing how a definition begins."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a source's documentation or prose, and how well it fits the question."""

    text: str
    fit: float


def words(text: str) -> set[str]:
    """Lower-case words that carry meaning, names taken apart, plural endings removed."""
    parts = (part for word in _WORD.findall(_CAMEL.sub(" ", text)) for part in word.lower().split())
    return {_stem(part) for part in parts if part not in _STOP and len(part) > 1}


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
    """The consecutive lines that fit the question best, and the number of the first.

    Args:
        source: Where from.
        question: Words of the question.
        limit: Most lines to take.
    """
    lines = source.text.splitlines()
    best = 0
    if len(lines) > limit:
        scores = [0 if _IMPORT.match(line) else len(words(line) & question) for line in lines]
        top = _FROM_THE_TOP if _DEFINITION.match(lines[0]) else 0
        starts = range(len(lines) - limit + 1)
        best = max(starts, key=lambda start: (sum(scores[start : start + limit]) + (0 if start else top), -start))
    shown = lines[best : best + limit]
    blank = next((number for number, line in enumerate(shown) if line.strip()), 0)
    return _dedent(shown[blank:]), source.start_line + best + blank


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
        headed = [match for match in found if _HEADED.search(source.text[: match.start()].rstrip())]
        yield from (match.group(2) for match in headed or found)
        if not found and (leading := _LEADING_COMMENT.match(source.text)):
            yield leading.group()  # comments further down explain a line, not the whole
        return
    yield from (match.group(1) for match in _BLOCK_DOC.finditer(source.text))
    yield from (match.group() for match in _LINE_DOC.finditer(source.text) if not _CODE_LIKE.search(match.group()))


def _joined(lines: list[str]) -> str:
    """A head that may go over several lines, up to the bracket that closes it."""
    text = ""
    for line in lines:
        text = f"{text} {line}".strip() if not text.endswith("(") else text + line
        if text.count("(") <= text.count(")") or len(text) > _MAXIMUM_SIGNATURE:
            break
    return re.sub(r",\s*\)", ")", text)[:_MAXIMUM_SIGNATURE]


def _split(text: str) -> Iterable[str]:
    plain = _TAG.sub("", _RST_ROLE.sub(r"`\1`", _MARKUP.sub("", _FIELDS.split(text, maxsplit=1)[0])))
    for paragraph in re.split(r"\n\s*\n|\n\s*[-*•]\s+", plain):
        if _DIRECTIVE.match(paragraph):
            continue
        for sentence in _SENTENCE.split(" ".join(paragraph.split())):
            if _MINIMUM_SENTENCE <= len(sentence) <= _MAXIMUM_SENTENCE and " " in sentence and sentence[0].isalnum():
                yield sentence


def _fit(text: str, question: AbstractSet[str]) -> float:
    return len(words(text) & question) / len(question) if question else 0.0


def _dedent(lines: list[str]) -> str:
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:].rstrip() for line in lines).strip("\n")
