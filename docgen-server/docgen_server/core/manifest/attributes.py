"""What the repository itself says of its files: ``.gitattributes``, and ``.gitignore`` where git did not apply it."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from pathspec import GitIgnoreSpec

_REASONS = {"linguist-generated": "generated", "linguist-vendored": "vendored"}
_MOST_LINES = 5000


class RepositoryAttributes:
    """Answers for paths, from the attribute files of all folders above them.

    Args:
        attributes: Text of each ``.gitattributes`` by its folder.
        ignores: Text of each ``.gitignore`` by its folder; empty where git has already left ignored files out.
    """

    def __init__(self, *, attributes: Mapping[str, str], ignores: Mapping[str, str]) -> None:
        self._ignores = {folder: GitIgnoreSpec.from_lines(_lines(text)) for folder, text in ignores.items()}
        self._marks = {folder: _marks(text) for folder, text in attributes.items()}

    def reason(self, path: str) -> str | None:
        """Why a path is left out, if it is."""
        for folder, inside in _places(path):
            spec = self._ignores.get(folder)
            if spec is not None and spec.match_file(inside):
                return "ignored"
            for reason, marked in self._marks.get(folder, ()):
                if marked.match_file(inside):
                    return reason
        return None


def _places(path: str) -> list[tuple[str, str]]:
    """Each folder above a path with the path as that folder sees it; the root is ``""``."""
    parts = PurePosixPath(path).parts
    return [("/".join(parts[:depth]), "/".join(parts[depth:])) for depth in range(len(parts))]


def _lines(text: str) -> list[str]:
    return text.splitlines()[:_MOST_LINES]


def _marks(text: str) -> list[tuple[str, GitIgnoreSpec]]:
    """A matcher for each reason that an attribute file names."""
    patterns: dict[str, list[str]] = {}
    for line in _lines(text):
        pattern, *attributes = line.split() or [""]
        for attribute in attributes:
            name, _, value = attribute.partition("=")
            if name in _REASONS and value in {"", "true"} and not pattern.startswith("#"):
                patterns.setdefault(_REASONS[name], []).append(pattern)
    return [(reason, GitIgnoreSpec.from_lines(found)) for reason, found in patterns.items()]
