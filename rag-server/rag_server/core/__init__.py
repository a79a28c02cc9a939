"""Mechanisms of the service: tokens, the vector store and its two adapters, the embedder."""
