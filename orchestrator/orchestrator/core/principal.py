"""Who is calling."""

from dataclasses import dataclass

from codemuse.contracts.accounts import ApiKeyScope
from codemuse.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, directly or through an API key; everything they may see belongs to their organisation."""

    user_id: str
    organisation_id: str
    role: str
    auth_session_id: str | None = None
    """Set when a person signed in; an API key has none."""
    api_key_id: str | None = None
    scopes: frozenset[ApiKeyScope] = frozenset(ApiKeyScope)

    @property
    def is_admin(self) -> bool:
        """Whether they run the place. A key never does, whoever made it."""
        return self.role == "admin" and self.api_key_id is None

    def require(self, scope: ApiKeyScope) -> None:
        """Let only calls through that the key was made for.

        Raises:
            Forbidden: The key lacks the scope.
        """
        if scope not in self.scopes:
            raise Forbidden(f"This API key lacks the scope '{scope.value}'.", code="scope_missing", scope=scope.value)

    def require_person(self) -> None:
        """Let only signed-in people through.

        Raises:
            Forbidden: The call was made with an API key.
        """
        if self.api_key_id is not None:
            raise Forbidden("Sign in for this; an API key cannot do it.", code="sign_in_required")

    def require_admin(self) -> None:
        """Let only administrators through.

        Raises:
            Forbidden: The caller is not one.
        """
        if not self.is_admin:
            raise Forbidden("Only an administrator can do this.", code="admin_required")
