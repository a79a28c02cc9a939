"""The history of snapshots, read from the mirror when it is asked for and kept for a while."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.history.log import History, read_history
from docgen_server.db.models import Snapshot

_KEPT = 16


@dataclass(slots=True)
class HistoryStore:
    """Histories that were asked for last."""

    mirrors: MirrorStore
    _histories: OrderedDict[str, History] = field(default_factory=OrderedDict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, snapshot: Snapshot) -> History:
        """How the files of a snapshot changed up to its commit; empty when it came as an archive."""
        if snapshot.is_archive:
            return History()
        async with self._lock:
            if snapshot.id not in self._histories:
                mirror = self.mirrors.get(snapshot.repository_id)
                self._histories[snapshot.id] = await read_history(mirror, snapshot.object_id)
            self._histories.move_to_end(snapshot.id)
            while len(self._histories) > _KEPT:
                self._histories.popitem(last=False)
            return self._histories[snapshot.id]


def hot_spot_score(commit_count: int, line_count: int) -> int:
    """How much a file costs: how often it changes, times its length as a stand-in for its complexity.

    After Tornhill, Your Code as a Crime Scene (2015), chapter 3.
    """
    return commit_count * line_count
