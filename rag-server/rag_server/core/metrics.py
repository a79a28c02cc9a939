"""What operators watch: whether the embedded index keeps up with what is written."""

from prometheus_client import Gauge, Histogram

COMPACTION_DUE = Gauge("codemuse_rag_compaction_due", "1 while a compaction of the embedded index is due or runs.")
COMPACTION_SECONDS = Histogram(
    "codemuse_rag_compaction_seconds", "Time a compaction took.", buckets=(1, 5, 15, 60, 300, 1_800, 7_200)
)
