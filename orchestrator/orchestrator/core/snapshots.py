"""Which snapshot of docgen-server holds a commit that was indexed before: those of older versions stay readable."""

from codemuse.clients.docgen import DocgenClient
from codemuse.errors import NotFound

SHORTEST_COMMIT = 7


async def snapshot_of_commit(docgen: DocgenClient, repository_id: str, commit: str) -> str:
    """The id of the snapshot of a commit, which may be given by its beginning.

    Raises:
        NotFound: Nothing is known of the commit.
    """
    try:
        if SHORTEST_COMMIT <= len(commit) <= 64:
            return (await docgen.find_snapshot(repository_id, commit)).id
    except NotFound as error:
        if error.public_code != "snapshot_not_found":
            raise
    raise NotFound("There is no such version, or it is not kept any more.", code="version_not_found")
