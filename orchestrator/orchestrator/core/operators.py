"""Who runs the installation: the administrators of its first organisation. What they do concerns everybody."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.errors import Forbidden
from orchestrator.core.principal import Principal
from orchestrator.db.models import Organisation


async def find_home(session: AsyncSession) -> str | None:
    """The organisation that runs the installation: the first one."""
    query = select(Organisation.id).order_by(Organisation.created_at, Organisation.id).limit(1)
    found: str | None = await session.scalar(query)
    return found


async def require_operator(session: AsyncSession, principal: Principal) -> None:
    """Let only those pass who run the installation.

    Raises:
        Forbidden: The caller does not.
    """
    principal.require_admin()
    if await find_home(session) != principal.organisation_id:
        message = "Only an administrator of the organisation that runs this installation can do this."
        raise Forbidden(message, code="operator_required")
