"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.symbols.service import SymbolService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> SymbolService:
    return SymbolService(resources.sessions)


Symbols = Annotated[SymbolService, Depends(_service)]
