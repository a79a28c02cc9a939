"""docgen-server's figures: how fast code is read, how well its names are resolved, beside griffe and jedi in the same run."""

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

import griffe
import jedi

from benchmarks.corpora import find_repository, read_repository
from benchmarks.report import Report
from docgen_server.core.analysis.analyser import analyse_file
from docgen_server.core.analysis.languages import CODE, language_of
from docgen_server.core.analysis.model import Reference, ReferenceKind
from docgen_server.core.analysis.python import PythonParser
from docgen_server.core.linking.file_links import FileLinks, pack_links, unpack_links
from docgen_server.core.linking.program import Program, Site
from docgen_server.core.linking.python_names import PythonNames
from docgen_server.core.linking.resolve import MANIFEST_NAMES, PathIndex
from docgen_server.core.linking.symbol_graph import link_symbols
from docgen_server.core.problems.duplicates import find_duplicates

RESOLVED = ("pallets/flask", "fastapi/fastapi", "celery/celery", "gin-gonic/gin", "expressjs/express", "google/gson")
COMPARED = {"pallets/flask": "src/", "fastapi/fastapi": "fastapi/", "celery/celery": "celery/"}
_SAMPLE = 200
_CLAIMED = 0.9
"""From this confidence on a target is a claim; below it says itself that only a name fits."""
_BIG_LINES = (250_000, 500_000, 1_000_000)


def measure_docgen(report: Report) -> None:
    """Fill in docgen-server's figures."""
    if find_repository("celery/celery") is None:
        report.skip("docgen: celery, imports and references", "set REPOSITORIES to a folder of clones")
    else:
        _measure_reading(report)
        _measure_imports(report)
        _measure_references(report)
    _measure_size(report)


def _measure_reading(report: Report) -> None:
    files = {path: data for path, data in read_repository("celery/celery").items() if path.startswith("celery/")}
    python = {path: data for path, data in files.items() if path.endswith(".py")}
    lines = sum(data.count(b"\n") for data in python.values())
    texts = [data.decode() for data in python.values()]
    ours = min(_timed(lambda: [PythonParser(text, text.split("\n")).parse() for text in texts]) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        _check_out("celery/celery", folder)
        theirs = min(
            _timed(lambda: griffe.load("celery", search_paths=[folder], try_relative_path=False)) for _ in range(3)
        )
    report.note("griffe: parse and model celery's Python", lines / theirs, "lines/s")
    report.add(
        "docgen: parse and model the same",
        lines / ours,
        "lines/s",
        limit=lines / theirs,
        more_is_better=True,
    )


def _program(files: dict[str, bytes]) -> Program:
    links: dict[str, FileLinks] = {}
    for path, data in files.items():
        language = language_of(path)
        if language in CODE and len(data) < 1_000_000:
            links[path] = unpack_links(path, language, pack_links(analyse_file(path, language, data)))
    names = (path for path in files if path.rpartition("/")[2] in MANIFEST_NAMES)
    manifests = {path: files[path].decode("utf-8", "replace") for path in names}
    return Program(links, PathIndex(frozenset(files), manifests))


def _measure_imports(report: Report) -> None:
    for name in RESOLVED:
        program = _program(read_repository(name))
        with tempfile.TemporaryDirectory() as folder:
            _check_out(name, folder)
            outcomes = list(_internal_imports(program, Path(folder)))
        rate = 100 * sum(outcomes) / max(len(outcomes), 1)
        report.add(f"imports resolved: {name} ({len(outcomes)})", rate, "%", limit=98, more_is_better=True)


def _internal_imports(program: Program, root: Path) -> Iterator[bool]:
    """For each import that leads into the repository by its language's own rules: whether ours leads there too."""
    packages = {file.path.rpartition("/")[0] for file in program.files.values()}
    modules = [str(root), str(root / "src")]
    for file in program.files.values():
        for statement in file.imports:
            found = program.resolve_import(file, statement).paths
            target = statement.target
            if file.language == "python" and not target.startswith("."):
                expected = _find_module(target, modules)
                if expected is not None and expected.is_relative_to(root):
                    yield any(str(expected.relative_to(root)).rpartition("/")[0] in path for path in found)
            elif file.language == "go":
                if program.index.go_folder(target) is not None:
                    yield bool(found)
            elif file.language == "java":
                folder = target.rpartition(".")[0].replace(".", "/")
                if any(package.endswith(folder) for package in packages) and target.count(".") > 1:
                    yield bool(found)
            elif target.startswith("."):
                yield bool(found)


def _find_module(dotted: str, places: list[str]) -> Path | None:
    """Where importlib would load a module from, without loading anything."""
    search: list[str] = places
    parts = dotted.split(".")
    for position, part in enumerate(parts):
        spec = PathFinder.find_spec(part, search)
        if spec is None:
            return None
        if position == len(parts) - 1:
            return Path(spec.origin) if spec.origin else None
        search = list(spec.submodule_search_locations or ())
    return None


def _measure_references(report: Report) -> None:
    agreed, total = 0, 0
    for name, folder in COMPARED.items():
        with tempfile.TemporaryDirectory() as place:
            _check_out(name, place)
            for same in _compare(_program(read_repository(name)), Path(place).resolve(), folder):
                agreed, total = agreed + same, total + 1
    report.add(f"references as jedi resolves them ({total})", 100 * agreed / total, "%", limit=85, more_is_better=True)


def _compare(program: Program, root: Path, folder: str) -> Iterator[bool]:
    """Whether jedi and we name the same definition, where one of us names one of the repository."""
    names = PythonNames(program)
    project = jedi.Project(root, sys_path=[str(root), str(root / "src")], smart_sys_path=False)
    mentions = [
        (file, item)
        for file in program.files.values()
        for item in file.references
        if file.path.startswith(folder) and not item.chain.endswith((")", "]"))
    ]
    random.Random(7).shuffle(mentions)
    known = {
        _place(program, root, Site(file.path, n))
        for file in program.files.values()
        for n in range(len(file.definitions))
    }
    for file, mention in mentions[:_SAMPLE]:
        column = _column(root / file.path, mention)
        if column is None:
            continue
        found = jedi.Script(path=root / file.path, project=project).goto(mention.line, column, follow_imports=True)
        theirs = {(item.module_path, item.line) for item in found if item.type != "param"} & known
        targets = [item for item in names.targets(file, mention) if item.is_meant and item.confidence >= _CLAIMED]
        ours = _place(program, root, targets[-1].site) if targets else None
        if ours is not None or theirs:
            yield ours in theirs


def _place(program: Program, root: Path, site: Site) -> tuple[Path, int]:
    return root / site.path, program.definition(site).line


def _column(path: Path, mention: Reference) -> int | None:
    name = mention.chain.rpartition(".")[2].rstrip("()[]")
    line = path.read_text().split("\n")[mention.line - 1]
    found = re.search(rf"\b{re.escape(name)}\b" + (r"\s*\(" if mention.kind is ReferenceKind.CALL else ""), line)
    return found.start() if found else None


def _check_out(name: str, folder: str) -> None:
    for path, data in read_repository(name).items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _measure_size(report: Report) -> None:
    seconds: dict[int, float] = {}
    peak = 0.0
    for lines in _BIG_LINES:
        command = [sys.executable, "-m", "benchmarks.docgen", str(lines)]
        outcome = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        seconds[outcome["lines"]], peak = outcome["seconds"], outcome["megabytes"]
        report.note(f"{outcome['lines']:,} lines of installed packages: read and linked", outcome["seconds"], "s")
    (small, fast), *_, (large, slow) = seconds.items()
    report.add("  time a line at the largest, of that at the smallest", (slow / large) / (fast / small), "", limit=1.3)
    report.add("  most memory", peak, "MB", limit=1500)


def _read_installed(lines: int) -> None:
    """Read and link this many lines of the standard library and installed packages, in this process; print what it took."""
    roots = [Path(os.__file__).parent, Path(griffe.__file__).parents[1]]
    links: dict[str, FileLinks] = {}
    count = 0
    began = time.process_time()
    for path in sorted({path for root in roots for path in root.rglob("*.py")}):
        data = path.read_bytes()
        if count >= lines or len(data) > 1_000_000:
            continue
        count += data.count(b"\n")
        name, language = str(path).lstrip("/"), language_of(path.name)
        if language is not None:
            links[name] = unpack_links(name, language, pack_links(analyse_file(name, language, data)))
    program = Program(links, PathIndex(frozenset(links)))
    link_symbols(program)
    find_duplicates(links.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"lines": count, "seconds": time.process_time() - began, "megabytes": peak}))


def _timed(work: Callable[[], object]) -> float:
    """Processor time, so that what else runs on the machine does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


if __name__ == "__main__":
    _read_installed(int(sys.argv[1]))
