"""Vectors for callers who want them themselves."""
