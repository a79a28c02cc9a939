"""Analyses the files of a snapshot, each content once, and cuts chunks from them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

import orjson

from codemuse.contracts.chunks import Chunk
from codemuse.contracts.common import Language
from codemuse.contracts.docgen import AnalyseReply, ChunksReply, FileOutcome, FileStatus
from codemuse.database import Sessions
from docgen_server.core.analysis.analyser import add_findings, is_test_path
from docgen_server.core.analysis.model import Finding
from docgen_server.core.analysis.text import decode, split_lines
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.lint.ruff import RuffLinter
from docgen_server.core.pool import ParserPool, SourceFile
from docgen_server.core.secrets.scan import mask_lines
from docgen_server.features.analysis.repository import AskedFile, FactsRepository
from docgen_server.features.analysis.rows import FactsRows, Outcome

_STREAMED_FILES = 48
"""How many files are analysed before a stream tells of them."""


class AnalysisService:
    """Facts and chunks."""

    def __init__(self, sessions: Sessions, mirrors: MirrorStore, parsers: ParserPool, linter: RuffLinter) -> None:
        self._sessions = sessions
        self._mirrors = mirrors
        self._parsers = parsers
        self._linter = linter

    async def analyse(self, snapshot_id: str, paths: Sequence[str]) -> AnalyseReply:
        """One outcome per path, in the order asked.

        Raises:
            PathNotFound: The snapshot has no such file.
        """
        async with self._sessions() as session:
            asked = await FactsRepository(session).read(snapshot_id, paths)
        known = asked.outcomes
        missing = {one.facts_id: one for one in asked.files.values() if one.facts_id and one.facts_id not in known}
        if missing:
            known = {**known, **await self._parse(asked.repository_id, missing)}
        return AnalyseReply(files=[_outcome(asked.files[path], known) for path in paths])

    async def check(self, snapshot_id: str, paths: Sequence[str]) -> None:
        """Whether all these files are there, before an answer is begun that cannot be taken back.

        Raises:
            PathNotFound: The snapshot has no such file.
        """
        async with self._sessions() as session:
            await FactsRepository(session).read(snapshot_id, paths)

    async def iter_outcomes(self, snapshot_id: str, paths: Sequence[str]) -> AsyncIterator[FileOutcome]:
        """One outcome per path, in the order asked, as they are known."""
        for start in range(0, len(paths), _STREAMED_FILES):
            for outcome in (await self.analyse(snapshot_id, paths[start : start + _STREAMED_FILES])).files:
                yield outcome

    async def chunks(self, snapshot_id: str, paths: Sequence[str]) -> ChunksReply:
        """Chunks of those paths that are analysed.

        Raises:
            PathNotFound: The snapshot has no such file.
        """
        async with self._sessions() as session:
            asked = await FactsRepository(session).read(snapshot_id, paths, with_chunks=True)
        wanted = sorted(file for file in asked.files.values() if file.facts_id in asked.spans)
        mirror = self._mirrors.get(asked.repository_id)
        contents = await mirror.read_blobs([(file.blob, file.size) for file in wanted])

        def cut() -> list[Chunk]:
            return [
                chunk
                for file in wanted
                if file.facts_id is not None
                for chunk in _cut(file, contents[file.blob], asked.spans[file.facts_id])
            ]

        return ChunksReply(chunks=await asyncio.to_thread(cut))

    async def _parse(self, repository_id: str, missing: Mapping[UUID, AskedFile]) -> Mapping[UUID, Outcome]:
        mirror = self._mirrors.get(repository_id)
        same: dict[str, list[tuple[UUID, AskedFile]]] = {}
        for identifier, file in missing.items():
            same.setdefault(file.blob, []).append((identifier, file))
        rows = FactsRows(repository_id)
        async for contents in mirror.iter_blobs([(file.blob, file.size) for file in missing.values()]):
            batch = [pair for blob in contents for pair in same[blob]]
            sources = [
                SourceFile(file.path, Language(file.language or Language.TEXT), contents[file.blob])
                for _, file in batch
            ]
            parsed, linted = await asyncio.gather(self._parsers.analyse(sources), self._lint(sources))
            for (identifier, file), facts in zip(batch, parsed, strict=True):
                add_findings(facts, linted.get(file.path, ()))
                rows.add(identifier, file.path, facts)
        async with self._sessions.begin() as session:
            await FactsRepository(session).add(rows)
        return rows.outcomes

    async def _lint(self, sources: Sequence[SourceFile]) -> Mapping[str, Sequence[Finding]]:
        """What ruff says of the Python files that are no tests."""
        judged = [file for file in sources if file.language is Language.PYTHON and not is_test_path(file.path)]
        found = await self._linter.lint([file.data for file in judged])
        return {file.path: findings for file, findings in zip(judged, found, strict=True)}


def _outcome(file: AskedFile, known: Mapping[UUID, Outcome]) -> FileOutcome:
    outcome = known.get(file.facts_id) if file.facts_id else None
    if outcome is None:
        return FileOutcome(
            path=file.path,
            status=FileStatus.QUARANTINED,
            language=file.language,
            reason=file.skip_reason,
            message="The file is not analysed.",
        )
    return FileOutcome(
        path=file.path,
        status=FileStatus.QUARANTINED if outcome.reason else FileStatus.ANALYSED,
        language=file.language,
        line_count=outcome.line_count,
        symbol_count=outcome.symbol_count,
        chunk_count=outcome.chunk_count,
        reason=outcome.reason,
        message=outcome.message,
        warnings=list(outcome.warnings),
    )


def _cut(file: AskedFile, data: bytes, spans: bytes) -> list[Chunk]:
    lines = mask_lines(split_lines(decode(data)))
    return [
        Chunk(
            path=file.path,
            start_line=span["start_line"],
            end_line=span["end_line"],
            language=Language(file.language or Language.TEXT),
            kind=span["kind"],
            symbol=span["symbol"],
            signature=span["signature"],
            defines=span["defines"],
            text="\n".join(lines[span["start_line"] - 1 : span["end_line"]]),
        )
        for span in orjson.loads(spans)
    ]
