"""What callers are told about a network that works, and about one that does not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr

from codemuse.errors import Unavailable
from codemuse.http import ServiceAddress, open_service_client
from codemuse.network import AiohttpTransport
from codemuse.request_context import begin_request

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUICK = {"timeout": httpx.Timeout(0.3).as_dict()}


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def exchange(transport: AiohttpTransport, request: httpx.Request) -> httpx.Response:
    response = await transport.handle_async_request(request)
    try:
        await response.aread()
    finally:
        await response.aclose()
    return response


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    async with AiohttpTransport() as opened:
        yield opened


async def test_a_request_arrives_as_it_was_built(transport):
    heard = []

    async def answer(reader, writer):
        head = await head_of(reader)
        heard.append((head, await reader.readexactly(4)))
        writer.write(b"HTTP/1.1 201 Created\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: 2\r\n\r\nok")

    async with server(answer) as url:
        request = httpx.Request("POST", f"{url}/a%2Fb?q=%20", content=b"body", headers={"X-One": "1"}, extensions=QUICK)
        response = await exchange(transport, request)
        assert (response.status_code, response.content) == (201, b"ok")
    assert response.headers.get_list("x-two") == ["a", "b"]
    head, body = heard[0]
    assert head.startswith(b"POST /a%2Fb?q=%20 HTTP/1.1\r\n")
    assert b"x-one: 1" in head.lower()
    assert body == b"body"


async def test_an_upload_is_sent_with_its_length(transport):
    async def answer(reader, writer):
        head = await head_of(reader)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    async with server(answer) as url:
        request = httpx.Request("POST", url, files={"archive": ("a.zip", b"x" * 100_000)}, extensions=QUICK)
        assert b"x" * 100_000 in (await exchange(transport, request)).content


async def test_a_connection_is_used_again(transport):
    connections = []

    async def answer(reader, writer):
        connections.append(writer)
        while await head_of(reader):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with server(answer) as url:
        for _ in range(3):
            assert (await exchange(transport, httpx.Request("GET", url, extensions=QUICK))).content == b"ok"
        assert len(connections) == 1
        await transport.aclose()


async def test_a_redirect_is_not_followed(transport):
    async def answer(reader, writer):
        await head_of(reader)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n")

    async with server(answer) as url:
        assert (await exchange(transport, httpx.Request("GET", url, extensions=QUICK))).status_code == 302


async def test_a_stream_that_is_left_is_hung_up(transport):
    left = asyncio.Event()

    async def answer(reader, writer):
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        await reader.read()
        left.set()

    async with server(answer) as url:
        response = await transport.handle_async_request(httpx.Request("GET", url, extensions=QUICK))
        async for piece in response.aiter_bytes():
            assert piece == b"first"
            break
        await response.aclose()
        await asyncio.wait_for(left.wait(), 2)


async def closed(reader, writer):
    await head_of(reader)


async def reset(reader, writer):
    await head_of(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def silent(reader, writer):
    await asyncio.sleep(2)


async def nonsense(reader, writer):
    await head_of(reader)
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


async def broken_off(reader, writer):
    await head_of(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (closed, httpx.RemoteProtocolError),
        (reset, httpx.ReadError),
        (silent, httpx.ReadTimeout),
        (nonsense, httpx.RemoteProtocolError),
        (broken_off, httpx.ReadError),
    ],
)
async def test_what_went_wrong_is_told_in_httpxs_words(transport, answer, error):
    async with server(answer) as url:
        with pytest.raises(error):
            await exchange(transport, httpx.Request("GET", url, extensions=QUICK))


async def test_a_refused_connection_is_a_connect_error(transport):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(httpx.ConnectError):
        await transport.handle_async_request(httpx.Request("GET", f"http://127.0.0.1:{port}", extensions=QUICK))


async def test_an_upload_that_nobody_reads_is_given_up_in_time():
    begin_request()
    async with server(silent) as url:
        address = ServiceAddress("rag-server", url, SecretStr("a token"))
        async with open_service_client(address) as client, asyncio.timeout(1.5):
            with pytest.raises(Unavailable) as raised:
                await client.fetch("POST", "/", content=b"x" * 2**24, idempotent=False, timeout_seconds=0.3)
    assert raised.value.public_code == "service_timeout"
