"""What can be wrong with a search.

InvalidInput
└── InvalidQuery          422  an operator of the query cannot be worked with
NotFound
├── ChunkNotFound         404  no such chunk within the scope
└── RepositoryNotInScope  404  the query names a repository that is not searched
"""

from codemuse.errors import InvalidInput, NotFound


class InvalidQuery(InvalidInput):
    """An operator of the query cannot be worked with."""

    code = "invalid_query"


class ChunkNotFound(NotFound):
    """No such chunk within the scope."""

    code = "chunk_not_found"

    def __init__(self, chunk_id: str) -> None:
        super().__init__("There is no such chunk in the repositories that were named.", chunk_id=chunk_id)


class RepositoryNotInScope(NotFound):
    """The query names a repository that is not searched."""

    code = "unknown_repository"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no repository '{name}' among those that are searched.", repository=name)
