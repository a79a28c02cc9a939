"""Lists problems: those of single files as they were found, those between files when asked."""

import hashlib
from collections.abc import Iterator

from codemuse.contracts.docgen import ProblemPage, ProblemRead
from codemuse.database import Sessions
from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.linking.graph import LinkGraph
from docgen_server.db.links import load_graph
from docgen_server.db.pages import decode_offset, encode_cursor
from docgen_server.db.snapshots import get_snapshot
from docgen_server.features.problems.repository import ProblemFilter, ProblemRepository

CYCLE_RULE = "import-cycle"
_LOADED_FILE_BY_FILE = frozenset({"python", "javascript", "typescript", "tsx", "vue"})


class ProblemService:
    """Reads problems."""

    def __init__(self, sessions: Sessions, mirrors: MirrorStore) -> None:
        self._sessions = sessions
        self._mirrors = mirrors

    async def list_problems(
        self, snapshot_id: str, wanted: ProblemFilter, *, cursor: str | None, limit: int
    ) -> ProblemPage:
        """A page of problems: cycles first, for they are few and concern many files, then file by file."""
        offset = decode_offset(cursor)
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
            cycles = list(find_cycles(await load_graph(session, self._mirrors, snapshot)))
            matching = [cycle for cycle in cycles if wanted.accepts(cycle)]
            page = matching[offset : offset + limit + 1]
            if len(page) <= limit:
                page += await ProblemRepository(session).list_problems(
                    snapshot_id, wanted, offset=max(offset - len(matching), 0), limit=limit + 1 - len(page)
                )
            counts = await ProblemRepository(session).counts(snapshot_id)
        if cycles:
            counts[CYCLE_RULE] = len(cycles)
        return ProblemPage(
            items=page[:limit],
            next_cursor=encode_cursor(str(offset + limit)) if len(page) > limit else None,
            counts=counts,
        )


def find_cycles(graph: LinkGraph) -> Iterator[ProblemRead]:
    """``import-cycle``: files that need each other while they load, in languages where that matters."""
    for files in graph.cycles():
        if graph.files[files[0]].language not in _LOADED_FILE_BY_FILE or any(map(is_test_path, files)):
            continue
        line = graph.line_of(files[0], files[1])
        yield ProblemRead(
            id=hashlib.blake2b("\0".join(files).encode(), digest_size=16).hexdigest(),
            rule=CYCLE_RULE,
            severity="warning",
            path=files[0],
            start_line=line,
            end_line=line,
            message="These files import each other while they load: " + " → ".join([*files, files[0]]),
            advice="Move what both need into a module of its own, or import inside the function that needs it.",
        )
