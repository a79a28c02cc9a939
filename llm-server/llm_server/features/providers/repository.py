"""Writes declarations."""

from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from llm_server.db.models import RegisteredModel, RoleChain


class ProviderRepository:
    """Models and role chains of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def find(self, name: str) -> RegisteredModel | None:
        """A declared model."""
        return await self._session.get(RegisteredModel, (self._organisation_id, name))

    async def save(self, name: str, declaration: dict[str, Any], encrypted_key: bytes | None) -> None:
        """Declare or change a model; without a key the stored one stays."""
        values = {"organisation_id": self._organisation_id, "name": name, "declaration": declaration}
        key = {} if encrypted_key is None else {"encrypted_key": encrypted_key}
        statement = insert(RegisteredModel).values(**values, encrypted_key=encrypted_key)
        changes = {"declaration": declaration, "updated_at": func.now(), **key}
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["organisation_id", "name"], set_=changes)
        )

    async def delete(self, name: str) -> bool:
        """Take a model back; says whether there was one."""
        mine = RegisteredModel.organisation_id == self._organisation_id
        statement = delete(RegisteredModel).where(mine, RegisteredModel.name == name).returning(RegisteredModel.name)
        return (await self._session.scalar(statement)) is not None

    async def set_chain(self, role: str, models: list[str], *, user_id: str = "", session_id: str = "") -> bool:
        """Set who plays a role; nobody takes the setting back. Says whether that changed anything."""
        where = {
            "organisation_id": self._organisation_id,
            "user_id": user_id,
            "session_id": session_id,
            "role": role,
        }
        if not models:
            gone = await self._session.scalars(delete(RoleChain).filter_by(**where).returning(RoleChain.role))
            return gone.first() is not None
        statement = insert(RoleChain).values(**where, models=models)
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=list(where), set_={"models": models, "updated_at": func.now()}
            )
        )
        return True
