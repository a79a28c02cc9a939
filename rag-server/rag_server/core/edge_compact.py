"""``python -m rag_server.core.edge_compact BUILD [--int8]``: optimise a build that nobody has open.

Drops deleted points, joins segments and builds the graphs. Run at a low priority: questions go first.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from rag_server.core.edge_shard import load_shard_to_compact

NICENESS = 10
"""Some tenth of what a process that answers gets, where there is not enough for all: it must come to its end some day."""
INT8 = "--int8"
AUTOGROUP = Path("/proc/self/autogroup")


def main() -> None:
    """Optimise the build named by the first argument."""
    give_way()
    shard = load_shard_to_compact(Path(sys.argv[1]), quantised=INT8 in sys.argv)
    shard.optimize()
    shard.flush()
    shard.close()


def give_way() -> None:
    """Let others go first.

    Linux shares the processors out between sessions first (sched(7), "The autogroup feature"), and only what a session has
    got by niceness: a process that leads a session of its own has to lower that one.
    """
    os.nice(NICENESS)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # a kernel without autogroups
            AUTOGROUP.write_text(str(NICENESS))


if __name__ == "__main__":
    main()
