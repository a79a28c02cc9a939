"""The processes of an installation: the same that the containers run, in the same configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from codemuse.native.layout import Layout

EMBEDDED_POSTGRES = "postgres"
EMBEDDED_REDIS = "redis"
_UVICORN = (
    "-m uvicorn {application}:create_app --factory --host 127.0.0.1 --port {port} --no-access-log --no-server-header "
    "--timeout-graceful-shutdown 10 --ws-ping-interval 15 --ws-max-size 1048576"
)
_SPAWNING = " --loop asyncio"
"""For a service that runs git and ruff: uvloop forks to start them, and after that each page that is written is copied first."""


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the Procfile."""

    name: str
    command: str
    """Arguments for this Python."""
    needs: tuple[str, ...] = ()
    """Embedded servers that must answer before it starts."""
    environment: Mapping[str, str] = field(default_factory=dict)


def list_processes(layout: Layout, environment: Mapping[str, str], web_dist: Path | None) -> list[Process]:
    """Everything that has to run, in the order it starts.

    Args:
        layout: Folders and ports.
        environment: ``DATABASE_URL`` and ``REDIS_URL`` decide whether those servers are embedded.
        web_dist: The built web app, if there is one.
    """
    postgres = () if environment.get("DATABASE_URL") else (EMBEDDED_POSTGRES,)
    redis = () if environment.get("REDIS_URL") else (EMBEDDED_REDIS,)
    embedded = [Process(name, f"-m codemuse.native.{name}") for name in (*postgres, *redis)]
    docgen = {"MERMAID_SCRIPT": str(web_dist / "exports" / "mermaid.min.js")} if web_dist else {}
    orchestrator = {"WORKER_PORT": str(layout.worker_port)} | ({"WEB_DIST": str(web_dist)} if web_dist else {})
    return [
        *embedded,
        _service("embedding-server", "embedding_server.main", layout.embedding_port),
        _service("llm-server", "llm_server.main", layout.llm_port, needs=postgres + redis),
        _service(
            "docgen-server", "docgen_server.main", layout.docgen_port, _SPAWNING, needs=postgres, environment=docgen
        ),
        _service("rag-server", "rag_server.main", layout.rag_port),
        _service("gateway", "orchestrator.main", layout.port, needs=postgres + redis, environment=orchestrator),
        Process("worker", "-m orchestrator.worker", needs=postgres + redis, environment=orchestrator),
    ]


def shared_environment(layout: Layout, secrets: Mapping[str, str]) -> dict[str, str]:
    """What every process gets."""
    base = "http://127.0.0.1"
    return {
        **{name: secrets[name] for name in ("SERVICE_TOKEN", "JWT_SECRET", "ADMIN_EMAIL", "ADMIN_PASSWORD")},
        "DATA": str(layout.data),
        "PORT": str(layout.port),
        "EMBEDDING_SERVER_URL": f"{base}:{layout.embedding_port}",
        "LLM_SERVER_URL": f"{base}:{layout.llm_port}",
        "DOCGEN_SERVER_URL": f"{base}:{layout.docgen_port}",
        "RAG_SERVER_URL": f"{base}:{layout.rag_port}",
        "PYTHONUNBUFFERED": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


def _service(
    name: str,
    application: str,
    port: int,
    options: str = "",
    *,
    needs: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
) -> Process:
    command = _UVICORN.format(application=application, port=port) + options
    return Process(name, command, needs, environment or {})
