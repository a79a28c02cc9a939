"""Which collection is the index, which one is being built beside it, and which are to be thrown away.

The catalogue lies where the collections lie, so that every replica of the service reads the same one. Changing the
index means writing a new catalogue; what a process has open follows it.
"""

import hashlib
from typing import Self

from pydantic import Field

from rag_server.core.embedder import IndexModels
from rag_server.core.points import RepositoryKey

FORMAT = 2
"""Goes up when points of before cannot be read any more; terms have a version of their own (``reencoding``)."""


class Build(IndexModels):
    """A collection that is being filled while another one is searched."""

    id: str
    collection: str
    pending: list[str] = Field(default_factory=list)
    """Owners that are not in it yet. Whatever is written of all others is written to it as well."""
    backup: str = ""
    """The backup it began with."""
    is_uncounted: bool = False
    """Whether the owners that the backup brought are not among the pending ones yet."""

    def without(self, key: RepositoryKey) -> Self:
        """The same, with one repository complete."""
        return self.model_copy(update={"pending": [owner for owner in self.pending if owner != key.owner]})


class Catalogue(IndexModels):
    """The collections of an installation; the models are those of the one that is searched."""

    collection: str = ""
    build: Build | None = None
    retired: list[str] = Field(default_factory=list)

    @property
    def current(self) -> str:
        """The collection that is searched. Releases that built nothing beside it named it after its models."""
        return self.collection or collection_name(self)

    def published(self) -> Self:
        """The build is searched from now on."""
        build = self.build
        if build is None:
            return self
        changes = {"fast": build.fast, "dense": build.dense, "collection": build.collection, "build": None}
        return self.model_copy(update=changes | {"retired": [*self.retired, self.current]})

    def abandoned(self) -> Self:
        """The build is given up."""
        build = self.build
        return self.model_copy(update={"build": None, "retired": [*self.retired, build.collection]}) if build else self


def collection_name(models: IndexModels, build: str = "") -> str:
    """A name that changes with the models and with how chunks are written down, and belongs to one build."""
    fingerprints = f"{FORMAT}:{models.fast.fingerprint}:{models.dense.fingerprint}"
    name = f"chunks-{hashlib.sha256(fingerprints.encode()).hexdigest()[:12]}"
    return f"{name}-{build}" if build else name
