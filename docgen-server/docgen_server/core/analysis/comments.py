"""Doc comments as data: summary, parameters, returns, raises and examples, in the conventions of each language.

Python's are read in the one style that the text shows (``docstrings``); the others follow a tag (Javadoc, JSDoc, Doxygen,
XML-doc) or headings (rustdoc). Whatever fits no part stays in the description or in a note: nothing is lost.
"""

import re

from codemuse.contracts.common import Language
from docgen_server.core.analysis.doc_comment import DocComment, DocItem, DocNote
from docgen_server.core.analysis.docstrings import parse_docstring
from docgen_server.core.analysis.model import first_sentence

_TAG = re.compile(r"^\s*@(?P<tag>\w+)\b(?!\()\s*(?P<rest>.*)$")
_DOXYGEN_TAG = re.compile(r"^\s*[@\\](?P<tag>\w+)\b\s*(?P<rest>.*)$")
_JSDOC_TYPE = re.compile(r"^\{(?P<type>[^}]*)\}\s*")
_PARAMETER = re.compile(r"^(?:\[(?:in|out|in,out)\]\s*)?\[?(?P<name>[\w$.]+)(?:=[^\]]*)?\]?\s*-?\s*(?P<text>.*)$")
_XML = re.compile(
    r"<(?P<tag>summary|param|typeparam|returns|exception|example|remarks|value)(?:\s+(?:name|cref)=\"(?P<name>[^\"]*)\")?\s*>"
    r"(?P<text>.*?)</(?P=tag)>",
    re.DOTALL,
)
_SEE = re.compile(r"<(?:see|paramref|typeparamref)\s+(?:cref|name|langword)=\"([^\"]*)\"\s*/>")
_HEADING = re.compile(r"^#+\s*(?P<title>Examples?|Errors|Panics|Safety|Returns|Arguments|Parameters)\s*$", re.MULTILINE)
_BULLET = re.compile(r"^\s*[-*]\s+`?(?P<name>\w+)`?\s*[-:–]\s*(?P<text>.*)$")
_LONGEST = 8000
_TAGS = {
    Language.C: _DOXYGEN_TAG, Language.CPP: _DOXYGEN_TAG, Language.JAVA: _TAG, Language.JAVASCRIPT: _TAG,
    Language.TYPESCRIPT: _TAG, Language.TSX: _TAG, Language.KOTLIN: _TAG, Language.PHP: _TAG, Language.SCALA: _TAG,
    Language.CSHARP: _TAG, Language.SWIFT: _TAG, Language.RUBY: _TAG, Language.LUA: _TAG,
}  # fmt: skip
_LEADING_TAGS = frozenset({"brief", "summary", "description", "desc", "details"})
_SILENT_TAGS = frozenset({"api", "access", "memberof", "name", "method", "function"})


def parse_comment(text: str, language: str) -> DocComment:
    """A doc comment by the conventions of its language.

    Args:
        text: The comment without its marks, as ``Definition.doc`` holds it.
        language: What the code is written in.
    """
    text = text[:_LONGEST]
    if language == Language.PYTHON:
        return parse_docstring(text) or _plain(text)
    if language == Language.RUST:
        return _by_headings(text)
    if "<summary>" in text or "<param" in text:
        return _by_xml(text)
    mark = _TAGS.get(Language(language))
    return _by_tags(text, mark) if mark else _plain(text)


def _plain(text: str) -> DocComment:
    return DocComment(summary=first_sentence(text), description=text)


def _by_tags(text: str, mark: re.Pattern[str]) -> DocComment:
    """Javadoc, JSDoc, KDoc, PHPDoc, YARD, Doxygen: a tag begins a part that goes on until the next."""
    description: list[str] = []
    parts: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        match = mark.match(line)
        if match and match["tag"] in _LEADING_TAGS and not parts:
            description.append(match["rest"])
        elif match:
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
    if tag in {"param", "arg", "argument"} and (match := _PARAMETER.match(text)):
        comment.parameters.append(DocItem(match["name"], match["text"].strip(), kind))
    elif tag in {"return", "returns"}:
        comment.returns.append(DocItem("", text, kind))
    elif tag in {"throws", "throw", "exception", "raise", "raises"}:
        name, _, rest = text.partition(" ")
        comment.raises.append(DocItem(kind or name, text if kind else rest.strip()))
    elif tag == "deprecated" or ((text or kind) and tag not in _SILENT_TAGS):
        comment.notes.append(DocNote(tag, " ".join(filter(None, (kind and f"`{kind}`", text)))))


def _by_xml(text: str) -> DocComment:
    """XML-doc; what stands outside of its elements is description."""
    comment = DocComment()
    described: list[str] = []
    for match in _XML.finditer(text):
        content = " ".join(_SEE.sub(r"`\1`", match["text"]).split())
        if match["tag"] == "summary":
            described.append(content)
        elif match["tag"] == "example":
            comment.examples.append(match["text"].strip("\n"))
        else:
            _add_element(comment, match["tag"], match["name"] or "", content)
    rest = _SEE.sub(r"`\1`", _XML.sub("", text)).strip()
    comment.description = "\n\n".join(filter(None, (*described, rest)))
    comment.summary = first_sentence(comment.description)
    return comment


def _add_element(comment: DocComment, tag: str, name: str, text: str) -> None:
    items = {"param": comment.parameters, "returns": comment.returns, "exception": comment.raises}
    if tag in items:
        items[tag].append(DocItem(name, text))
    else:
        comment.notes.append(DocNote(f"{tag} {name}".strip(), text))


def _by_headings(text: str) -> DocComment:
    """Rustdoc: sections under headings, parameters as a list."""
    headings = list(_HEADING.finditer(text))
    comment = _plain(text[: headings[0].start()].strip() if headings else text)
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    for heading, end in zip(headings, ends, strict=False):
        _add_section(comment, heading["title"], text[heading.end() : end].strip())
    return comment


def _add_section(comment: DocComment, title: str, body: str) -> None:
    bullets = [_BULLET.match(line) for line in body.splitlines() if line.strip()]
    if title.startswith("Example"):
        comment.examples.append(body)
    elif title == "Returns":
        comment.returns.append(DocItem("", body))
    elif title in {"Arguments", "Parameters"} and all(bullets):
        comment.parameters += [DocItem(match["name"], match["text"]) for match in bullets if match]
    else:
        comment.notes.append(DocNote(title, body))
