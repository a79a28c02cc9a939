"""Step ``verify``: every citation is resolved against the indexed commit, every name looked up, before the answer is stored."""

from dataclasses import dataclass, field

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.chat import CitationRead, VerificationRead
from codemuse.errors import InvalidInput, NotFound
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter
from orchestrator.features.answering.citations import cited_numbers, drop_citations, locate, mentioned_names

_MAXIMUM_NAMES = 200


@dataclass(slots=True)
class _Checked:
    """Citations that hold, and how they came to."""

    kept: list[CitationRead] = field(default_factory=list)
    intact: int = 0
    repaired: int = 0
    dropped: int = 0


class VerifyStep:
    """Checks an answer against the code it speaks of."""

    def __init__(self, docgen: DocgenClient) -> None:
        self._docgen = docgen

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished:
        """Keep, repair or drop each citation; list names that do not occur in the code."""
        answer = str(run.results["generate"]["content"])
        snapshots = {entry["repository_id"]: entry["snapshot_id"] for entry in run.results["plan"]["scope"]}
        sources = {
            int(source["id"]): CitationRead.model_validate(source) for source in run.results["retrieve"]["sources"]
        }
        cited = cited_numbers(answer)
        checked = await self._check_citations(cited, sources, snapshots)
        names = mentioned_names(answer)[:_MAXIMUM_NAMES]
        unknown = await self._unknown_names(names, list(snapshots.values()))
        verification = VerificationRead(
            citations_checked=len(cited),
            citations_ok=checked.intact + checked.repaired,
            citations_repaired=checked.repaired,
            citations_dropped=checked.dropped,
            symbols_checked=len(names),
            symbols_unknown=unknown,
        )
        content = drop_citations(answer, {citation.id for citation in checked.kept}) if checked.dropped else answer
        result = {
            "content": content,
            "citations": [citation.model_dump(mode="json") for citation in checked.kept],
            "verification": verification.model_dump(mode="json"),
        }
        return Finished(result, verification.model_dump(mode="json"))

    async def _check_citations(
        self, cited: list[int], sources: dict[int, CitationRead], snapshots: dict[str, str]
    ) -> _Checked:
        checked = _Checked()
        for number in cited:
            source = sources.get(number)
            resolved = await self._resolve(source, snapshots) if source else None
            if source is None or resolved is None:
                checked.dropped += 1
                continue
            checked.kept.append(resolved)
            if resolved is source:
                checked.intact += 1
            else:
                checked.repaired += 1
        return checked

    async def _resolve(self, citation: CitationRead, snapshots: dict[str, str]) -> CitationRead | None:
        """The citation if its lines say what it quotes; moved to where they do; nothing if nowhere in the file."""
        snapshot_id = snapshots.get(citation.repository_id)
        if snapshot_id is None:
            return None
        try:
            source = await self._docgen.get_source(snapshot_id, citation.path, None, None)
        except (NotFound, InvalidInput):
            return None
        lines = source.text.splitlines()
        stated = lines[citation.start_line - 1 : citation.end_line]
        if locate(citation.text, stated) is not None:
            return citation
        place = locate(citation.text, lines)
        if place is None:
            return None
        return citation.model_copy(update={"start_line": place[0], "end_line": place[1]})

    async def _unknown_names(self, names: list[str], snapshot_ids: list[str]) -> list[str]:
        unknown = names
        for snapshot_id in snapshot_ids:
            if not unknown:
                break
            unknown = (await self._docgen.check_names(snapshot_id, unknown)).unknown
        return unknown
