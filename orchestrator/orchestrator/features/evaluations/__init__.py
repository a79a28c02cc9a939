"""How well search answers questions about a repository, measured and remembered."""
