"""What a repository itself says about its problems: ``.codemuse.toml`` at its root.

.. code-block:: toml

    [problems]
    ignore = ["todo"]

    [problems.paths]
    "scripts/**" = ["broad-except"]
    "legacy/**" = ["*"]
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pathspec import GitIgnoreSpec

SETTINGS_PATH = ".codemuse.toml"
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class ProblemSettings:
    """Rules that are switched off, everywhere or for some paths."""

    ignored: frozenset[str] = frozenset()
    by_path: Sequence[tuple[GitIgnoreSpec, frozenset[str]]] = field(default_factory=tuple)
    mistake: str | None = None
    """Why the file was not understood, when it was not."""

    def ignores(self, rule: str, path: str) -> bool:
        """Whether a rule is switched off for a file."""
        if rule in self.ignored or EVERYTHING in self.ignored:
            return True
        return any((rule in rules or EVERYTHING in rules) and spec.match_file(path) for spec, rules in self.by_path)


def read_settings(text: str) -> ProblemSettings:
    """The settings; with a mistake in the file nothing is switched off, and the mistake is told."""
    try:
        problems = tomllib.loads(text).get("problems", {})
        ignored = frozenset(map(str, problems.get("ignore", [])))
        paths: Mapping[str, Sequence[str]] = problems.get("paths", {})
        by_path = [
            (GitIgnoreSpec.from_lines([pattern]), frozenset(map(str, rules))) for pattern, rules in paths.items()
        ]
    except (tomllib.TOMLDecodeError, AttributeError, TypeError, ValueError) as error:
        return ProblemSettings(mistake=f"{SETTINGS_PATH} is not understood: {str(error)[:200]}.")
    return ProblemSettings(ignored, by_path)
