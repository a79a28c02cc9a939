"""What graphs and int8 lose of what a comparison with every vector finds: ``python -m benchmarks.recall``.

Asks the questions of the annotation sets of the index that ``RETRIEVAL_DATA`` keeps (``benchmarks/retrieval.py`` makes it), in a copy
that is compacted with whole vectors and in one with int8. The same settings as in a search: 60 wanted, int8 compared again.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import environ
from pathlib import Path

import qdrant_edge as edge

from benchmarks.annotations import annotated_repositories
from benchmarks.embedding import MODEL
from benchmarks.report import Report
from codemuse.glossary import for_models
from embedding_server.core.loading import ModelLoader
from rag_server.core.edge_compact import INT8
from rag_server.core.edge_shard import ShardFiles, load_shard
from rag_server.core.edge_store import COMPARED_AGAIN
from rag_server.core.store import VectorName
from rag_server.features.search.retrieval import DEPTH

Vectors = dict[VectorName, list[list[float]]]
_EXACT = edge.SearchParams(exact=True)


def measure_recall(files: ShardFiles, questions: Sequence[str], report: Report) -> None:
    """Fill in the shares."""
    vectors = _embed(questions)
    with _compacted(files, quantised=False) as whole, _compacted(files, quantised=True) as small:
        report.note("chunks", whole.info().points_count, "")
        for name in vectors:
            best = _ask(whole, name, vectors, _EXACT)
            found = {
                "graph": _ask(whole, name, vectors, None),
                "graph and int8": _ask(small, name, vectors, COMPARED_AGAIN),
            }
            for what, ids in found.items():
                report.note(f"{name.value}, {what}: of the best 10 among the {DEPTH} found", _share(best, ids, 10), "")
                report.note(f"  of the best {DEPTH}", _share(best, ids, DEPTH), "")


def _embed(questions: Sequence[str]) -> Vectors:
    folder = Path(environ.get("EMBEDDING_MODELS", ".codemuse-models"))
    loader = ModelLoader(MODEL, device="cpu", threads=1, models_folder=folder)
    backends = {VectorName.FAST: loader.load_static(), VectorName.DENSE: loader.load_transformer()}
    texts = [for_models(question) for question in questions]
    return {
        name: [backend.embed(backend.tokenize([text]))[0].tolist() for text in texts]
        for name, backend in backends.items()
    }


@contextmanager
def _compacted(files: ShardFiles, *, quantised: bool) -> Iterator[edge.EdgeShard]:
    current = files.find_current()
    if current is None:
        raise SystemExit("There is no index in RETRIEVAL_DATA: run benchmarks.retrieval first.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        files.copy(current, copy)
        command = [sys.executable, "-m", "rag_server.core.edge_compact", str(copy), *([INT8] if quantised else [])]
        subprocess.run(command, check=True)
        shard = load_shard(copy)
        yield shard
        shard.close()


def _ask(
    shard: edge.EdgeShard, name: VectorName, vectors: Vectors, params: edge.SearchParams | None
) -> list[list[str]]:
    return [
        [
            str(point.id)
            for point in shard.query(
                edge.QueryRequest(limit=DEPTH, query=edge.Query.Nearest(vector, using=name.value), params=params)
            )
        ]
        for vector in vectors[name]
    ]


def _share(best: Sequence[Sequence[str]], found: Sequence[Sequence[str]], depth: int) -> float:
    """Mean share of the best so many that are among what was found."""
    shares = [len({*right[:depth]} & {*ids}) / len(right[:depth]) for right, ids in zip(best, found, strict=True)]
    return sum(shares) / len(shares)


def main() -> int:
    """Measure it."""
    report = Report()
    folder = Path(environ["RETRIEVAL_DATA"], "qdrant")
    collection = next(place for place in folder.iterdir() if place.is_dir())
    questions = [question.query for repository in annotated_repositories() for question in repository.questions]
    measure_recall(ShardFiles(collection), questions, report)
    print(f"\n{report.table()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
