"""Reads the ``repo:`` filters of a query: people write names, rag-server knows ids."""

from collections.abc import Sequence

from codemuse.contracts.search_query import Field, read_query, without_filter
from codemuse.errors import InvalidInput, NotFound
from orchestrator.db.models import Repository


def named_in_query(query: str, repositories: Sequence[Repository]) -> tuple[str, Sequence[Repository]]:
    """The query without its ``repo:`` filters, and the repositories that they leave.

    Raises:
        NotFound: A name is not that of a repository that is searched.
        InvalidInput: Nothing else is asked.
    """
    read = read_query(query)
    wanted = {name.lower() for name in read.filters.get(Field.REPOSITORY, ())}
    refused = {name.lower() for name in read.refused.get(Field.REPOSITORY, ())}
    if not wanted and not refused:
        return query, repositories
    known = {repository.name.lower() for repository in repositories}
    for name in sorted((wanted | refused) - known):
        raise NotFound(
            f"There is no repository named '{name}' among those that are searched.", code="unknown_repository"
        )
    rest = without_filter(query, Field.REPOSITORY)
    if not rest:
        raise InvalidInput("Say what to look for beside the repository.", code="invalid_query", problem="nothing")
    left = [repository for repository in repositories if repository.name.lower() in (wanted or known) - refused]
    return rest, left
