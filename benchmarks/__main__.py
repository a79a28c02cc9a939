"""Measure everything and print one table; the exit status says whether a figure was missed."""

import os
import platform
import sys
from datetime import UTC, datetime

from benchmarks.docgen import measure_docgen
from benchmarks.documents import measure_documents
from benchmarks.embedding import measure_embedding
from benchmarks.indexing import LOCAL_GIT, measure_indexing
from benchmarks.language import measure_language
from benchmarks.platform import measure_platform
from benchmarks.report import Report
from benchmarks.retrieval import measure_retrieval
from benchmarks.scale import default_sizes, measure_scale
from codemuse.native.temporary import running_instance


def main() -> int:
    """Run all benchmarks against a fresh installation."""
    report = Report()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    measure_docgen(report)
    with running_instance(settings=LOCAL_GIT) as instance:  # of its own: what others index is refined for minutes
        measure_indexing(instance, report)
    with running_instance() as instance:
        measure_documents(instance.layout, report)
        measure_platform(instance, report)
        measure_embedding(instance.layout, report)
        measure_retrieval(instance.client, report)
        measure_language(instance.layout, report)
    measure_scale(default_sizes(), report)
    print(f"\n{report.table()}\n")
    print(report.summary())
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
