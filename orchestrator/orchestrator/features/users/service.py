"""Adding people, and the first of them."""

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError

from codemuse.contracts.accounts import UserCreate, UserList, UserRead
from codemuse.database import Sessions
from codemuse.errors import Conflict
from codemuse.logging import get_logger
from orchestrator.core.audit import record
from orchestrator.core.credentials import PasswordHasher
from orchestrator.core.principal import Principal
from orchestrator.db.models import Organisation, User
from orchestrator.features.users.repository import UserRepository

_log = get_logger(__name__)


class UserService:
    """People of an organisation."""

    def __init__(self, sessions: Sessions, hasher: PasswordHasher) -> None:
        self._sessions = sessions
        self._hasher = hasher

    async def list_users(self, principal: Principal) -> UserList:
        """Everybody in the caller's organisation."""
        principal.require_admin()
        async with self._sessions() as session:
            rows = await UserRepository(session).list_users(principal.organisation_id)
        return UserList(items=[_read(user, organisation) for user, organisation in rows])

    async def create(self, principal: Principal, new: UserCreate) -> UserRead:
        """Add somebody.

        Raises:
            Conflict: The address is taken.
        """
        principal.require_admin()
        hashed = await self._hasher.hash(new.password)
        try:
            async with self._sessions.begin() as session:
                repository = UserRepository(session)
                user = await repository.add(
                    User(
                        organisation_id=principal.organisation_id,
                        email=new.email.strip().lower(),
                        name=new.name,
                        role=new.role,
                        password_hash=hashed,
                    )
                )
                organisation = await repository.get_organisation(principal.organisation_id)
                record(
                    session,
                    "create_user",
                    organisation_id=principal.organisation_id,
                    user_id=principal.user_id,
                    created=user.id,
                )
        except IntegrityError:
            raise Conflict("Somebody with this e-mail address exists already.", code="email_taken") from None
        return _read(user, organisation)

    async def create_first_administrator(self, organisation_name: str, email: str, password: SecretStr) -> None:
        """Create organisation and administrator where there is nobody yet; otherwise nothing."""
        async with self._sessions() as session:
            if not await UserRepository(session).is_empty():
                return
        hashed = await self._hasher.hash(password.get_secret_value())
        try:
            async with self._sessions.begin() as session:
                organisation = Organisation(name=organisation_name)
                session.add(organisation)
                await session.flush()
                await UserRepository(session).add(
                    User(
                        organisation_id=organisation.id,
                        email=email.strip().lower(),
                        name="Administrator",
                        role="admin",
                        password_hash=hashed,
                    )
                )
        except IntegrityError:
            return  # another replica was quicker
        _log.info("first administrator created")


def _read(user: User, organisation: Organisation) -> UserRead:
    return UserRead(
        id=user.id,
        email=user.email,
        name=user.name,
        role=user.role,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
    )
