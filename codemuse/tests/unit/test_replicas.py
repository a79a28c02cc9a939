"""Calls are spread over the replicas of a service, and a replica that is gone costs nothing."""

import httpx
import pytest

from codemuse.replicas import REMEMBER_SECONDS, ReplicaTransport

URL = "http://embedding-server:8001/v1/embeddings"


class Replicas:
    """A name server, a clock and the machines behind the name."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.refusing: set[str] = set()
        self.now = 0.0
        self.called: list[str] = []
        self.hosts: set[str] = set()

    async def resolve(self, host: str, port: int) -> list[str]:
        if not self.addresses:
            raise OSError(f"{host}:{port} is not known")
        return list(self.addresses)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.called.append(request.url.host)
        self.hosts.add(request.headers["host"])
        if request.url.host in self.refusing:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, content=request.content)

    def client(self) -> httpx.AsyncClient:
        inner = httpx.MockTransport(self.answer)
        return httpx.AsyncClient(transport=ReplicaTransport(inner, resolve=self.resolve, clock=lambda: self.now))


async def test_each_replica_gets_its_share_and_sees_the_name_it_is_known_by() -> None:
    replicas = Replicas("10.0.0.1", "10.0.0.2")
    async with replicas.client() as client:
        for _ in range(4):
            assert (await client.post(URL, content=b"text")).content == b"text"
    assert sorted(replicas.called) == ["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.2"]
    assert replicas.hosts == {"embedding-server:8001"}


async def test_a_replica_that_refuses_is_passed_over_and_asked_again_later() -> None:
    replicas = Replicas("10.0.0.1", "10.0.0.2")
    replicas.refusing = {"10.0.0.1"}
    async with replicas.client() as client:
        for _ in range(4):
            assert (await client.get(URL)).is_success
        assert replicas.called.count("10.0.0.1") == 1
        replicas.refusing, replicas.now = set(), REMEMBER_SECONDS + 1
        await client.get(URL)
        await client.get(URL)
    assert replicas.called.count("10.0.0.1") == 2


async def test_a_new_replica_is_found() -> None:
    replicas = Replicas("10.0.0.1")
    async with replicas.client() as client:
        await client.get(URL)
        replicas.addresses.append("10.0.0.2")
        replicas.now = REMEMBER_SECONDS + 1
        await client.get(URL)
        await client.get(URL)
    assert set(replicas.called) == {"10.0.0.1", "10.0.0.2"}


async def test_when_all_refuse_the_caller_is_told() -> None:
    replicas = Replicas("10.0.0.1", "10.0.0.2")
    replicas.refusing = {"10.0.0.1", "10.0.0.2"}
    async with replicas.client() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(URL)
        replicas.refusing = set()
        assert (await client.get(URL)).is_success


async def test_an_unknown_name_is_a_connection_error() -> None:
    async with Replicas().client() as client:
        with pytest.raises(httpx.ConnectError, match="not known"):
            await client.get(URL)


async def test_addresses_with_tls_are_left_alone() -> None:
    replicas = Replicas("10.0.0.1")
    async with replicas.client() as client:
        await client.get("https://rag.example/v1")
    assert replicas.called == ["rag.example"]
