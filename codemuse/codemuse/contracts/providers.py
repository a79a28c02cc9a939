"""Language models as administrators declare them, and the roles that they play."""

from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import (
    AnyHttpUrl,
    Field,
    SecretStr,
    SerializationInfo,
    StringConstraints,
    field_serializer,
    field_validator,
)

from codemuse.contracts.common import Identifier, Reply, Request

ROLES = ("chat", "reasoning", "generation", "summary")
"""What models are asked for: answering, hard questions, writing code and documents, shortening histories."""

ORGANISATION_HEADER = "X-CodeMuse-Organisation"
USER_HEADER = "X-CodeMuse-User"
ROLE_HEADER = "X-CodeMuse-Role"
KEY_HEADER = "X-CodeMuse-Key"
RUN_HEADER = "X-CodeMuse-Run"
SESSION_HEADER = "X-CodeMuse-Session"
_HEADERS = {
    "organisation": ORGANISATION_HEADER,
    "user": USER_HEADER,
    "role": ROLE_HEADER,
    "key": KEY_HEADER,
    "run": RUN_HEADER,
    "session": SESSION_HEADER,
}

ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@\-]{0,127}$")]
Role = Literal["chat", "reasoning", "generation", "summary"]
Capability = Literal["stream", "tools", "json_schema", "images", "prefill", "embeddings"]
ProviderKind = Literal["openai", "responses", "azure", "anthropic"]
_METADATA_HOSTS = frozenset({"metadata.google.internal", "metadata", "instance-data"})
_USUAL: tuple[Capability, ...] = ("stream", "tools", "json_schema", "images")


def caller_headers(**caller: str | None) -> dict[str, str]:
    """The headers that tell llm-server on whose behalf a call is made.

    Args:
        **caller: Any of ``organisation``, ``user``, ``role``, ``key``, ``run`` and ``session``.
    """
    return {_HEADERS[name]: value for name, value in caller.items() if value}


class PriceFields(Request):
    """Prices of one million tokens, in the currency of your bill."""

    prompt: float = Field(default=0.0, ge=0, le=1_000_000)
    completion: float = Field(default=0.0, ge=0, le=1_000_000)
    cached: float | None = Field(default=None, ge=0, le=1_000_000)


class ModelLimits(Request):
    """How much its provider takes of us; a model that is asked as often as it may be is passed over for the next one."""

    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    parallel_requests: int | None = Field(default=None, ge=1)


class ModelWrite(Request):
    """A model to declare or change; a key that is not given stays as it is."""

    name: ModelName
    kind: ProviderKind = "openai"
    base_url: AnyHttpUrl
    upstream_name: str = Field(default="", max_length=500)
    """As the upstream calls it; the same name when empty."""
    api_key: SecretStr | None = Field(default=None, max_length=4096)
    title: str = Field(default="", max_length=200)
    context_tokens: int | None = Field(default=None, ge=16, le=100_000_000)
    max_output_tokens: int | None = Field(default=None, ge=1, le=100_000_000)
    price: PriceFields = Field(default_factory=PriceFields)
    limits: ModelLimits = Field(default_factory=ModelLimits)
    capabilities: list[Capability] = Field(default_factory=lambda: list(_USUAL))
    first_token_seconds: float = Field(default=30.0, gt=0, le=3600)
    stall_seconds: float = Field(default=60.0, gt=0, le=3600)
    api_version: str = Field(default="", max_length=50)

    @field_validator("base_url", mode="after")
    @classmethod
    def _refuse_metadata(cls, url: AnyHttpUrl) -> AnyHttpUrl:
        """A model may stand on this host or in this network, but never where clouds keep a machine's credentials."""
        host = (url.host or "").strip("[]")
        try:
            address = ip_address(host)
        except ValueError:
            refused = host.rstrip(".").lower() in _METADATA_HOSTS
        else:
            refused = address.is_link_local or address.is_multicast or address.is_unspecified
        if refused or url.username or url.password:
            raise ValueError("no model can be reached at this address")
        return url

    @field_validator("api_key", mode="after")
    @classmethod
    def _refuse_controls(cls, key: SecretStr | None) -> SecretStr | None:
        """A key travels in a header, so it is one printable word."""
        value = "x" if key is None else key.get_secret_value()
        if not value.isascii() or not value.isprintable() or " " in value or not value:
            raise ValueError("a key is one word of printable characters")
        return key

    @field_serializer("api_key", when_used="json")
    def _reveal_key(self, key: SecretStr | None, info: SerializationInfo) -> str | None:
        """Masked everywhere but in a request from service to service, which asks for it in its context."""
        revealed = isinstance(info.context, dict) and info.context.get("reveal")
        return None if key is None else key.get_secret_value() if revealed else str(key)


class ModelSummary(Reply):
    """A model as it is listed; of its key only whether there is one."""

    name: str
    kind: str
    base_url: str = ""
    """Empty for who may not administer."""
    upstream_name: str = ""
    title: str = ""
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    price: PriceFields = Field(default_factory=PriceFields)
    limits: ModelLimits = Field(default_factory=ModelLimits)
    capabilities: list[str] = Field(default_factory=list)
    first_token_seconds: float = 30.0
    stall_seconds: float = 60.0
    api_version: str = ""
    has_key: bool = False
    declared_in: Literal["settings", "registry", "built_in"] = "registry"
    is_answering: bool = True
    """Not for the minute after too many failures in a row, when it is passed over."""
    updated_at: datetime | None = None


class ProvidersRead(Reply):
    """Reply of ``GET /api/v1/providers``: the models of an organisation, and who plays which role."""

    models: list[ModelSummary]
    roles: dict[str, list[str]]
    session_roles: dict[str, list[str]] = Field(default_factory=dict)
    """The chains among them that the caller set for the chat session that was asked about."""


class ProvidersWrite(Request):
    """Body of ``PUT /api/v1/providers``: models to declare or change, and chains of roles to set.

    With ``session_id`` the roles hold for that chat session of the caller only, and models cannot be changed. An empty
    chain takes the setting back.
    """

    models: list[ModelWrite] = Field(default_factory=list, max_length=100)
    roles: dict[Role, list[ModelName]] = Field(default_factory=dict)
    session_id: Identifier | None = None


class ConnectionTest(Request):
    """Body of ``POST /api/v1/providers/test``: a declared model by name, or one that is about to be declared."""

    name: ModelName | None = None
    model: ModelWrite | None = None


class ConnectionTestResult(Reply):
    """How the test went; ``error`` is what the provider itself said."""

    ok: bool
    error: str | None = None
    code: str | None = None
    latency_ms: float
    served_models: list[str] = Field(default_factory=list)
    reply: str = ""
