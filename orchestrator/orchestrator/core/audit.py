"""Audit: who did what, and what was refused, in the transaction of the deed itself."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.request_context import current_request_id
from orchestrator.db.models import AuditEvent


def record(
    session: AsyncSession,
    action: str,
    *,
    organisation_id: str | None,
    user_id: str | None,
    outcome: str = "done",
    **detail: Any,
) -> None:
    """Add an audit event; ``outcome`` is ``done`` or ``refused``."""
    session.add(
        AuditEvent(
            organisation_id=organisation_id,
            user_id=user_id,
            action=action,
            outcome=outcome,
            request_id=current_request_id(),
            detail=detail,
        )
    )
