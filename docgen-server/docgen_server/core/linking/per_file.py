"""Values that follow from one file alone, kept as long as the file is: a commit costs only the files that it changes."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from docgen_server.core.linking.file_links import FileLinks

T = TypeVar("T")


def per_file(work: Callable[[FileLinks], T]) -> Callable[[FileLinks], T]:
    """Work a function of a file out once for each file."""
    known: WeakKeyDictionary[FileLinks, T] = WeakKeyDictionary()

    @wraps(work)
    def recalled(file: FileLinks) -> T:
        if file not in known:
            known[file] = work(file)
        return known[file]

    return recalled


@per_file
def public_names(file: FileLinks) -> dict[str, tuple[str, ...]]:
    """Public definitions at the top level of a file, by every spelling that may mean them."""
    names: dict[str, tuple[str, ...]] = {}
    for item in file.definitions:
        if item.visibility == "public" and item.depth == 0:
            for spelling in {item.qualified_name, item.qualified_name.rpartition(".")[2]}:
                names[spelling] = (*names.get(spelling, ()), item.qualified_name)
    return names
