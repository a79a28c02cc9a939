"""Finds definitions and checks names."""

import re
from collections.abc import Sequence

from codemuse.contracts.docgen import NamesReply, SymbolPage, SymbolRead
from codemuse.database import Sessions
from docgen_server.core.analysis.model import first_sentence
from docgen_server.db.pages import decode_offset, encode_cursor
from docgen_server.db.snapshots import get_snapshot
from docgen_server.features.symbols.repository import FoundSymbol, SymbolRepository

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class SymbolService:
    """Looks into the symbol table of a snapshot."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def search(
        self, snapshot_id: str, query: str, *, path: str | None, kind: str | None, cursor: str | None, limit: int
    ) -> SymbolPage:
        """A page of definitions, best first."""
        offset = decode_offset(cursor)
        async with self._sessions() as session:
            await get_snapshot(session, snapshot_id)
            found = await SymbolRepository(session).search(
                snapshot_id, query, path=path, kind=kind, offset=offset, limit=limit + 1
            )
        return SymbolPage(
            items=[_read(item) for item in found[:limit]],
            next_cursor=encode_cursor(str(offset + limit)) if len(found) > limit else None,
        )

    async def check_names(self, snapshot_id: str, names: Sequence[str]) -> NamesReply:
        """Split names into those that stand in the code and those that do not, in the order asked."""
        parts = {name: [part for part in _IDENTIFIER.findall(name) if len(part) > 1] for name in names}
        wanted = sorted({part for found in parts.values() for part in found})
        async with self._sessions() as session:
            await get_snapshot(session, snapshot_id)
            known = await SymbolRepository(session).known_names(snapshot_id, wanted)
        is_known = {name: bool(found) and known.issuperset(found) for name, found in parts.items()}
        return NamesReply(
            known=[name for name in parts if is_known[name]], unknown=[name for name in parts if not is_known[name]]
        )


def _read(found: FoundSymbol) -> SymbolRead:
    symbol = found.symbol
    return SymbolRead(
        id=f"{symbol.facts_id.hex}-{symbol.ordinal}",
        name=symbol.name,
        qualified_name=symbol.qualified_name,
        kind=symbol.kind,
        path=found.path,
        start_line=symbol.start_line,
        end_line=symbol.end_line,
        language=found.language,
        signature=symbol.signature or None,
        summary=first_sentence(symbol.doc) or None,
        visibility=symbol.visibility,
        decorators=symbol.decorators.split(),
    )
