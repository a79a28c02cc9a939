"""What the command line prints: for people on a terminal, JSON for programs."""

from collections.abc import Iterable

import orjson
from pydantic import BaseModel
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.measure import Measurement
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from codemuse.contracts.chat import MessageRead
from codemuse.contracts.gateway import SystemHealth
from codemuse.contracts.rag import SearchHit
from codemuse.contracts.repositories import RepositoryRead
from codemuse.contracts.runs import RunRead

_EXCERPT_LINES = 8
_WIDEST = 10_000
"""Columns of a table; no terminal has so many."""


class Output:
    """Prints results to standard output and everything else to standard error."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.console = Console()
        self.notes = Console(stderr=True, quiet=json)

    def data(self, result: BaseModel) -> bool:
        """Print JSON where it is wanted; returns whether it was."""
        if self.json:
            print(result.model_dump_json(indent=2))  # noqa: T201 - the one thing programs read
        return self.json

    def error(self, code: str, message: str) -> None:
        """Say what went wrong."""
        if self.json:
            print(orjson.dumps({"error": code, "message": message}).decode())  # noqa: T201
        else:
            self.notes.print(message, style="red", highlight=False, markup=False)

    def table(self, table: Table) -> None:
        """A table as wide as it is: nothing is cut, and what a terminal has no room for, it wraps.

        So dates and numbers come first, and last what may be wrapped.
        """
        whole = self.console.options.update(max_width=_WIDEST)
        table.width = Measurement.get(self.console, whole, table).maximum
        self.console.print(table, soft_wrap=True)

    def run(self, run: RunRead) -> None:
        """How a run ended; most kinds of runs have no files."""
        progress = run.progress
        files = f", {progress.done} of {progress.total} files" if progress.total else ""
        self.console.print(f"{run.title or run.kind}: {run.status.value}{files}", highlight=False, markup=False)
        if progress.failed:
            self.console.print(
                f"  {progress.failed} files were set aside; see 'codemuse status {run.id}'.", highlight=False
            )
        if run.error:
            self.console.print(f"  {run.error.message}", highlight=False, markup=False)

    def hits(self, hits: Iterable[SearchHit]) -> None:
        """Search results."""
        for hit in hits:
            symbol = f"  {hit.symbol}" if hit.symbol else ""
            self.console.print(
                Text(hit.path, style="bold").append(f":{hit.start_line}-{hit.end_line}{symbol}", "not bold")
            )
            excerpt = "\n".join(hit.text.splitlines()[:_EXCERPT_LINES])
            self.console.print(
                Syntax(excerpt, hit.language, line_numbers=True, start_line=hit.start_line, word_wrap=True)
            )

    def answer(self, message: MessageRead, repositories: dict[str, str]) -> None:
        """An answer and its numbered sources."""
        self.console.print(Markdown(message.content))
        for citation in message.citations:
            name = repositories.get(citation.repository_id, citation.repository_id)
            place = f"{citation.path}:{citation.start_line}-{citation.end_line}"
            self.console.print(
                f"  [{citation.id}] {name} {place} @ {citation.commit[:12]}", highlight=False, markup=False
            )
        if message.verification:
            checked = message.verification
            self.notes.print(
                f"verified {checked.citations_ok} of {checked.citations_checked} citations", highlight=False
            )

    def status(self, health: SystemHealth, repositories: Iterable[RepositoryRead]) -> None:
        """Services and repositories."""
        self.console.print(f"CodeMuse {health.version}: {health.status.value}", highlight=False)
        for name, check in health.services.items():
            self.console.print(f"  {name:18} {check.status.value:9} {check.detail}", highlight=False, markup=False)
        table = Table("status", "commit", "files", "chunks", "repository", box=None, pad_edge=False)
        for repository in repositories:
            commit = (repository.commit or "")[:12]
            counts = (str(repository.file_count), str(repository.chunk_count))
            table.add_row(repository.status.value, commit, *counts, escape(repository.name))
        self.table(table)
