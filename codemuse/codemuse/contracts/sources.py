"""How evidence stands in a prompt: numbered sources that any model, and the extractive answerer, can cite as ``[n]``."""

import re
from collections.abc import Iterable
from html import escape, unescape

from codemuse.contracts.common import Reply

_SOURCE = re.compile(r"<source (?P<attributes>[^>]*)>\n(?P<text>.*?)\n</source>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_CLOSING = "</source>"
_CLOSING_INERT = "<\\/source>"


class Source(Reply):
    """A numbered passage of code or prose."""

    number: int
    path: str
    start_line: int
    end_line: int
    text: str
    language: str = ""
    kind: str = ""
    symbol: str | None = None
    repository: str = ""


def render_sources(sources: Iterable[Source]) -> str:
    """Write sources as tagged blocks; text that imitates a closing tag is made inert."""
    return "\n".join(_render(source) for source in sources)


def parse_sources(prompt: str) -> list[Source]:
    """Read back what ``render_sources`` wrote, in the order it stands; anything else in the prompt is passed over."""
    return [
        Source.model_validate(
            {key: unescape(value) for key, value in _ATTRIBUTE.findall(match["attributes"])}
            | {"text": match["text"].replace(_CLOSING_INERT, _CLOSING)}
        )
        for match in _SOURCE.finditer(prompt)
    ]


def _render(source: Source) -> str:
    fields = source.model_dump(exclude={"text"}, exclude_none=True)
    attributes = " ".join(f'{key}="{escape(str(value))}"' for key, value in fields.items())
    return f"<source {attributes}>\n{source.text.replace(_CLOSING, _CLOSING_INERT)}\n{_CLOSING}"
