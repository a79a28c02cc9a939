"""``python -m rag_server.core.edge_compact BUILD [--int8]``: optimise a build that nobody has open.

Drops deleted points, joins segments and builds the graphs. Run at the lowest priority: questions go first.
"""

import os
import sys
from pathlib import Path

from rag_server.core.edge_shard import load_shard_to_compact

LOWEST_PRIORITY = 19
INT8 = "--int8"


def main() -> None:
    """Optimise the build named by the first argument."""
    os.nice(LOWEST_PRIORITY)
    shard = load_shard_to_compact(Path(sys.argv[1]), quantised=INT8 in sys.argv)
    shard.optimize()
    shard.flush()
    shard.close()


if __name__ == "__main__":
    main()
