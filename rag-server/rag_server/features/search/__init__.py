"""Finding evidence in the index."""
