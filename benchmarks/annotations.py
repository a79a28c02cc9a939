"""Annotation sets and the source they ask about: the ten of the evaluation set, and eight of our own."""

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpora import find_repository
from codemuse.evaluation import Place

OWN = Path(__file__).parent / "questions"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the places that answer it."""

    query: str
    category: str
    targets: list[Place]


@dataclass(frozen=True, slots=True)
class AnnotatedRepository:
    """A repository at a revision, with questions."""

    name: str
    git_dir: Path
    revision: str
    root: str
    questions: list[Question]
    is_own: bool

    def archive(self) -> bytes:
        """The files below its root as a tar.gz, in one folder, which is left out of the paths again."""
        command = ["git", "--git-dir", str(self.git_dir), "archive", "--format=tar.gz", "--prefix=all/", self.revision]
        return subprocess.run([*command, *([self.root] if self.root else [])], check=True, capture_output=True).stdout

    def paths(self) -> list[str]:
        """Paths of these files."""
        with tarfile.open(fileobj=io.BytesIO(self.archive())) as archive:
            return [member.name.removeprefix("all/") for member in archive if member.isfile()]


def annotated_repositories() -> list[AnnotatedRepository]:
    """Those whose git folders are at hand: ``RETRIEVAL_EVAL`` names the evaluation set, ``REPOSITORIES`` the folders."""
    return [*_evaluation_set(), *_own()]


def _evaluation_set() -> Iterator[AnnotatedRepository]:
    folder = os.environ.get("RETRIEVAL_EVAL")
    if not folder:
        return
    for spec in json.loads(Path(folder, "repos.json").read_text()):
        git_dir = find_repository("/".join(spec["url"].removesuffix(".git").split("/")[-2:]))
        if git_dir is not None:
            tasks = json.loads(Path(folder, "annotations", f"{spec['name']}.json").read_text())
            root = spec.get("benchmark_root", "")
            yield AnnotatedRepository(spec["name"], git_dir, spec["revision"], root, _questions(tasks), is_own=False)


def _own() -> Iterator[AnnotatedRepository]:
    for file in sorted(OWN.glob("*.json")):
        spec = json.loads(file.read_text())
        git_dir = find_repository(spec["repository"])
        if git_dir is not None:
            questions = _questions(spec["questions"])
            yield AnnotatedRepository(file.stem, git_dir, spec["revision"], spec["root"], questions, is_own=True)


def _questions(tasks: list[dict[str, Any]]) -> list[Question]:
    return [
        Question(task["query"], task["category"], [_place(target) for target in task["relevant"] + task["secondary"]])
        for task in tasks
    ]


def _place(target: str | dict[str, Any]) -> Place:
    return Place(target) if isinstance(target, str) else Place(target["path"], target["start_line"], target["end_line"])
