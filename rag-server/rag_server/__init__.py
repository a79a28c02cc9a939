"""rag-server: chunks in, ranked evidence out."""
