"""What can go wrong below the features.

CodeMuseError
├── InvalidInput
│   ├── NothingToMigrate  422  no embedded index, or no server to move it to
│   └── BackupRefused     422  a backup is damaged, or of other models, another format or engine
├── NotFound
│   ├── BackupNotFound  404  there is no such backup
│   └── BuildNotFound   404  no such index is being built
├── Conflict
│   ├── ServerHoldsIndex  409  an index would be moved onto another one
│   ├── BuildUnderWay     409  another index is being built
│   └── BuildIncomplete   409  repositories are still missing in it
├── DependencyFailed
│   └── MoveIncomplete  502  not everything arrived at the server
└── Unavailable
    ├── StoreInUse           503  another process has the embedded index open
    ├── IndexOpening         503  the index waits for the embedding models
    ├── IndexDamaged         503  the index cannot be opened
    ├── IndexFolderUnusable  503  the folder of the index cannot be read or written
    ├── CatalogueDamaged     503  what says which collections there are cannot be read
    └── ModelsChanged        503  the index was made with models that are not served any more
"""

from pathlib import Path

from codemuse.errors import Conflict, DependencyFailed, InvalidInput, NotFound, Unavailable


class NothingToMigrate(InvalidInput):
    """No embedded index, or no server to move it to."""

    code = "nothing_to_migrate"


class ServerHoldsIndex(Conflict):
    """An index would be moved onto another one."""

    code = "server_holds_index"

    def __init__(self, chunks: int) -> None:
        message = (
            f"The Qdrant server holds an index already ({chunks:,} chunks); nothing was moved. "
            "To replace it, delete its collection 'codemuse-catalogue' first."
        )
        super().__init__(message, chunks=chunks)


class MoveIncomplete(DependencyFailed):
    """Not everything arrived at the server."""

    code = "move_incomplete"

    def __init__(self) -> None:
        super().__init__("Not every chunk arrived at the Qdrant server, so it is not used yet. Run the command again.")


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


class IndexDamaged(Unavailable):
    """The index cannot be opened."""

    code = "index_damaged"

    def __init__(self, reason: str) -> None:
        message = f"The index cannot be opened ({reason}). Restore a backup, or run 'codemuse index rebuild'."
        super().__init__(message, retry_after=30)


class IndexFolderUnusable(Unavailable):
    """The folder of the index cannot be read or written."""

    code = "index_folder_unusable"

    def __init__(self, reason: str) -> None:
        message = f"The folder of the index cannot be used ({reason}). See to its rights and its disk."
        super().__init__(message, retry_after=30)


class CatalogueDamaged(Unavailable):
    """What says which collections there are cannot be read."""

    code = "catalogue_damaged"

    def __init__(self, file: Path) -> None:
        message = f"{file} is damaged. Put it back from a copy, or delete it and run 'codemuse index rebuild'."
        super().__init__(message, retry_after=30)


class ModelsChanged(Unavailable):
    """The index was made with models that are not served any more."""

    code = "models_changed"

    def __init__(self) -> None:
        super().__init__(
            "The embedding models have changed: the index is being built anew for them. Keyword search works meanwhile.",
            retry_after=30,
        )


class BackupNotFound(NotFound):
    """There is no such backup."""

    code = "backup_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such backup.")


class BackupRefused(InvalidInput):
    """A backup is damaged, or does not fit this installation."""

    code = "backup_refused"


class BuildNotFound(NotFound):
    """No such index is being built."""

    code = "build_not_found"

    def __init__(self) -> None:
        super().__init__("No such index is being built; it may have been given up.")


class BuildUnderWay(Conflict):
    """Another index is being built."""

    code = "build_under_way"

    def __init__(self, build: str) -> None:
        super().__init__("Another index is being built already; wait for it or cancel its run.", build=build)


class BuildIncomplete(Conflict):
    """Repositories are still missing in the index that is being built."""

    code = "build_incomplete"

    def __init__(self, pending: int) -> None:
        super().__init__("Repositories are still missing in the index that is being built.", pending=pending)
