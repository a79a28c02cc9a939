"""What was looked at to resolve the references of a file: if none of it changes, neither do its links."""

from collections.abc import Hashable

Seen = tuple[str, str]
"""Path and name: what a file says under that name."""
ANYWHERE = ""
"""In place of a path: whoever defines the name, wherever."""
ANY_NAME = ""
"""In place of a name: anything that the file says."""


class Trail:
    """Notes what is looked at, and what remembered results were worked out from."""

    def __init__(self) -> None:
        self._seen: set[Seen] = set()
        self._remembered: dict[Hashable, frozenset[Seen]] = {}

    def note(self, path: str, name: str) -> None:
        """Something was looked up."""
        self._seen.add((path, name))

    def recall(self, key: Hashable) -> None:
        """A remembered result is used: what it was worked out from counts again; nothing while it is in the making."""
        self._seen |= self._remembered.get(key, frozenset())

    def begin(self) -> set[Seen]:
        """What is looked at from now on belongs to a result that will be used again; hand the answer to ``end``."""
        outer, self._seen = self._seen, set()
        return outer

    def end(self, key: Hashable, outer: set[Seen]) -> None:
        """The result is worked out."""
        self._remembered[key] = seen = frozenset(self._seen)
        outer |= seen
        self._seen = outer

    def take(self) -> frozenset[Seen]:
        """Everything since the last time."""
        seen, self._seen = frozenset(self._seen), set()
        return seen
