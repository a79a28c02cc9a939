"""Docstrings of Python as data, in the one style that the text shows: Sphinx, NumPy, Google or Epydoc.

docstring_parser reads what is structured; which lines those are is decided here, so that prose between and behind them
stays in the description. A docstring without any mark of structure is not parsed at all, which is most of them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from textwrap import dedent, indent

from docstring_parser import Docstring, DocstringParam, ParseError
from docstring_parser.common import DocstringMeta
from docstring_parser.epydoc import parse as parse_epydoc
from docstring_parser.google import parse as parse_google
from docstring_parser.numpydoc import parse as parse_numpy
from docstring_parser.rest import parse as parse_rest

from docgen_server.core.analysis.doc_comment import DocComment, DocItem, DocNote
from docgen_server.core.analysis.model import first_sentence

_FIELD = re.compile(r"^:(?:param|parameter|arg|argument|key|keyword|raises?|returns?|rtype|type|yields?)\b[^:]*:")
_EPYDOC = re.compile(r"^@(?:param|return|rtype|raise|type)\b[^:]*:")
_NUMPY = re.compile(
    r"^[ \t]*(?:Parameters|Returns|Raises|Yields|Examples|Other Parameters)\n\s*-{3,}\s*$", re.MULTILINE
)
_TITLES = {
    **dict.fromkeys(("Args", "Arguments", "Parameters", "Params", "Keyword Args", "Keyword Arguments", "Other Parameters"), "Args"),
    **dict.fromkeys(("Return", "Returns"), "Returns"),
    **dict.fromkeys(("Yield", "Yields"), "Yields"),
    **dict.fromkeys(("Raise", "Raises", "Exceptions"), "Raises"),
    **dict.fromkeys(("Example", "Examples"), "Examples"),
    "Attributes": "Attributes",
    **dict.fromkeys(("Note", "Notes", "See Also", "See", "Warns", "Warning", "Warnings", "Todo", "References", "Usage"), ""),
}  # fmt: skip
"""What the sections of Google's style may be called, and docstring_parser's name for them."""
_TITLE = re.compile(rf"^({'|'.join(_TITLES)}):\s*$")
_ANY_TITLE = re.compile(rf"^[ \t]*(?:{'|'.join(_TITLES)}):[ \t]*$", re.MULTILINE)
_ANY_FIELD = re.compile(rf"^[ \t]*{_FIELD.pattern[1:]}", re.MULTILINE)
_ANY_EPYDOC = re.compile(rf"^[ \t]*{_EPYDOC.pattern[1:]}", re.MULTILINE)
_PLAIN_NAME = re.compile(r"^\*{0,2}([A-Za-z_]\w*)$")
_Lines = list[str]


def parse_docstring(text: str) -> DocComment | None:
    """A docstring taken apart; nothing when it shows no style."""
    if _ANY_FIELD.search(text):
        return _by_fields(text, _FIELD, parse_rest)
    if _NUMPY.search(text):
        return _by_underlines(text)
    if _ANY_TITLE.search(text):
        return _by_titles(text)
    if _ANY_EPYDOC.search(text):
        return _by_fields(text, _EPYDOC, parse_epydoc)
    return None


def documented_parameters(text: str) -> Iterator[str]:
    """Names of the parameters that a docstring describes."""
    parsed = parse_docstring(text) if text else None
    for item in parsed.parameters if parsed else ():
        if match := _PLAIN_NAME.match(item.name):
            yield match[1]


def _by_fields(text: str, mark: re.Pattern[str], parse: Callable[[str], Docstring]) -> DocComment:
    """Fields begin with a mark and go on while lines are indented deeper; all other lines are prose."""
    prose, fields = _divide(text, mark)
    comment = _described(prose)
    _add(comment, parse, "\n".join(line for block in fields for line in block))
    return comment


def _by_underlines(text: str) -> DocComment:
    try:
        parsed = parse_numpy(text)
    except (ParseError, ValueError, KeyError, IndexError):
        return _described(text.splitlines())
    comment = _described("\n\n".join(filter(None, (parsed.short_description, parsed.long_description))).splitlines())
    _add_items(comment, parsed.meta)
    return comment


def _by_titles(text: str) -> DocComment:
    """Sections begin with a title and go on while lines are indented deeper; all other lines are prose."""
    prose, sections = _divide(text, _TITLE)
    comment = _described(prose)
    for title, *body in sections:
        name = title.strip().removesuffix(":")
        known, content = _TITLES[name], dedent("\n".join(body)).strip("\n")
        if not known or not _add(comment, parse_google, f".\n\n{known}:\n{indent(content, '    ')}"):
            comment.notes.append(DocNote(name, content))
    return comment


def _divide(text: str, mark: re.Pattern[str]) -> tuple[_Lines, list[_Lines]]:
    """Prose, and blocks that each begin with a marked line and hold what is indented deeper below it."""
    prose: _Lines = []
    blocks: list[_Lines] = []
    margin = -1
    for line in text.splitlines():
        bare = line.lstrip()
        depth = len(line) - len(bare)
        if mark.match(bare):
            blocks.append([bare])
            margin = depth
        elif margin >= 0 and (not bare or depth > margin):
            blocks[-1].append(line)
        else:
            margin = -1
            prose.append(line)
    return prose, blocks


def _described(prose: Sequence[str]) -> DocComment:
    description = "\n".join(prose).strip("\n")
    return DocComment(summary=first_sentence(description), description=description)


def _add(comment: DocComment, parse: Callable[[str], Docstring], text: str) -> bool:
    """Whether the text could be read; what it says is added."""
    try:
        meta = parse(text).meta
    except (ParseError, ValueError, KeyError, IndexError):
        return False
    _add_items(comment, meta)
    return bool(meta)


def _add_items(comment: DocComment, meta: Sequence[DocstringMeta]) -> None:
    for item in meta:
        text = item.description or ""
        if isinstance(item, DocstringParam):
            target = comment.attributes if item.args[:1] == ["attribute"] else comment.parameters
            target.append(DocItem(item.arg_name, text, item.type_name or ""))
            continue
        kind, name = getattr(item, "type_name", None) or "", getattr(item, "return_name", None) or ""
        match type(item).__name__:
            case "DocstringReturns":
                (comment.yields if getattr(item, "is_generator", False) else comment.returns).append(
                    DocItem(name, text, kind)
                )
            case "DocstringRaises":
                comment.raises.append(DocItem(kind, text))
            case "DocstringExample":
                comment.examples.append("\n".join(filter(None, (getattr(item, "snippet", None), text))))
            case _:
                comment.notes.append(DocNote(item.args[0].replace("_", " ").capitalize(), text))
