"""The way to the services of an installation, past its gateway."""

from dotenv import dotenv_values
from pydantic import SecretStr

from codemuse.http import ServiceAddress
from codemuse.native.layout import Layout


def service_token(layout: Layout) -> str:
    """What its services show each other."""
    return str(dotenv_values(layout.secrets)["SERVICE_TOKEN"])


def bearer(layout: Layout) -> dict[str, str]:
    """The header that carries it."""
    return {"Authorization": f"Bearer {service_token(layout)}"}


def service_address(layout: Layout, name: str, port: int) -> ServiceAddress:
    """Where a service listens."""
    return ServiceAddress(name, f"http://127.0.0.1:{port}", SecretStr(service_token(layout)))
