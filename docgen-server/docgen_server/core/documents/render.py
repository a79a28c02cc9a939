"""Renders planned sections with the templates of this package, or with those that a repository brings along.

A template is a file of blocks, one for each kind of section (``{% block symbol %}``). A repository's own template replaces
single blocks; the others, and ``super()``, are the built-in ones.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from docgen_server.core.documents.diagrams import find_fault
from docgen_server.core.documents.phrases import LOCALES, Phrases, load_phrases
from docgen_server.core.documents.sections import SectionPlan

KINDS = ("overview", "package", "module")
_SHARED = "shared"
_LONGEST_CELL = 160
_MOST_SECTION_CHARACTERS = 400_000
_DIAGRAM = re.compile(r"^```mermaid\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")
_LANGUAGE_NAMES = {
    "python": "Python", "javascript": "JavaScript", "typescript": "TypeScript", "tsx": "TSX", "go": "Go", "java": "Java",
    "rust": "Rust", "c": "C", "cpp": "C++", "ruby": "Ruby", "php": "PHP", "csharp": "C#", "kotlin": "Kotlin", "swift": "Swift",
    "scala": "Scala", "elixir": "Elixir", "lua": "Lua", "bash": "Shell", "zig": "Zig", "haskell": "Haskell",
}  # fmt: skip


class TemplateFault(ValueError):
    """A repository's template cannot be used; the text says why, in a sentence for its author."""


@dataclass(frozen=True, slots=True)
class Job:
    """A section to render, and the kind of page that it stands on."""

    kind: str
    plan: SectionPlan


class Renderer:
    """Turns planned sections into Markdown.

    Args:
        own: Templates of the repository, text by kind of page.

    Raises:
        TemplateFault: One of them is not a template.
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        folder = files(__package__).joinpath("templates")
        # Markdown is what comes out; whoever shows it escapes HTML.
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.filters |= {
            "cell": _cell,
            "code": _code,
            "fence": _fence,
            "language": _language,
            "thousands": "{:,}".format,
        }
        built_in = {
            kind: self._read(folder.joinpath(f"{kind}.md.j2").read_text(encoding="utf-8")) for kind in (*KINDS, _SHARED)
        }
        brought = {kind: self._read(text, f"{kind}.md.j2") for kind, text in (own or {}).items()}
        self._chains: Mapping[str, Sequence[Template]] = {
            kind: [one for one in (brought.get(kind), built_in[kind], built_in[_SHARED]) if one] for kind in KINDS
        }
        self._phrases = {locale: Phrases(load_phrases(locale)) for locale in LOCALES}

    def render(self, job: Job, locale: str) -> str:
        """One section as Markdown.

        Raises:
            TemplateFault: A repository's template failed on it, or wrote too much.
        """
        values = {**job.plan.facts, "say": self._phrases[locale]}
        chain = self._chains[job.kind]
        context = chain[0].new_context(values)
        for template in chain[1:]:
            for name, block in template.blocks.items():
                context.blocks.setdefault(name, []).append(block)
        pieces: list[str] = []
        size = 0
        try:
            for piece in context.blocks[job.plan.block][0](context):
                pieces.append(piece)
                size += len(piece)
                if size > _MOST_SECTION_CHARACTERS:
                    raise TemplateFault(
                        f"Block '{job.plan.block}' writes more than {_MOST_SECTION_CHARACTERS} characters."
                    )
        except (TemplateError, TypeError, ValueError, KeyError, IndexError, ArithmeticError, AttributeError) as error:
            if isinstance(error, TemplateFault):
                raise
            raise TemplateFault(f"Block '{job.plan.block}' of {job.kind}.md.j2 failed: {_in_a_line(error)}") from error
        return check_diagrams(_tidy("".join(pieces)))

    def _read(self, text: str, name: str = "") -> Template:
        try:
            return self._environment.from_string(text)
        except TemplateError as error:
            line = getattr(error, "lineno", 1)
            raise TemplateFault(f"{name}, line {line}: {_in_a_line(error)}") from error


def check_diagrams(text: str) -> str:
    """The text with every diagram that would not render shown as text, with the reason."""

    def checked(match: re.Match[str]) -> str:
        fault = find_fault(match[1])
        return match[0] if fault is None else f"*Not drawn: {fault}.*\n\n```text\n{match[1]}\n```"

    return _DIAGRAM.sub(checked, text)


def _tidy(text: str) -> str:
    """No more than one blank line in a row, but in code."""
    parts = re.split(r"(^(`{3,})[^\n]*\n.*?^\2\n)", text, flags=re.DOTALL | re.MULTILINE)
    prose, code = parts[::3], [*parts[1::3], ""]
    calm = [_BLANK_LINES.sub("\n\n", part) for part in prose]
    after = [calm[0], *("\n" + part.lstrip("\n") for part in calm[1:])]
    return "".join(before + fence for before, fence in zip(after, code, strict=True)).strip("\n")


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _cell(text: Any) -> str:
    """Text that fits into a cell of a table or an item of a list."""
    line = " ".join(str(text).split()).replace("|", "\\|")
    line = line if len(line) <= _LONGEST_CELL else line[: _LONGEST_CELL - 1] + "…"
    return line + "`" if line.count("`") % 2 else line


def _code(text: str) -> str:
    """A code span around any text."""
    line = " ".join(text.split())
    return f"`` {line} ``" if "`" in line else f"`{line}`"


def _fence(text: str) -> str:
    """A fence longer than any inside the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _language(name: str) -> str:
    return _LANGUAGE_NAMES.get(name, name)
