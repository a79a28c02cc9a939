"""``python -m rag_server.core.edge_compact BUILD``: optimise a build that nobody has open.

Drops deleted points, joins segments and builds the graphs. Run at the lowest priority: questions go first.
"""

import os
import sys
from pathlib import Path

from rag_server.core.edge_shard import GRAPH_KILOBYTES, load_shard

LOWEST_PRIORITY = 19


def main() -> None:
    """Optimise the build named by the first argument."""
    os.nice(LOWEST_PRIORITY)
    shard = load_shard(Path(sys.argv[1]), graph_kilobytes=GRAPH_KILOBYTES)
    shard.optimize()
    shard.flush()
    shard.close()


if __name__ == "__main__":
    main()
