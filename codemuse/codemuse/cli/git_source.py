"""``codemuse index URL``: a URL that is there already gets a further version, any other becomes a repository."""

from codemuse.cli.commands import list_repositories
from codemuse.cli.exits import CommandError, Exit
from codemuse.cli.gateway import Gateway
from codemuse.contracts.repositories import RepositoryAccepted, RepositoryCreate, RepositoryIndex, RepositoryRead
from codemuse.contracts.runs import RunAccepted


def index_url(gateway: Gateway, url: str, *, name: str | None, ref: str | None) -> RepositoryAccepted:
    """Index a git URL at a ref: again in the repository that has it, otherwise in a new one.

    Raises:
        CommandError: The name belongs to something else, or several repositories have the URL.
    """
    body = RepositoryCreate(url=url, ref=ref, name=name)
    repositories = list_repositories(gateway).items
    known = _find_named(repositories, body.name, url) if body.name else _find_only(repositories, url, ref)
    if known is None:
        return gateway.call("POST", "/api/v1/repositories", RepositoryAccepted, body=body)
    path = f"/api/v1/repositories/{known.id}/index"
    accepted = gateway.call("POST", path, RunAccepted, body=RepositoryIndex(ref=ref))
    return RepositoryAccepted(repository=known, run=accepted.run)


def _find_named(repositories: list[RepositoryRead], name: str, url: str) -> RepositoryRead | None:
    named = next((repository for repository in repositories if repository.name == name), None)
    if named is None or named.url == url:
        return named
    source = named.url or "an uploaded archive"
    message = f"'{name}' is the repository of {source}; give this one another --name, or delete that one first."
    raise CommandError(message, Exit.REFUSED, error="name_taken")


def _find_only(repositories: list[RepositoryRead], url: str, ref: str | None) -> RepositoryRead | None:
    """The repository of a URL; of several, the one that was added at this ref."""
    found = [repository for repository in repositories if repository.url == url]
    if len(found) > 1:
        at_ref = [repository for repository in found if repository.ref == ref]
        if not at_ref:
            names = ", ".join(f"'{repository.name}'" for repository in found)
            raise CommandError(f"Several repositories have this URL: {names}. Say which with --name.", Exit.USAGE)
        return at_ref[0]
    return found[0] if found else None
