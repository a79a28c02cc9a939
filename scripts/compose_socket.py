"""Asks one question over the chat's WebSocket, as the web app does, and prints how the answer came.

``python scripts/compose_socket.py URL EMAIL PASSWORD QUESTION``; a part of ``scripts/compose_test.sh``.
"""

import asyncio
import sys
import time
import uuid
from collections import Counter

import httpx
import orjson
from websockets.asyncio.client import connect
from websockets.typing import Origin

PATIENCE_SECONDS = 60


async def ask(url: str, email: str, password: str, question: str) -> int:
    """Sign in, open the socket, ask, read to the end; returns the exit status."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        tokens = (await client.post("/api/v1/auth/login", json={"email": email, "password": password})).json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        session = (await client.post("/api/v1/chat/sessions", json={})).json()
        ticket = (await client.post("/api/v1/chat/ws-tickets")).json()["ticket"]
    address = url.replace("http", "ws", 1) + f"/api/v1/chat/ws?ticket={ticket}"
    seen: Counter[str] = Counter()
    async with asyncio.timeout(PATIENCE_SECONDS), connect(address, origin=Origin(url), proxy=None) as socket:
        began = time.perf_counter()
        frame = {"type": "ask", "session_id": session["id"], "request_id": uuid.uuid4().hex, "content": question}
        await socket.send(orjson.dumps(frame).decode())
        first_token = None
        async for message in socket:
            kind = orjson.loads(message)["type"]
            seen[kind] += 1
            if kind == "token" and first_token is None:
                first_token = time.perf_counter() - began
            if kind in ("done", "error"):
                break
    counts = ", ".join(f"{count} {kind}" for kind, count in seen.items())
    print(f"first token after {1000 * (first_token or 0):.0f} ms; events: {counts}")
    return 0 if seen["message"] == 1 and seen["done"] == 1 and first_token is not None else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(ask(*sys.argv[1:5])))
