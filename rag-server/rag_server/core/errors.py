"""What can go wrong below the features.

CodeMuseError
├── InvalidInput
│   └── NothingToMigrate  422  no embedded index, or no server to move it to
└── Unavailable
    ├── StoreInUse    503  another process has the embedded index open
    └── IndexOpening  503  the index waits for the embedding models
"""

from pathlib import Path

from codemuse.errors import InvalidInput, Unavailable


class NothingToMigrate(InvalidInput):
    """No embedded index, or no server to move it to."""

    code = "nothing_to_migrate"


class StoreInUse(Unavailable):
    """Another process has the embedded index open."""

    code = "store_in_use"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Another process uses the index in {folder}; run one rag-server, or set QDRANT_URL.")


class IndexOpening(Unavailable):
    """The index waits for the embedding models."""

    code = "index_opening"

    def __init__(self) -> None:
        super().__init__("The index is not open yet: it waits for the embedding models.", retry_after=2)
