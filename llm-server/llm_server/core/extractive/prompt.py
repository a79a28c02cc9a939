"""Reading question and sources out of the messages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from codemuse.contracts.llm import ChatMessage
from codemuse.contracts.sources import Source, parse_sources

_QUESTION = re.compile(r"<question>\n?(.*?)\n?</question>\s*$", re.DOTALL)
_SOURCES = re.compile(r"<source .*?\n</source>", re.DOTALL)
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked and what the answer may stand on."""

    question: str
    sources: Sequence[Source]

    @property
    def korean(self) -> bool:
        """Whether the question is written in Korean."""
        return bool(_HANGUL.search(self.question))


def read_prompt(messages: Sequence[ChatMessage]) -> Prompt:
    """The question of the last user message and the sources that stand in it."""
    last = next((message.text() for message in reversed(messages) if message.role == "user"), "")
    marked = _QUESTION.search(last)
    question = marked.group(1) if marked else _SOURCES.sub("", last)
    return Prompt(question.strip(), parse_sources(last))
