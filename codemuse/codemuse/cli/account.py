"""Where the server is and who we are: from the environment, else from the file that ``codemuse login`` wrote."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

DEFAULT_URL = "http://127.0.0.1:8080"


@dataclass(slots=True)
class Account:
    """A server and credentials for it."""

    url: str = DEFAULT_URL
    access_token: str = ""
    refresh_token: str = ""
    api_key: str = ""

    @property
    def credential(self) -> str:
        """What is sent with each request."""
        return self.api_key or self.access_token


def account_file() -> Path:
    """Where the account is kept."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "codemuse" / "account.json"


def load_account() -> Account:
    """The account: ``CODEMUSE_URL`` and ``CODEMUSE_API_KEY`` go before the file."""
    path = account_file()
    account = Account(**orjson.loads(path.read_bytes())) if path.exists() else Account()
    account.url = os.environ.get("CODEMUSE_URL", account.url).rstrip("/")
    account.api_key = os.environ.get("CODEMUSE_API_KEY", account.api_key)
    return account


def save_account(account: Account) -> Path:
    """Keep the account in a file that nobody else can read."""
    path = account_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(orjson.dumps(asdict(account)))
    return path
