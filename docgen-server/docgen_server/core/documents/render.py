"""Renders pages with the templates of this package."""

from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined

from docgen_server.core.analysis.model import first_sentence
from docgen_server.core.documents.pages import ModulePage, OverviewPage

_TEMPLATES = ("overview.md.j2", "module.md.j2")
_LONGEST_TABLE_CELL = 160


class Renderer:
    """Turns pages into Markdown."""

    def __init__(self) -> None:
        folder = files(__package__).joinpath("templates")
        loader = DictLoader({name: folder.joinpath(name).read_text(encoding="utf-8") for name in _TEMPLATES})
        # Markdown is what comes out; whoever shows it escapes HTML.
        self._environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
        self._environment.filters |= {"sentence": first_sentence, "cell": _cell, "fence": _fence}

    def overview(self, page: OverviewPage) -> str:
        """The overview of a repository."""
        return self._environment.get_template("overview.md.j2").render(page=page)

    def module(self, page: ModulePage) -> str:
        """The page of one code file."""
        return self._environment.get_template("module.md.j2").render(page=page)


def _cell(text: str) -> str:
    """Text that fits into a cell of a table."""
    line = " ".join(text.split()).replace("|", "\\|")
    return line if len(line) <= _LONGEST_TABLE_CELL else line[: _LONGEST_TABLE_CELL - 1] + "…"


def _fence(text: str) -> str:
    """A fence longer than any inside the text."""
    longest = max((len(run) for run in text.split() if set(run) == {"`"}), default=0)
    return "`" * max(3, longest + 1)
