"""Settings of a service: read once from the environment and ``.env``, where the program is put together."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound="ServiceSettings")
MINIMUM_SECRET_BYTES = 32
_PLACEHOLDERS = ("changeme", "change-me", "secret", "password", "example", "replace", "xxxx", "00000000", "12345678")


class WeakSecretError(ValueError):
    """A secret is missing, too short, or the placeholder of an example file."""


def refuse_weak(secret: SecretStr) -> SecretStr:
    """Let a secret pass only if nobody can guess it: 32 bytes or more, no placeholder, some variety."""
    value = secret.get_secret_value()
    if len(value.encode()) < MINIMUM_SECRET_BYTES:
        raise WeakSecretError(f"must have at least {MINIMUM_SECRET_BYTES} bytes")
    if any(placeholder in value.lower() for placeholder in _PLACEHOLDERS) or len(set(value)) < 10:
        raise WeakSecretError("is a placeholder or too regular; generate one, e.g. with 'openssl rand -hex 32'")
    return secret


StrongSecret = Annotated[SecretStr, AfterValidator(refuse_weak)]
"""A secret of at least 32 unguessable bytes; anything else stops the service at boot."""


class ServiceSettings(BaseSettings):
    """What every service reads; a service adds its own fields in its ``core/settings.py``."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    service_token: StrongSecret
    """Shared by the internal services; every internal call carries it."""
    data: Path = Path(".codemuse")
    """Folder for everything that this service writes."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    max_body_bytes: int = Field(default=16 * 2**20, ge=1024)
    """Largest request body that is read; routes that take uploads set limits of their own."""


def load_settings(kind: type[S]) -> S:
    """Read settings or end the process with the names, never the values, of what is wrong.

    Raises:
        SystemExit: A variable is missing or refused.
    """
    try:
        return kind()
    except ValidationError as error:
        lines = [f"  {'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors()]
        raise SystemExit("The settings are not complete:\n" + "\n".join(lines)) from None
