"""What can be wrong with a search.

NotFound
└── ChunkNotFound  404  no such chunk within the scope
"""

from codemuse.errors import NotFound


class ChunkNotFound(NotFound):
    """No such chunk within the scope."""

    code = "chunk_not_found"

    def __init__(self, chunk_id: str) -> None:
        super().__init__("There is no such chunk in the repositories that were named.", chunk_id=chunk_id)
