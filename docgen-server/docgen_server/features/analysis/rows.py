"""Facts as rows."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from docgen_server.core.analysis.model import Definition, FileFacts

_LONGEST_DOC = 4000
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


class Outcome(NamedTuple):
    """How the analysis of one content ended."""

    id: UUID
    reason: str | None
    message: str | None
    line_count: int
    symbol_count: int
    chunk_count: int
    warnings: Sequence[str]


class FactsRows:
    """Collects the rows of many files, to be written at once."""

    def __init__(self, repository_id: str) -> None:
        self._repository_id = repository_id
        self.facts: list[dict[str, Any]] = []
        self.symbols: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []
        self.outcomes: dict[UUID, Outcome] = {}

    def add(self, identifier: UUID, path: str, facts: FileFacts) -> None:
        """Add the rows of one file."""
        symbols = [item for item in facts.definitions if item.kind != "section"]
        self.symbols += [_symbol(identifier, ordinal, item) for ordinal, item in enumerate(symbols)]
        self.problems += [
            {
                "facts_id": identifier,
                "ordinal": ordinal,
                "rule": finding.rule,
                "severity": finding.severity,
                "start_line": finding.start_line,
                "end_line": finding.end_line,
                "symbol": finding.symbol,
                "message": finding.message,
                "advice": finding.advice,
            }
            for ordinal, finding in enumerate(facts.findings)
        ]
        self.facts.append(
            {
                "id": identifier,
                "repository_id": self._repository_id,
                "path": path,
                "language": facts.language,
                "reason": facts.reason,
                "message": facts.message,
                "line_count": facts.line_count,
                "symbol_count": len(symbols),
                "chunk_count": len(facts.chunks),
                "problem_count": len(facts.findings),
                "doc": facts.doc,
                "warnings": facts.warnings,
                "names": facts.names,
                "links": facts.links,
                "chunks": orjson.dumps(facts.chunks),
            }
        )
        self.outcomes[identifier] = Outcome(
            identifier,
            facts.reason,
            facts.message,
            facts.line_count,
            len(symbols),
            len(facts.chunks),
            tuple(facts.warnings),
        )


def _symbol(identifier: UUID, ordinal: int, item: Definition) -> dict[str, Any]:
    return {
        "facts_id": identifier,
        "ordinal": ordinal,
        "name": item.name,
        "initials": initials(item.name),
        "qualified_name": item.qualified_name,
        "kind": item.kind,
        "start_line": item.line,
        "end_line": item.end_line,
        "signature": item.signature,
        "doc": item.doc[:_LONGEST_DOC],
        "visibility": "local" if item.local else item.visibility,
        "depth": item.depth,
        "decorators": " ".join(item.decorators),
    }


def initials(name: str) -> str:
    """Lower-case first letters of the words of a name: ``hs`` for ``HttpServer`` and for ``http_server``."""
    return "".join(word[0] for word in _WORD.findall(name)).lower()
