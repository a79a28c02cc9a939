"""A model server that misbehaves on request: a process of its own, over real sockets.

``python fake_upstream.py PORT``. The name of the model is its script, as a query: ``say?events=5&fault=cut&after=3``; where names
may have no such characters, ``say-x-events-5--fault-cut--after-3``.

events      words of the answer (default 10)       delay     seconds between events
fault       cut | stall | malformed | error | nofinal | html | error200 | junk | split | nodone
after       events before the fault (default 3)    status    answer with this status instead
first       only the first N requests fail         retry     Retry-After of a refusal, seconds
one         say everything in one packet           nousage   leave usage out
tools       answer with a tool call                lead      seconds before the first byte
says        an event of this text instead of a fault ignores   knows nothing of streams

A model asked to go on does what models do: with its own text as the last message it goes on after it; told to begin with
the last word, it writes that word again, whole. ``GET /log`` lists what was asked, and whether it was read to the end; ``GET /reset`` forgets it.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from urllib.parse import parse_qsl, unquote

import uvloop

WORDS = [f"word{number}" for number in range(10_000)]
log: list[dict] = []
seen: Counter = Counter()


def answer_of(options: dict, body: dict) -> str:
    count = int(options.get("events", 10))
    text = " ".join(WORDS[:count])
    spoken = [one for one in body.get("messages", []) if one["role"] == "assistant" and one.get("content")]
    if not spoken:
        return text
    said = spoken[-1]["content"] if isinstance(spoken[-1]["content"], str) else spoken[-1]["content"][0]["text"]
    if body["messages"][-1]["role"] == "assistant" and text.startswith(said):
        return text[len(said) :]
    last_word = said.split()[-1] if said.split() and not said.endswith(" ") else ""
    if "cut off" in json.dumps(body["messages"][-1]) and text.startswith(said):
        return text[len(said) - len(last_word) :]
    return text


def pieces_of(text: str) -> list[str]:
    words = text.split(" ")
    return [word if index == 0 else f" {word}" for index, word in enumerate(words)]


def chunk(model: str, delta: dict, finish: str | None = None) -> bytes:
    event = {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1, "model": model}
    return json.dumps({**event, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}).encode()


def usage_of(text: str, body: dict) -> dict:
    read, written = len(json.dumps(body.get("messages", ""))) // 4, len(pieces_of(text))
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def events_of(options: dict, body: dict, model: str) -> list[bytes]:
    text = answer_of(options, body)
    if options.get("tools"):
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": ""}}
        parts = [{"role": "assistant", "tool_calls": [call]}]
        parts += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in ('{"path":', '"a.py"}')]
        events, finish = [chunk(model, part) for part in parts], "tool_calls"
    else:
        events, finish = [chunk(model, {"content": piece}) for piece in pieces_of(text)], "stop"
    if options.get("fault") != "nofinal":
        events.append(chunk(model, {}, finish))
        if not options.get("nousage"):
            events.append(
                json.dumps({"id": "x", "model": model, "choices": [], "usage": usage_of(text, body)}).encode()
            )
    return events


def whole_of(options: dict, body: dict, model: str) -> bytes:
    text = answer_of(options, body)
    message: dict = {"role": "assistant", "content": text}
    if options.get("tools"):
        call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"path":"a.py"}'}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choices = [
        {"index": index, "message": message, "finish_reason": "tool_calls" if options.get("tools") else "stop"}
        for index in range(body.get("n") or 1)
    ]
    reply = {"id": "chatcmpl-fake", "object": "chat.completion", "created": 1, "model": model, "choices": choices}
    return json.dumps(reply | ({} if options.get("nousage") else {"usage": usage_of(text, body)})).encode()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            _, path, _ = lines[0].split(" ", 2)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            raw = await reader.readexactly(int(headers.get("content-length", 0)))
            await route(writer, reader, path, headers, json.loads(raw) if raw else {})
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


def refuse_azure(query: str, headers: dict) -> tuple[int, bytes] | None:
    """Azure OpenAI knows no bearer tokens of OpenAI's kind, and wants to be told the version of its API."""
    if not headers.get("api-key"):
        return 401, b'{"error": {"code": "401", "message": "Access denied due to missing subscription key."}}'
    if not dict(parse_qsl(query)).get("api-version"):
        return 404, b'{"error": {"code": "404", "message": "Resource not found"}}'
    return None


async def route(writer, reader, path: str, headers: dict, body: dict) -> None:
    path, _, query = path.partition("?")
    if "/openai/" in path and (refusal := refuse_azure(query, headers)):
        return reply(writer, *refusal)
    if "/deployments/" in path:
        body = {**body, "model": unquote(path.split("/deployments/")[1].split("/")[0]), "azure": True}
    if path == "/log":
        return reply(writer, 200, json.dumps(log).encode())
    if path == "/reset":
        log.clear()
        seen.clear()
        return reply(writer, 200, b"{}")
    if path.endswith("/models"):
        names = [{"id": "real"}, {"id": "adapter"}]
        return reply(writer, 200, json.dumps({"object": "list", "data": names}).encode())
    model = body.get("model", "")
    script = model.partition("?")[2] or model.partition("-x-")[2].replace("--", "&").replace("-", "=")
    options = dict(parse_qsl(script))
    entry = {"path": path, "query": query, "body": body, "read": False}
    entry |= {"authorization": headers.get("authorization"), "api_key": headers.get("api-key")}
    if not options.get("nolog"):
        log.append(entry)
    seen[model] += 1
    failing = seen[model] <= int(options["first"]) if "first" in options else True
    if "lead" in options and failing:
        await asyncio.sleep(float(options["lead"]))
    if failing and "status" in options:
        retry = {"Retry-After": options["retry"]} if "retry" in options else {}
        error = {"message": options.get("message", "it went wrong"), "code": options.get("code")}
        return reply(writer, int(options["status"]), json.dumps({"error": error}).encode(), **retry)
    fault = options.get("fault") if failing else None
    if fault == "html":
        return reply(writer, 200, b"<html><body>Welcome</body></html>", kind="text/html")
    if fault == "junk":
        return reply(writer, 200, b'{"choices": [null]}')
    if fault == "error200":
        return reply(writer, 200, b'{"error": {"message": "quota of the day is used up"}}')
    if path.endswith("/embeddings"):
        inputs = body["input"] if isinstance(body["input"], list) else [body["input"]]
        data = [{"object": "embedding", "index": index, "embedding": [1.0, 0.0]} for index, _ in enumerate(inputs)]
        usage = {"prompt_tokens": 3, "total_tokens": 3}
        return reply(writer, 200, json.dumps({"object": "list", "data": data, "model": model, "usage": usage}).encode())
    if not body.get("stream") or options.get("ignores"):
        reply(writer, 200, whole_of(options, body, model))
        entry["read"] = True
        return None
    return await stream(writer, reader, {**options, "fault": fault}, body, entry)


def reply(writer, status: int, content: bytes, kind: str = "application/json", **headers: str) -> None:
    lines = [f"HTTP/1.1 {status} Reply", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)


async def stream(writer, reader, options: dict, body: dict, entry: dict) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    fault, after, delay = options.get("fault"), int(options.get("after", 3)), float(options.get("delay", 0))
    events = events_of(options, body, body["model"])
    if body.get("azure"):  # its first event tells what its filters think of the prompt, and nothing else
        events.insert(0, json.dumps({"choices": [], "id": "", "model": "", "prompt_filter_results": [{}]}).encode())
    frames = [b"data: " + event + b"\n\n" for event in events] + ([] if fault == "nodone" else [b"data: [DONE]\n\n"])
    if "says" in options:
        frames.insert(after, b"data: " + options["says"].encode() + b"\n\n")
    if options.get("one"):
        frames = [b"".join(frames)]
    gone = asyncio.ensure_future(reader.read(1))
    try:
        await send(writer, frames, gone, (fault, after, delay), entry)
    finally:
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)


async def send(writer, frames: list[bytes], gone, script: tuple, entry: dict) -> None:
    fault, after, delay = script
    await asyncio.sleep(0)
    for position, frame in enumerate(frames):
        if gone.done():
            entry["aborted_at"] = time.time()
            writer.close()
            return
        if fault and position == after and await misbehave(writer, fault, gone, entry):
            return
        if fault == "split":
            for byte in range(0, len(frame), 7):
                writer.write(part(frame[byte : byte + 7]))
                await asyncio.sleep(0)
        else:
            writer.write(part(frame))
        if delay:
            await asyncio.wait([gone], timeout=delay)
        await writer.drain()
    if fault == "nofinal":
        writer.close()
        return
    writer.write(b"0\r\n\r\n")
    entry["read"] = True


async def misbehave(writer, fault: str, gone, entry: dict) -> bool:
    if fault == "cut":
        writer.transport.abort()
    elif fault == "stall":
        await asyncio.wait([gone], timeout=30)
        entry["aborted_at"] = time.time()
        writer.close()
    elif fault == "malformed":
        writer.write(part(b"data: {not json at all\n\n"))
        return False
    elif fault == "error":
        writer.write(part(b'data: {"error": {"message": "the engine died"}}\n\n'))
        writer.close()
    else:
        return False
    return True


def part(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def main(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=2**24)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
