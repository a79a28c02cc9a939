"""Writing versions of a repository into the index."""
