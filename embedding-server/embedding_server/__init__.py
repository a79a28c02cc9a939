"""embedding-server: text in, vectors out."""
