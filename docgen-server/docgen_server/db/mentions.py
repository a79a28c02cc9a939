"""In how many files names stand, asked only of files that have changed."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, cast, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from docgen_server.db.models import FileFacts
from docgen_server.db.snapshots import any_array


@dataclass(frozen=True, slots=True)
class Mentions:
    """Which of some names stand in which files."""

    names: frozenset[str] = frozenset()
    by_file: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    """By the id of its facts."""

    def counts(self) -> Counter[str]:
        """In how many files each name stands."""
        return Counter(name for found in self.by_file.values() for name in found)


async def read_mentions(
    session: AsyncSession, names: frozenset[str], files: Collection[UUID], before: Mentions | None
) -> Mentions:
    """Which names stand in which files; what was asked before of the same file is not asked again."""
    known = before or Mentions()
    kept = {file: known.by_file[file] & names for file in files if file in known.by_file}
    anew = await _find(session, names, [file for file in files if file not in kept])
    more = await _find(session, names - known.names, kept)
    return Mentions(names, anew | {file: found | more[file] for file, found in kept.items()})


async def _find(session: AsyncSession, names: Iterable[str], files: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    found: dict[UUID, set[str]] = {file: set() for file in files}
    wanted = cast(bindparam("names", sorted(names)), ARRAY(Text))
    name = func.unnest(FileFacts.names).table_valued("name").render_derived()
    query: Any = (
        select(FileFacts.id, name.c.name)
        .select_from(FileFacts)
        .join(name, true())
        .where(
            FileFacts.id == any_array(list(files), Uuid), FileFacts.names.overlap(wanted), name.c.name == any_(wanted)
        )
    )
    if names and files:
        for file, text in await session.execute(query):
            found[file].add(text)
    return {file: frozenset(texts) for file, texts in found.items()}
