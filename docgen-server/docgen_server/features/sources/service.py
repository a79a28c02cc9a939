"""Says early what a fetch would say late."""

from codemuse.contracts.docgen import GitSource
from docgen_server.core.git.address import AddressPolicy, check_ref


class SourceService:
    """Judges git sources by the same rules that a fetch follows."""

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    async def check(self, source: GitSource) -> None:
        """Whether this URL and ref may be fetched.

        Raises:
            InvalidRef: The ref cannot be the name of anything.
            UrlNotAllowed: The scheme, the form or the place is refused.
            GitUnreachable: The host has no address.
        """
        if source.ref:
            check_ref(source.ref)
        await self._policy.check(source.url)
