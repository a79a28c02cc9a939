"""Where a native installation keeps its things, and which ports it uses."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8080


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders below ``DATA`` and ports below ``PORT``; two installations with other values live side by side."""

    data: Path
    port: int = DEFAULT_PORT

    @property
    def credentials(self) -> Path:
        """The first administrator's e-mail address and password."""
        return self.data / "credentials.env"

    @property
    def secrets(self) -> Path:
        """Generated secrets."""
        return self.data / "secrets.env"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.data / "logs"

    @property
    def pids(self) -> Path:
        """One file with the process id a process."""
        return self.data / "pids"

    @property
    def postgres(self) -> Path:
        """Data folder of the embedded Postgres."""
        return self.data / "postgres"

    @property
    def postgres_url(self) -> Path:
        """Holds the address of the embedded Postgres while it runs."""
        return self.data / "postgres.url"

    @property
    def redis(self) -> Path:
        """Folder of the embedded Redis."""
        return self.data / "redis"

    @property
    def supervisor_config(self) -> Path:
        """Configuration of the process manager, written at each start."""
        return self.data / "supervisord.conf"

    @property
    def rag_port(self) -> int:
        """Port of rag-server."""
        return self.port - 80

    @property
    def embedding_port(self) -> int:
        """Port of embedding-server."""
        return self.port - 79

    @property
    def llm_port(self) -> int:
        """Port of llm-server."""
        return self.port - 78

    @property
    def docgen_port(self) -> int:
        """Port of docgen-server."""
        return self.port - 77

    @property
    def worker_port(self) -> int:
        """Port of the worker's health and metrics."""
        return self.port - 76

    @property
    def redis_port(self) -> int:
        """Port of the embedded Redis."""
        return self.port - 75

    def pid_file(self, process: str) -> Path:
        """File with the id of a process."""
        return self.pids / f"{process}.pid"

    def create(self) -> None:
        """Make the folders, readable by nobody else."""
        for folder in (self.data, self.logs, self.pids, self.redis):
            folder.mkdir(parents=True, exist_ok=True)
        self.logs.chmod(0o700)
        self.redis.chmod(0o700)
