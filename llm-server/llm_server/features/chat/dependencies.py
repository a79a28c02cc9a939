"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from llm_server.core.access import Opened
from llm_server.core.answering import Answering


async def get_service(resources: Opened) -> Answering:
    """Who answers."""
    return resources.answering


Service = Annotated[Answering, Depends(get_service)]
