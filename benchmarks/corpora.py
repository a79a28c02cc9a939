"""What is indexed: files of this environment's own packages, and celery where a clone is at hand."""

import io
import os
import subprocess
import sysconfig
import tarfile
from collections.abc import Mapping
from pathlib import Path

_PACKAGES = ("celery", "kombu", "fastapi", "starlette", "httpx", "redis", "alembic", "rich", "networkx", "sympy")
_BYTES = range(200, 16_000)
"""Sizes as in a hand-written project; celery's own files have 190 lines on average."""
_LARGEST = 500_000
"""Bytes; larger files are not written by hand."""


def package_files(count: int) -> list[Path]:
    """The first ``count`` Python files of well-known packages, always the same ones."""
    root = Path(sysconfig.get_paths()["purelib"])
    files = [
        path
        for package in _PACKAGES
        for path in sorted((root / package).rglob("*.py"))
        if path.stat().st_size in _BYTES
    ]
    if len(files) < count:
        raise SystemExit(f"Only {len(files)} files for the benchmark; install the development requirements.")
    return files[:count]


def installed_sources(lines: int) -> dict[str, bytes]:
    """So many lines of the standard library and installed packages, by path; always the same ones."""
    roots = (Path(os.__file__).parent, Path(sysconfig.get_paths()["purelib"]))
    sources: dict[str, bytes] = {}
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            relative = path.relative_to(root)
            if lines <= 0 or "site-packages" in relative.parts or path.stat().st_size > _LARGEST:
                continue
            data = path.read_bytes()
            lines -= data.count(b"\n")
            sources[str(relative)] = data
    return sources


def pack(files: list[Path], *, salt: str = "") -> bytes:
    """A tar.gz of these files; ``salt`` is added to each as a comment, so that nothing of it was embedded before."""
    root = Path(sysconfig.get_paths()["purelib"])
    comment = f"\n# {salt}\n".encode() if salt else b""
    return pack_sources({str(path.relative_to(root)): path.read_bytes() + comment for path in files})


def pack_sources(sources: Mapping[str, bytes]) -> bytes:
    """A tar.gz of these sources by path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for path, content in sources.items():
            member = tarfile.TarInfo(f"corpus/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def commit_sources(folder: Path, sources: Mapping[str, bytes]) -> None:
    """Commit these sources by path to the git repository of a folder, which is made when there is none yet."""
    git = ["git", "-C", str(folder), "-c", "user.name=Benchmark", "-c", "user.email=benchmark@localhost"]
    if not (folder / ".git").exists():
        subprocess.run([*git, "init", "--quiet"], check=True)
    for path, content in sources.items():
        place = folder / path
        if not place.exists() or place.read_bytes() != content:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    subprocess.run([*git, "add", "--all", "--force"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Change"], check=True)


def celery_archive() -> bytes | None:
    """``git archive`` of celery, if ``CELERY_GIT`` names a clone or a bare repository of it."""
    git_dir = os.environ.get("CELERY_GIT")
    if not git_dir:
        return None
    command = ["git", "--git-dir", git_dir, "archive", "--format=tar.gz", "--prefix=celery/", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def find_repository(name: str) -> Path | None:
    """Git folder of a public repository (``owner/name``) below ``REPOSITORIES``, if it is there."""
    root = os.environ.get("REPOSITORIES")
    if not root:
        return None
    owner, _, short = name.partition("/")
    places = (Path(root, f"{owner}+{short}", "repo"), Path(root, short, ".git"), Path(root, f"{short}.git"))
    return next((place for place in places if place.exists()), None)


def read_repository(name: str) -> dict[str, bytes]:
    """Every file of the newest commit of a repository, by path."""
    command = ["git", "--git-dir", str(find_repository(name)), "archive", "--format=tar", "HEAD"]
    content = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        members = [(member.name, archive.extractfile(member)) for member in archive if member.isfile()]
        return {path: file.read() for path, file in members if file is not None}


def identifiers(files: list[Path], count: int) -> list[str]:
    """Distinct questions: pairs of words from the files' own definitions."""
    import ast

    names: dict[str, None] = {}
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(errors="replace"))):
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and len(node.name) > 5
                and not node.name.startswith("__")
            ):
                names[f"{node.name.replace('_', ' ')} in {path.stem.replace('_', ' ')}"] = None
        if len(names) >= count:
            break
    return list(names)[:count]
