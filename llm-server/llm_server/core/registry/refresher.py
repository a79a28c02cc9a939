"""Keeps registry and accounts at what the database declares: at start, after a change here, and soon after one elsewhere."""

import asyncio

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from codemuse.contracts.providers import ModelWrite
from codemuse.contracts.usage import Limits
from codemuse.database import Sessions
from codemuse.logging import get_logger
from llm_server.core.accounts.accounts import Accounts
from llm_server.core.accounts.book import LimitBook
from llm_server.core.model import Model
from llm_server.core.recording.recorder import Recorder
from llm_server.core.registry.catalogue import Catalogue, Declared, model_from
from llm_server.core.registry.keys import KeyUnreadable, KeyVault
from llm_server.core.registry.registry import Registry
from llm_server.db.declarations import DeclarationRepository
from llm_server.db.models import RegisteredModel

_log = get_logger(__name__)
_LOOK_SECONDS = 1.0


class Refresher:
    """Loads declarations and hands them to who goes by them.

    Args:
        sessions: Where they are stored.
        vault: Decrypts keys.
        from_settings: Models that are declared outside of the database.
        registry: Goes by models and roles.
        accounts: Go by budgets.
        recorder: Goes by who wants prompts and answers written down.
    """

    def __init__(
        self,
        sessions: Sessions,
        vault: KeyVault,
        from_settings: list[Model],
        registry: Registry,
        accounts: Accounts,
        recorder: Recorder,
    ) -> None:
        self._sessions = sessions
        self._vault = vault
        self._from_settings = from_settings
        self._registry = registry
        self._accounts = accounts
        self._recorder = recorder
        self._revision = -1

    async def run(self) -> None:
        """Look every second whether something has changed. Runs until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                async with self._sessions() as session:
                    revision = await DeclarationRepository(session).get_revision()
                if revision != self._revision:
                    await self.load()
            except (SQLAlchemyError, OSError) as error:
                _log.warning("declarations cannot be read; the known ones stand", reason=type(error).__name__)

    async def load(self) -> None:
        """Load everything and go by it from now on."""
        async with self._sessions() as session:
            found = await DeclarationRepository(session).load()
        declared = [one for row in found.models if (one := self._read(row)) is not None]
        roles = {(row.organisation_id, row.user_id, row.session_id, row.role): tuple(row.models) for row in found.roles}
        self._registry.use(Catalogue(self._from_settings, declared, roles))
        budgets = {
            (row.organisation_id, row.scope, row.subject_id): Limits.model_validate(row.limits) for row in found.budgets
        }
        self._accounts.use(LimitBook(budgets))
        self._recorder.use(
            {policy.organisation_id for policy in found.prompt_logs if policy.enabled},
            {policy.organisation_id: policy.keep_days for policy in found.prompt_logs},
        )
        self._revision = found.revision

    def _read(self, row: RegisteredModel) -> Declared | None:
        try:
            declaration = ModelWrite.model_validate(row.declaration)
            if row.encrypted_key is not None:
                key = self._vault.decrypt(row.encrypted_key, place=key_place(row.organisation_id, row.name))
                declaration = declaration.model_copy(update={"api_key": key})
        except (ValidationError, KeyUnreadable) as error:
            _log.error("a declared model cannot be used", model=row.name, reason=type(error).__name__)
            return None
        return Declared(model_from(declaration), row.organisation_id, row.updated_at)


def key_place(organisation_id: str, name: str) -> str:
    """What a stored key is bound to."""
    return f"{organisation_id}/{name}"
