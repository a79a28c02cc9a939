"""Doc comments as data: summary, parameters, returns, raises and examples, in the conventions of each language.

Python's are read by docstring_parser, in the one style that the text shows; the others follow a tag (Javadoc, JSDoc,
Doxygen, XML-doc) or headings (rustdoc). Text without any mark of structure is not parsed at all, which is most of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from docstring_parser import Docstring, ParseError
from docstring_parser.epydoc import parse as parse_epydoc
from docstring_parser.google import parse as parse_google
from docstring_parser.numpydoc import parse as parse_numpy
from docstring_parser.rest import parse as parse_rest

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import first_sentence

_REST = re.compile(
    r"^\s*:(?:param|parameter|arg|argument|key|keyword|raises?|returns?|rtype|type|yields?)\b[^:]*:", re.MULTILINE
)
_GOOGLE = re.compile(
    r"^\s*(?:Args|Arguments|Parameters|Params|Keyword Args|Returns?|Yields?|Raises|Examples?):\s*$", re.MULTILINE
)
_NUMPY = re.compile(r"^\s*(?:Parameters|Returns|Raises|Yields|Examples|Other Parameters)\n\s*-{3,}\s*$", re.MULTILINE)
_EPYDOC = re.compile(r"^\s*@(?:param|return|rtype|raise|type)\b[^:]*:", re.MULTILINE)
_TAG = re.compile(r"^\s*[@\\](?P<tag>\w+)\s*(?P<rest>.*)$")
_JSDOC_TYPE = re.compile(r"^\{(?P<type>[^}]*)\}\s*")
_PARAMETER = re.compile(r"^(?:\[(?:in|out|in,out)\]\s*)?\[?(?P<name>[\w$.]+)(?:=[^\]]*)?\]?\s*-?\s*(?P<text>.*)$")
_XML = re.compile(
    r"<(?P<tag>summary|param|returns|exception|example)(?:\s+(?:name|cref)=\"(?P<name>[^\"]*)\")?\s*>(?P<text>.*?)</(?P=tag)>",
    re.DOTALL,
)
_HEADING = re.compile(r"^#+\s*(?P<title>Examples?|Errors|Panics|Safety|Returns|Arguments|Parameters)\s*$", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*]\s+`?(?P<name>\w+)`?\s*[-:–]\s*(?P<text>.*)$")
_PLAIN_NAME = re.compile(r"^\*{0,2}([A-Za-z_]\w*)$")
_LONGEST = 8000


@dataclass(frozen=True, slots=True)
class DocItem:
    """One parameter, return value or exception."""

    name: str
    text: str
    type: str = ""


@dataclass(slots=True)
class DocComment:
    """A doc comment taken apart."""

    summary: str = ""
    description: str = ""
    """The text without its structured parts."""
    parameters: list[DocItem] = field(default_factory=list)
    returns: list[DocItem] = field(default_factory=list)
    raises: list[DocItem] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def parse_comment(text: str, language: str) -> DocComment:
    """A doc comment by the conventions of its language.

    Args:
        text: The comment without its marks, as ``Definition.doc`` holds it.
        language: What the code is written in.
    """
    text = text[:_LONGEST]
    if language == Language.PYTHON:
        parsed = _parse_python(text)
        return _from_docstring(parsed, text) if parsed else _plain(text)
    if language == Language.RUST:
        return _by_headings(text)
    if "<summary>" in text or "<param" in text:
        return _by_xml(text)
    return _by_tags(text)


def documented_parameters(text: str) -> Iterator[str]:
    """Names of the parameters that a Python docstring describes."""
    parsed = _parse_python(text[:_LONGEST]) if text else None
    for item in parsed.params if parsed else ():
        if item.args[:1] == ["attribute"]:
            continue
        if match := _PLAIN_NAME.match(item.arg_name):
            yield match[1]


def _parse_python(text: str) -> Docstring | None:
    """In the style that the text shows; nothing when it shows none, or breaks its rules."""
    styles = ((_REST, parse_rest), (_NUMPY, parse_numpy), (_GOOGLE, parse_google), (_EPYDOC, parse_epydoc))
    parse = next((parse for pattern, parse in styles if pattern.search(text)), None)
    if parse is None:
        return None
    try:
        return parse(text)
    except (ParseError, ValueError, KeyError, IndexError):
        return None


def _from_docstring(parsed: Docstring, text: str) -> DocComment:
    returned = [*parsed.many_returns] or ([parsed.returns] if parsed.returns else [])
    description = "\n\n".join(filter(None, (parsed.short_description, parsed.long_description)))
    return DocComment(
        summary=first_sentence(description or text),
        description=description,
        parameters=[DocItem(item.arg_name, item.description or "", item.type_name or "") for item in parsed.params],
        returns=[DocItem(item.return_name or "", item.description or "", item.type_name or "") for item in returned],
        raises=[DocItem(item.type_name or "", item.description or "") for item in parsed.raises],
        examples=[item.snippet or item.description or "" for item in parsed.examples],
    )


def _plain(text: str) -> DocComment:
    return DocComment(summary=first_sentence(text), description=text)


def _by_tags(text: str) -> DocComment:
    """Javadoc, JSDoc, KDoc, PHPDoc, Doxygen: a tag begins a part that goes on until the next."""
    description: list[str] = []
    parts: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if match := _TAG.match(line):
            parts.append((match["tag"], [match["rest"]]))
        else:
            (parts[-1][1] if parts else description).append(line)
    comment = _plain("\n".join(description).strip())
    for tag, lines in parts:
        _add_tag(comment, tag, "\n".join(lines).strip())
    return comment


def _add_tag(comment: DocComment, tag: str, text: str) -> None:
    if tag == "example":
        comment.examples.append(text)
        return
    kind = ""
    if match := _JSDOC_TYPE.match(text):
        kind, text = match["type"], text[match.end() :]
    text = " ".join(text.split())
    if tag in {"param", "arg", "argument"} and (match := _PARAMETER.match(text)):
        comment.parameters.append(DocItem(match["name"], match["text"], kind))
    elif tag in {"return", "returns"}:
        comment.returns.append(DocItem("", text, kind))
    elif tag in {"throws", "exception", "raises"}:
        name, _, rest = text.partition(" ")
        comment.raises.append(DocItem(kind or name, text if kind else rest))


def _by_xml(text: str) -> DocComment:
    comment = DocComment()
    for match in _XML.finditer(text):
        content = " ".join(re.sub(r"<see\s+cref=\"([^\"]*)\"\s*/>", r"\1", match["text"]).split())
        if match["tag"] == "summary":
            comment.summary, comment.description = first_sentence(content), content
        elif match["tag"] == "param":
            comment.parameters.append(DocItem(match["name"] or "", content))
        elif match["tag"] == "returns":
            comment.returns.append(DocItem("", content))
        elif match["tag"] == "exception":
            comment.raises.append(DocItem(match["name"] or "", content))
        else:
            comment.examples.append(match["text"].strip("\n"))
    return comment


def _by_headings(text: str) -> DocComment:
    """Rustdoc: sections under headings, parameters as a list."""
    headings = list(_HEADING.finditer(text))
    comment = _plain(text[: headings[0].start()].strip() if headings else text)
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        body = text[heading.end() : following.start() if following else len(text)].strip()
        title = heading["title"]
        if title.startswith("Example"):
            comment.examples.append(body)
        elif title == "Returns":
            comment.returns.append(DocItem("", body))
        elif title in {"Errors", "Panics"}:
            comment.raises.append(DocItem(title, body))
        elif title in {"Arguments", "Parameters"}:
            bullets = (_BULLET.match(line) for line in body.splitlines())
            comment.parameters += [DocItem(match["name"], match["text"]) for match in bullets if match]
    return comment
