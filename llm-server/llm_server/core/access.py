"""From a request to the caller behind it, and to what the service opened."""

from typing import Annotated

from fastapi import Depends, Request

from codemuse.contracts.providers import (
    KEY_HEADER,
    ORGANISATION_HEADER,
    ROLE_HEADER,
    RUN_HEADER,
    SESSION_HEADER,
    USER_HEADER,
)
from codemuse.errors import Forbidden
from llm_server.core.answering import Answering
from llm_server.core.calls import Caller
from llm_server.core.resources import Resources

_LONGEST = 128


async def get_resources(request: Request) -> Resources:
    """What the service opened at start."""
    resources: Resources = request.app.state.resources
    return resources


def read_caller(request: Request) -> Caller:
    """Who the call is for; whoever carries the service token is trusted to say so."""
    headers = request.headers
    return Caller(
        organisation=headers.get(ORGANISATION_HEADER, "default")[:_LONGEST],
        user=headers.get(USER_HEADER, "")[:_LONGEST],
        role=headers.get(ROLE_HEADER, "service")[:_LONGEST],
        key=headers.get(KEY_HEADER, "")[:_LONGEST],
        run=headers.get(RUN_HEADER, "")[:_LONGEST],
        session=headers.get(SESSION_HEADER, "")[:_LONGEST],
    )


async def get_caller(request: Request) -> Caller:
    """The caller of a request."""
    return read_caller(request)


async def get_administrator(request: Request) -> Caller:
    """The caller, if they may change what everybody uses.

    Raises:
        Forbidden: They may not.
    """
    caller = read_caller(request)
    if not caller.is_admin:
        raise Forbidden("Only an administrator can do this.", code="admin_required")
    return caller


async def get_door(request: Request) -> Answering:
    """Who has calls answered."""
    answering: Answering = request.app.state.resources.answering
    return answering


Opened = Annotated[Resources, Depends(get_resources)]
Door = Annotated[Answering, Depends(get_door)]
Calling = Annotated[Caller, Depends(get_caller)]
Administrator = Annotated[Caller, Depends(get_administrator)]
