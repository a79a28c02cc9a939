"""From a request to the principal behind it: the only extractor of credentials."""

from typing import Annotated

from fastapi import Depends, Request

from codemuse.auth import bearer_token
from orchestrator.core.credentials import API_KEY_PREFIX
from orchestrator.core.principal import Principal
from orchestrator.core.resources import GatewayResources
from orchestrator.db.identities import Identities


async def get_resources(request: Request) -> GatewayResources:
    """What the gateway opened at start."""
    resources: GatewayResources = request.app.state.resources
    return resources


Resources = Annotated[GatewayResources, Depends(get_resources)]


async def get_principal(request: Request, resources: Resources) -> Principal:
    """Who is calling.

    Raises:
        Unauthenticated: Nobody we know.
    """
    return await identify(bearer_token(request.headers.get("authorization")), resources)


async def identify(credential: str, resources: GatewayResources) -> Principal:
    """Whose credential it is: an API key or an access token.

    Raises:
        Unauthenticated: Nobody's.
    """
    if known := resources.principals.find(credential):
        return known
    async with resources.platform.sessions() as session:
        identities = Identities(session)
        if credential.startswith(API_KEY_PREFIX):
            principal = await identities.get_by_api_key(credential)
        else:
            claims = resources.tokens.read(credential)
            principal = await identities.get_by_session(claims.user_id, claims.auth_session_id)
    resources.principals.remember(credential, principal)
    return principal


Caller = Annotated[Principal, Depends(get_principal)]
