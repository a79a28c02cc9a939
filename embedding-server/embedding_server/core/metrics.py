"""What operators watch: how much is computed and how much waits."""

from prometheus_client import Counter, Gauge

EMBEDDED_TOKENS = Counter("codemuse_embedding_tokens_total", "Tokens that were embedded.", ("model", "priority"))
MODEL_MEMORY = Gauge("codemuse_embedding_model_bytes", "Memory that a model's weights take.", ("model",))
CACHE_TEXTS = Counter("codemuse_embedding_cache_texts_total", "Texts that were looked up in the cache.", ("outcome",))
WAITING_TOKENS = Gauge("codemuse_embedding_waiting_tokens", "Tokens in the queue of a model.", ("model",))
