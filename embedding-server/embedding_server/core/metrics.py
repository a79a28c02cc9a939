"""What operators watch: how much is computed and how much waits."""

from prometheus_client import Counter, Gauge

EMBEDDED_TOKENS = Counter("codemuse_embedding_tokens_total", "Tokens that were embedded.", ("model", "priority"))
WAITING_TOKENS = Gauge("codemuse_embedding_waiting_tokens", "Tokens in the queue of a model.", ("model",))
