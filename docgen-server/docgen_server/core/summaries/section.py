"""The section of a page that a language model wrote."""

from collections.abc import Sequence
from dataclasses import asdict

from docgen_server.core.documents.facts import SnapshotFacts
from docgen_server.core.documents.links import SymbolLinks
from docgen_server.core.documents.sections import SectionPlan
from docgen_server.core.summaries.checking import Sentence
from docgen_server.core.summaries.evidence import Evidence

SUMMARY = "summary"


def plan_summary(facts: SnapshotFacts, evidence: Evidence, model: str, sentences: Sequence[Sentence]) -> SectionPlan:
    """The section.

    Args:
        facts: The snapshot.
        evidence: What the model was shown; the section rests on all of it.
        model: Who wrote it, as the page says.
        sentences: What stood the checks.
    """
    definitions = {
        (path, symbol.qualified_name)
        for path in evidence.line_counts
        for symbol in facts.symbols.get(path, ())
        if symbol.visibility == "public"
    }
    links = SymbolLinks(sorted(definitions), evidence.path)
    told = [{**asdict(sentence), "text": links.link_all(sentence.text)} for sentence in sentences]
    sources = tuple(facts.files[one.path].source(one.start_line, one.end_line) for one in evidence.sources)
    return SectionPlan(SUMMARY, SUMMARY, {"sentences": told, "model": model}, sources, model)
