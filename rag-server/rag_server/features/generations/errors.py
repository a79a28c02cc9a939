"""What can be wrong with a write.

InvalidInput
└── ForeignPath  422  a chunk lies in another file than it is listed under
"""

from codemuse.errors import InvalidInput


class ForeignPath(InvalidInput):
    """A chunk lies in another file than it is listed under."""

    code = "foreign_path"

    def __init__(self, path: str) -> None:
        super().__init__(f"All chunks listed under '{path}' must have that path.", path=path)
