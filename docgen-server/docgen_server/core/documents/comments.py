"""Doc comments to Markdown that fits below a heading of a page: their own headings and HTML never break it."""

import html
import re
from collections.abc import Iterator, Sequence

from codemuse.contracts.common import Language
from docgen_server.core.analysis.comments import parse_comment
from docgen_server.core.analysis.doc_comment import DocComment, DocItem
from docgen_server.core.analysis.model import first_sentence
from docgen_server.core.analysis.text import split_lines
from docgen_server.core.documents.indented import fence_indented
from docgen_server.core.documents.rst import to_markdown

_LONGEST = 4000
_LONGEST_SUMMARY = 160
_ROLE = re.compile(r":[\w:+-]+:`~?([^`<]+?)(?:\s*<[^`>]+>)?`")
_RST_MARKS = ("::", "``", ":`", ".. ", "`_", "**", "\n===", "\n---")
_STRUCTURE = re.compile(
    r"^\s*(?:@\w+\b|:(?:param|arg|raises?|returns?|rtype|type)\b[^:]*:|(?:Args|Arguments|Parameters|Returns|Raises|Yields|Example)s?:\s*$)",
    re.MULTILINE,
)
_JAVADOC = re.compile(r"\{@(?:link|linkplain|code|literal|value)\s+#?([^}]*?)\}")
_HTML_BREAK = re.compile(r"(?i)</?(?:p|br|ul|ol|div|pre|blockquote|table|tr|dl|dd|dt)\b[^>]*>")
_HTML_ITEM = re.compile(r"(?i)<li\b[^>]*>")
_HTML_CODE = re.compile(r"(?i)</?(?:code|tt|c)>")
_HTML_OTHER = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*$")
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
_RULE = re.compile(r"^\s*(=+|-{2,}|~{3,}|_{3,})\s*$")
_DOCTEST = re.compile(r"^\s*>>> ")
_MARKED_UP = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX, Language.JAVA, Language.KOTLIN, Language.PHP,
                        Language.SCALA, Language.CPP, Language.C, Language.CSHARP, Language.SWIFT})  # fmt: skip
"""Languages whose comments hold HTML and Javadoc's inline tags."""
_INDENTING = _MARKED_UP | {Language.GO, Language.RUBY}
"""Languages whose comments set examples off by indentation."""


def comment_to_markdown(doc: str, language: str) -> str:
    """A doc comment as Markdown without headings: its prose, then what it says of parameters and results.

    Args:
        doc: The comment without its markers.
        language: What the code is written in; it decides between the conventions.
    """
    text = doc[:_LONGEST].strip()
    if not text:
        return ""
    comment = parse_comment(text, language)
    return "\n\n".join(block for block in _blocks(comment, language) if block)


def summarise(doc: str) -> str:
    """A doc comment in one sentence, roles and tags of its convention left out."""
    structure = _STRUCTURE.search(doc)
    lead = doc[: structure.start()] if structure else doc
    plain = _HTML_OTHER.sub("", _ROLE.sub(r"`\1`", _JAVADOC.sub(r"`\1`", lead)))
    return first_sentence(plain.replace("``", "`"), _LONGEST_SUMMARY)


def _blocks(comment: DocComment, language: str) -> Iterator[str]:
    yield _prose(comment.description, language)
    yield _items("Parameters", comment.parameters, language)
    yield _items("Attributes", comment.attributes, language)
    yield _results("Returns", comment.returns, language)
    yield _results("Yields", comment.yields, language)
    yield _items("Raises", comment.raises, language)
    for example in comment.examples:
        yield f"**Example**\n\n{_example(example, language)}"
    for note in comment.notes:
        yield f"**{note.title[:1].upper()}{note.title[1:]}**\n\n{_prose(note.text, language)}".rstrip()


def _items(title: str, items: Sequence[DocItem], language: str) -> str:
    return f"**{title}**\n\n" + "\n".join(_item(one, language) for one in items) if items else ""


def _results(title: str, items: Sequence[DocItem], language: str) -> str:
    """One result is a paragraph, several are a list."""
    if len(items) == 1 and not items[0].name and not items[0].type:
        return f"**{title}**\n\n{_prose(items[0].text, language)}"
    return _items(title, items, language)


def _item(item: DocItem, language: str) -> str:
    name = f"`{item.name}`" if item.name else ""
    kind = f"({item.type})" if item.type and name else f"`{item.type}`" if item.type else ""
    text = _prose(item.text, language).replace("\n", "\n  ")
    return f"- {' '.join(filter(None, (name, kind)))} — {text}".replace("-  — ", "- ").rstrip(" —")


def _example(text: str, language: str) -> str:
    """Code as it stands, unless it says itself what of it is code."""
    if language in _MARKED_UP and not _FENCE.search(text) and "<" not in text[:1]:
        return f"```{language}\n{text.strip()}\n```"
    return _prose(text, language)


def _prose(text: str, language: str) -> str:
    """Text in the markup of its language as Markdown."""
    if language == Language.PYTHON:
        text = to_markdown(split_lines(text)) if any(mark in text for mark in _RST_MARKS) else text
    elif language in _MARKED_UP:
        text = _without_html(text)
    if language in _INDENTING:
        text = "\n".join(fence_indented(split_lines(text), language))
    return _flatten(text)


def _without_html(text: str) -> str:
    text = _JAVADOC.sub(r"`\1`", text)
    text = _HTML_CODE.sub("`", _HTML_ITEM.sub("\n- ", _HTML_BREAK.sub("\n\n", text)))
    return re.sub(r"\n{3,}", "\n\n", html.unescape(_HTML_OTHER.sub("", text)))


def _flatten(text: str) -> str:
    """Headings become bold lines, examples fenced, and an open fence is closed."""
    lines: list[str] = []
    fence = ""
    for line in split_lines(text):
        match = _FENCE.match(line)
        if match:
            fence = "" if fence and match[1].startswith(fence) else fence or match[1]
        if fence or match:
            lines.append(line)
        elif heading := _HEADING.match(line):
            lines.append(f"**{heading[1]}**" if heading[1] else "")
        elif _RULE.match(line) and lines and lines[-1].strip():
            lines[-1] = f"**{lines[-1].strip().strip('*')}**"
        else:
            lines.append(line)
    if fence:
        lines.append(fence)
    return "\n".join(_fence_examples(lines)).strip()


def _fence_examples(lines: Sequence[str]) -> list[str]:
    """Interpreter sessions in fences of their own, unless they are in one."""
    output: list[str] = []
    is_open = is_fenced = False
    for line in lines:
        if _FENCE.match(line):
            is_fenced = not is_fenced
        if not is_fenced and not is_open and _DOCTEST.match(line):
            output += ["", "```pycon"]
            is_open = True
        elif is_open and not line.strip():
            output.append("```")
            is_open = False
        output.append(line.strip() if is_open and _DOCTEST.match(line) else line)
    return [*output, "```"] if is_open else output
