"""Which addresses are fetched from, and how the checked address is made the one that is connected to."""

import asyncio
import base64
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from docgen_server.core.errors import GitUnreachable, InvalidRef, UrlNotAllowed

# The one grammar of addresses. What git is given is put together from these groups, so that the address that was
# checked and the address that is fetched from cannot be read in two ways.
_URL = re.compile(
    r"^(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<userinfo>[A-Za-z0-9._~%!$&'()*+,;=:-]*)@)?"
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)$"
)
_FILE_URL = re.compile(r"^file://(?P<path>/[^\s\\]*)$")
_DEFAULT_PORTS = {"https": 443, "http": 80}
# git's own grammar (git-check-ref-format), and no character that means something to a shell.
_REF = re.compile(
    r"^(?!-)(?!/)(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)|[\x00-\x20\x7f~^:?*\[\\;$()|&<>`'\"!]))(?!@$)(?!\.).{1,255}(?<![./])$"
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Addresses of a host name."""


@dataclass(frozen=True, slots=True)
class GitAddress:
    """A checked address, ready to be fetched from."""

    url: str
    """Without credentials: fit for command lines, logs and errors."""
    configuration: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Settings for this fetch alone, credentials included; they travel in the environment."""
    protocols: str = "https"

    def environment(self) -> dict[str, str]:
        """What git needs in its environment to fetch from here and from nowhere else."""
        variables = {"GIT_ALLOW_PROTOCOL": self.protocols, "GIT_CONFIG_COUNT": str(len(self.configuration))}
        for number, (key, value) in enumerate(self.configuration.items()):
            variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return variables


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver once.

    Raises:
        GitUnreachable: There is no such host.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise GitUnreachable("The host of the repository cannot be found.", host=host) from None
    return [str(item[4][0]) for item in found]


class AddressPolicy:
    """Decides where repositories may come from.

    Args:
        allowed_hosts: Hosts that an operator trusts although their addresses are private; ``http`` is allowed there.
        allow_local: Whether ``file://`` URLs are fetched.
        resolve: Asks for the addresses of a host.
    """

    def __init__(self, *, allowed_hosts: frozenset[str], allow_local: bool, resolve: Resolve = resolve_host) -> None:
        self._allowed_hosts = allowed_hosts
        self._allow_local = allow_local
        self._resolve = resolve

    async def check(self, url: str) -> GitAddress:
        """The address behind a URL.

        Raises:
            UrlNotAllowed: The scheme, the form or the place is refused.
            GitUnreachable: The host has no address.
        """
        if self._allow_local and (local := _FILE_URL.match(url)):
            return GitAddress(f"file://{local['path']}", protocols="file")
        match = _URL.match(url)
        if match is None or len(url) > 2048:
            raise UrlNotAllowed("The URL must look like https://host/path.")
        scheme, host = match["scheme"].lower(), match["host"].lower().rstrip(".")
        is_trusted = host in self._allowed_hosts
        if scheme != "https" and not (scheme == "http" and is_trusted):
            raise UrlNotAllowed("Only https:// URLs are fetched.", scheme=scheme)
        port = int(match["port"] or _DEFAULT_PORTS[scheme])
        address = await self._address(host, port, is_trusted=is_trusted)
        place = host if port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"
        configuration = {
            "http.followRedirects": "false",
            "http.curloptResolve": f"{host}:{port}:{address}",
            "http.lowSpeedLimit": "1000",
            "http.lowSpeedTime": "30",
            "http.proxy": "",
            **_credentials(match["userinfo"]),
        }
        return GitAddress(f"{scheme}://{place}{match['path']}", configuration, scheme)

    async def _address(self, host: str, port: int, *, is_trusted: bool) -> str:
        literal = _literal(host)
        if not is_trusted and literal is None and ("." not in host or host.rsplit(".", 1)[1][0].isdigit()):
            raise UrlNotAllowed("The host must be a full, public host name.", host=host)
        addresses = [host.strip("[]")] if literal else list(await self._resolve(host, port))
        if not addresses:
            raise GitUnreachable("The host of the repository cannot be found.", host=host)
        if not is_trusted and not all(_is_public(address) for address in addresses):
            raise UrlNotAllowed("The host is not on the public internet; an operator may allow it by name.", host=host)
        return f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]


def check_ref(ref: str) -> str:
    """A branch, tag or commit as git's own grammar allows it.

    Raises:
        InvalidRef: It cannot be one.
    """
    if not _REF.match(ref):
        raise InvalidRef("This cannot be the name of a branch, tag or commit.")
    return ref


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _is_public(text: str) -> bool:
    """Whether an address is reachable by everybody, looking through addresses that carry another inside."""
    address = ipaddress.ip_address(text.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return address.is_global and not address.is_multicast


def _credentials(userinfo: str | None) -> dict[str, str]:
    """Credentials of a URL as a header that only this fetch sends."""
    if not userinfo:
        return {}
    token = base64.b64encode(unquote(userinfo if ":" in userinfo else f"{userinfo}:").encode()).decode()
    return {"http.extraHeader": f"Authorization: Basic {token}"}
