"""Doc comments to Markdown that fits below a heading of a page: their own headings and HTML never break it."""

import html
import re
from collections.abc import Sequence

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import first_sentence
from docgen_server.core.analysis.text import split_lines
from docgen_server.core.documents.rst import to_markdown

_LONGEST = 4000
_LONGEST_SUMMARY = 160
_ROLE = re.compile(r":[\w:+-]+:`~?([^`<]+?)(?:\s*<[^`>]+>)?`")
_GOOGLE = re.compile(
    r"^(Args|Arguments|Parameters|Params|Keyword Args|Keyword Arguments|Other Parameters|Attributes|Returns?|Yields?|Raises"
    r"|Warns|Examples?|Notes?|See Also|See|Warnings?|Todo|References|Usage):\s*$"
)
_ITEM = re.compile(r"^(\*{0,2}[\w.]+)(?:\s*\(([^)]*)\)|\s*:\s*([^:]*?))?\s*:\s+(.*)$")
_FIELD = re.compile(r"^:(param|parameter|arg|keyword|raises?|returns?|rtype|type|yields?)(?:\s+([^:]*))?:\s*(.*)$")
_TAG = re.compile(
    r"^@(param|arg|returns?|throws|exception|deprecated|see|since|example|template|type|typeParam)\b\s*(.*)$"
)
_TYPED = re.compile(r"^\{([^}]*)\}\s*")
_JAVADOC = re.compile(r"\{@(?:link|linkplain|code|literal|value)\s+#?([^}]*?)\}")
_HTML_BREAK = re.compile(r"(?i)</?(?:p|br|ul|ol|div|pre|blockquote|table|tr|dl|dd|dt)\b[^>]*>")
_HTML_ITEM = re.compile(r"(?i)<li\b[^>]*>")
_HTML_CODE = re.compile(r"(?i)</?(?:code|tt)>")
_HTML_OTHER = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*$")
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
_RULE = re.compile(r"^\s*(=+|-{2,}|~{3,}|_{3,})\s*$")
_DOCTEST = re.compile(r"^\s*>>> ")
_TAGGED = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX, Language.JAVA, Language.KOTLIN, Language.PHP,
                     Language.SCALA, Language.CPP, Language.C, Language.CSHARP, Language.SWIFT})  # fmt: skip


def comment_to_markdown(doc: str, language: str) -> str:
    """A doc comment as Markdown without headings.

    Args:
        doc: The comment without its markers.
        language: What the code is written in; it decides between the conventions of Python, Javadoc and the rest.
    """
    text = doc[:_LONGEST].strip()
    if not text:
        return ""
    if language == Language.PYTHON:
        text = _python(text)
    elif language in _TAGGED:
        text = _tagged(text)
    return _flatten(text)


def summarise(doc: str) -> str:
    """A doc comment in one sentence, roles and tags of its convention left out."""
    plain = _HTML_OTHER.sub("", _ROLE.sub(r"`\1`", _JAVADOC.sub(r"`\1`", doc)))
    return first_sentence(plain.replace("``", "`"), _LONGEST_SUMMARY)


def _python(text: str) -> str:
    lines: list[str] = []
    section = 0
    for line in split_lines(text):
        indent = len(line) - len(line.lstrip())
        if match := _GOOGLE.match(line.strip()):
            section = indent + 1
            lines += ["", f"**{match[1]}**", ""]
        elif match := _FIELD.match(line.strip()):
            lines.append(_named(match[1], match[2] or "", match[3]))
        elif section and line.strip() and indent >= section:
            lines.append(_item(line.strip()) if indent <= section + 3 else " " * (indent - section - 3) + line.strip())
        else:
            section = section if not line.strip() else 0
            lines.append(line)
    return (
        to_markdown(lines)
        if any(mark in text for mark in ("::", "``", ":`", ".. ", "`_", "**", "\n===", "\n---"))
        else "\n".join(lines)
    )


def _item(line: str) -> str:
    match = _ITEM.match(line)
    if not match:
        return line
    kind = (match[2] or match[3] or "").strip()
    return f"- `{match[1]}`" + (f" ({kind})" if kind else "") + f" — {match[4]}"


def _named(field: str, name: str, text: str) -> str:
    label = f"`{name.rsplit(maxsplit=1)[-1]}`" if name.strip() else f"*{field}*"
    prefix = f"*{field}* " if name.strip() and not field.startswith(("param", "arg", "keyword")) else ""
    return f"- {prefix}{label} — {text}".rstrip(" —")


def _tagged(text: str) -> str:
    text = _JAVADOC.sub(r"`\1`", text)
    text = _HTML_CODE.sub("`", _HTML_ITEM.sub("\n- ", _HTML_BREAK.sub("\n\n", text)))
    lines: list[str] = []
    for line in split_lines(html.unescape(_HTML_OTHER.sub("", text))):
        match = _TAG.match(line.strip())
        lines.append(_tag(match[1], match[2]) if match else line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _tag(tag: str, rest: str) -> str:
    typed = _TYPED.match(rest)
    kind = f" ({typed[1]})" if typed else ""
    rest = rest[typed.end() :] if typed else rest
    if tag in {"param", "arg", "template", "typeParam", "throws", "exception"}:
        name, _, text = rest.partition(" ")
        label = f"`{name}`" if name else ""
        lead = "*throws* " if tag in {"throws", "exception"} else ""
        return f"- {lead}{label}{kind} — {text.strip(' -')}".rstrip(" —")
    return f"- *{tag}*{kind} {rest}".rstrip()


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
