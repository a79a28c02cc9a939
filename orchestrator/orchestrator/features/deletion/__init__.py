"""The ``delete`` run: removes what the other services know of a repository."""
