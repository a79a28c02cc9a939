"""Writes each service's ``requirements.txt`` (what its image installs) from the ``pyproject.toml`` files.

``python scripts/requirements.py`` writes; with ``--check`` it only says which files are out of date.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

SERVICES = ("embedding-server", "llm-server", "docgen-server", "rag-server", "orchestrator")
HEADER = "# What the image installs, made by scripts/requirements.py; versions are held by ../constraints.txt.\n"
_KIT = re.compile(r"codemuse(?:\[(?P<extras>[^\]]+)\])?$")


def read_project(folder: Path) -> dict[str, Any]:
    """The ``[project]`` table of a package."""
    project: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    return project


def list_requirements(root: Path, service: str) -> list[str]:
    """A service's own dependencies and those of the parts of the kit that it uses."""
    kit = read_project(root / "codemuse")
    wanted: set[str] = set()
    for requirement in read_project(root / service)["dependencies"]:
        match = _KIT.match(requirement)
        if match is None:
            wanted.add(requirement)
            continue
        wanted.update(kit["dependencies"])
        for extra in filter(None, (match["extras"] or "").split(",")):
            wanted.update(kit["optional-dependencies"][extra])
    return sorted(_keep_strictest(wanted), key=str.lower)


def _keep_strictest(requirements: set[str]) -> set[str]:
    """Drop a bare name where the same package is asked for with a version as well."""
    return {one for one in requirements if not any(other.startswith((f"{one}>", f"{one}=")) for other in requirements)}


def main() -> int:
    """Write or check; returns the exit status."""
    root = Path(__file__).parent.parent
    stale = []
    for service in SERVICES:
        target = root / service / "requirements.txt"
        text = HEADER + "".join(f"{line}\n" for line in list_requirements(root, service))
        if target.exists() and target.read_text() == text:
            continue
        stale.append(str(target.relative_to(root)))
        if "--check" not in sys.argv:
            target.write_text(text)
    if stale and "--check" in sys.argv:
        print("Out of date, run 'python scripts/requirements.py':", *stale)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
