"""Client of docgen-server."""

from typing import BinaryIO
from urllib.parse import quote

from codemuse.contracts.common import Reply
from codemuse.contracts.docgen import (
    AnalyseReply,
    ArchiveRead,
    ChunksReply,
    GitSource,
    GraphRead,
    ManifestFile,
    ManifestPage,
    NamesReply,
    NamesRequest,
    PathsRequest,
    SnapshotCreate,
    SnapshotRead,
    SnapshotStats,
    SourceRead,
    SymbolPage,
)
from codemuse.contracts.findings import (
    CoverageRead,
    HistoryRead,
    PackageList,
    ProblemPage,
    ReportAccepted,
    Sarif,
    TestReportRead,
)
from codemuse.contracts.pairs import PairList
from codemuse.http import Params, R, ServiceClient

_SNAPSHOT_SECONDS = 900.0
_ANALYSE_SECONDS = 300.0


class DocgenClient:
    """Snapshots and facts; documents have a client of their own."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def upload_archive(self, repository_id: str, archive: BinaryIO, filename: str) -> ArchiveRead:
        """Send an archive, streamed from its file."""
        return await self.service.call(
            "POST",
            f"/api/v1/repositories/{repository_id}/archives",
            ArchiveRead,
            files={"archive": (filename, archive, "application/octet-stream")},
            idempotent=False,
            timeout_seconds=_ANALYSE_SECONDS,
        )

    async def check_source(self, body: GitSource) -> None:
        """Whether a git URL and ref may be fetched at all; nothing is fetched yet.

        Raises:
            InvalidInput: The URL or the ref is refused.
        """
        await self.service.call("POST", "/api/v1/sources/check", Reply, body=body)

    async def create_snapshot(self, body: SnapshotCreate) -> SnapshotRead:
        """Mirror a source and name its commit."""
        return await self.service.call(
            "POST", "/api/v1/snapshots", SnapshotRead, body=body, timeout_seconds=_SNAPSHOT_SECONDS
        )

    async def get_snapshot(self, snapshot_id: str) -> SnapshotRead:
        """A snapshot that exists."""
        return await self.service.call("GET", f"/api/v1/snapshots/{quote(snapshot_id, safe='')}", SnapshotRead)

    async def find_snapshot(self, repository_id: str, commit: str) -> SnapshotRead:
        """The snapshot of a commit that was read once.

        Raises:
            NotFound: There is none.
        """
        path = f"/api/v1/repositories/{repository_id}/commits/{quote(commit, safe='')}"
        return await self.service.call("GET", path, SnapshotRead)

    async def list_files(self, snapshot_id: str) -> list[ManifestFile]:
        """All files of a snapshot, in path order."""
        files: list[ManifestFile] = []
        cursor: str | None = None
        while True:
            page = await self.get_manifest(snapshot_id, cursor)
            files += page.items
            cursor = page.next_cursor
            if cursor is None:
                return files

    async def get_manifest(self, snapshot_id: str, cursor: str | None, limit: int = 5000) -> ManifestPage:
        """One page of the files of a snapshot."""
        return await self._get(snapshot_id, "manifest", ManifestPage, {"cursor": cursor, "limit": limit})

    async def analyse(self, snapshot_id: str, paths: list[str]) -> AnalyseReply:
        """Parse files and keep their facts."""
        return await self._post(snapshot_id, "analyse", AnalyseReply, PathsRequest(paths=paths))

    async def get_chunks(self, snapshot_id: str, paths: list[str]) -> ChunksReply:
        """Chunks of analysed files."""
        return await self._post(snapshot_id, "chunks", ChunksReply, PathsRequest(paths=paths))

    async def get_source(self, snapshot_id: str, path: str, start: int | None, end: int | None) -> SourceRead:
        """Lines of a file at the snapshot's commit."""
        return await self._get(snapshot_id, "source", SourceRead, {"path": path, "start": start, "end": end})

    async def check_names(self, snapshot_id: str, names: list[str]) -> NamesReply:
        """Which identifiers stand in the code."""
        return await self._post(snapshot_id, "names", NamesReply, NamesRequest(names=names))

    async def get_symbols(self, snapshot_id: str, params: Params) -> SymbolPage:
        """One page of definitions."""
        return await self._get(snapshot_id, "symbols", SymbolPage, params)

    async def get_pairs(self, snapshot_id: str, params: Params) -> PairList:
        """A sample of the words that people wrote about the code, with the code."""
        return await self._get(snapshot_id, "pairs", PairList, params)

    async def get_graph(self, snapshot_id: str, params: Params) -> GraphRead:
        """The dependency graph."""
        return await self._get(snapshot_id, "graph", GraphRead, params)

    async def get_problems(self, snapshot_id: str, params: Params) -> ProblemPage:
        """One page of problems."""
        return await self._get(snapshot_id, "problems", ProblemPage, params)

    async def export_problems(self, snapshot_id: str, params: Params) -> Sarif:
        """All problems as a SARIF log."""
        return await self._get(snapshot_id, "problems.sarif", Sarif, params)

    async def get_packages(self, snapshot_id: str) -> PackageList:
        """What the manifests ask for from outside."""
        return await self._get(snapshot_id, "packages", PackageList, {})

    async def get_history(self, snapshot_id: str, params: Params) -> HistoryRead:
        """Files by how much their changes cost."""
        return await self._get(snapshot_id, "history", HistoryRead, params)

    async def get_coverage(self, snapshot_id: str, params: Params) -> CoverageRead:
        """Which files tests run."""
        return await self._get(snapshot_id, "coverage", CoverageRead, params)

    async def get_tests(self, snapshot_id: str, params: Params) -> TestReportRead:
        """How the tests ended."""
        return await self._get(snapshot_id, "tests", TestReportRead, params)

    async def upload_report(self, repository_id: str, kind: str, commit: str, report: bytes) -> ReportAccepted:
        """Add a report of ``coverage`` or ``tests`` to what is known of a commit."""
        path = f"/api/v1/repositories/{repository_id}/{kind}"
        return await self.service.call(
            "POST", path, ReportAccepted, params={"commit": commit}, content=report, timeout_seconds=_ANALYSE_SECONDS
        )

    async def get_stats(self, snapshot_id: str) -> SnapshotStats:
        """Sizes and languages of a snapshot."""
        return await self._get(snapshot_id, "stats", SnapshotStats, {})

    async def delete_repository(self, repository_id: str) -> None:
        """Remove the mirror and everything known of a repository."""
        await self.service.call("DELETE", f"/api/v1/repositories/{repository_id}", Reply)

    async def _get(self, snapshot_id: str, what: str, reply: type[R], params: Params) -> R:
        return await self.service.call(
            "GET", f"/api/v1/snapshots/{quote(snapshot_id, safe='')}/{what}", reply, params=params
        )

    async def _post(self, snapshot_id: str, what: str, reply: type[R], body: PathsRequest | NamesRequest) -> R:
        path = f"/api/v1/snapshots/{quote(snapshot_id, safe='')}/{what}"
        return await self.service.call("POST", path, reply, body=body, timeout_seconds=_ANALYSE_SECONDS)
