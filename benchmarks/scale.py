"""Search over ever larger indexes: ``python -m benchmarks.scale [CHUNKS ...]``.

Indexes are kept in ``SCALE_DATA`` where that is set: a million chunks take an hour to build on two cores.
"""




WARMING = 200
ASKED = 500
