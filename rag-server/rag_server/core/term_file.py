"""Keeps the term statistics of an index on the disk: to count a million chunks again takes minutes.

They are written now and then and at the end. Before the first change to a repository after that, its owner is noted
beside them: after a crash those that are noted are counted anew, and nobody else.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from rag_server.core.disk import write_durably
from rag_server.core.term_statistics import TermStatistics, TermTables


class TermFile:
    """The statistics of one collection.

    Args:
        folder: The collection's.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "terms.npz"
        self._notes = folder / "terms.changed"
        self._noted: set[str] = set()

    def load(self) -> tuple[TermStatistics, set[str]] | None:
        """What was written last, and the owners that it does not hold for any more; nothing if it cannot be read."""
        try:
            with self._file.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                statistics = TermStatistics.of(TermTables(**arrays))
            self._noted = set(self._notes.read_text(encoding="utf-8").splitlines()) if self._notes.exists() else set()
        except (OSError, ValueError, TypeError, EOFError, BadZipFile):
            return None
        return statistics, set(self._noted)

    def note(self, owners: Iterable[str]) -> None:
        """Points of these owners are about to change."""
        new = set(owners) - self._noted
        if new:
            with self._notes.open("a", encoding="utf-8") as notes:
                notes.writelines(f"{owner}\n" for owner in sorted(new))
                notes.flush()
                os.fsync(notes.fileno())
            self._noted |= new

    def save(self, tables: TermTables) -> None:
        """Write statistics that hold for every owner."""
        with write_durably(self._file) as file:
            np.savez(file, **tables._asdict())
        self._notes.unlink(missing_ok=True)
        self._noted.clear()
