"""Making, listing and taking back keys."""

from codemuse.contracts.accounts import ApiKeyCreate, ApiKeyCreated, ApiKeyList, ApiKeyRead
from codemuse.database import Sessions
from orchestrator.core.audit import record
from orchestrator.core.credentials import fingerprint, new_api_key
from orchestrator.core.principal import Principal
from orchestrator.core.recent_principals import RecentPrincipals
from orchestrator.db.models import ApiKey
from orchestrator.features.api_keys.repository import ApiKeyRepository


class ApiKeyService:
    """Keys of the person who is signed in."""

    def __init__(self, sessions: Sessions, principals: RecentPrincipals) -> None:
        self._sessions = sessions
        self._principals = principals

    async def create(self, principal: Principal, new: ApiKeyCreate) -> ApiKeyCreated:
        """Make a key; this is the only time it is shown."""
        principal.require_person()
        key, prefix = new_api_key()
        async with self._sessions.begin() as session:
            row = await ApiKeyRepository(session, principal.user_id).add(
                ApiKey(
                    user_id=principal.user_id,
                    name=new.name,
                    prefix=prefix,
                    key_hash=fingerprint(key),
                    scopes=sorted({scope.value for scope in new.scopes}),
                )
            )
            record(
                session,
                "create_api_key",
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                key=row.id,
            )
        return ApiKeyCreated(**ApiKeyRead.model_validate(row, from_attributes=True).model_dump(), key=key)

    async def list_keys(self, principal: Principal) -> ApiKeyList:
        """Keys that work."""
        principal.require_person()
        async with self._sessions() as session:
            rows = await ApiKeyRepository(session, principal.user_id).list_live()
        return ApiKeyList(items=[ApiKeyRead.model_validate(row, from_attributes=True) for row in rows])

    async def revoke(self, principal: Principal, key_id: str) -> None:
        """Take a key back."""
        principal.require_person()
        async with self._sessions.begin() as session:
            await ApiKeyRepository(session, principal.user_id).revoke(key_id)
            record(
                session,
                "revoke_api_key",
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                key=key_id,
            )
        self._principals.forget()
