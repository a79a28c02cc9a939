"""A language model whose words the tests choose: it streams, slowly where a test wants to interrupt it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLOW = "Take your time"
SLOW_WORDS = [f"word{number} " for number in range(120)]
DEFAULT = "The payment provider charges the card [1].\n\n```python\ndef answer():\n    return 42\n```\n"


class ModelServer:
    """Speaks OpenAI's chat completions; ``answers`` maps a part of a question to what is said."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.url = ""

    def words(self, question: str) -> tuple[list[str], float]:
        """What is said, in pieces, and the seconds between them."""
        if SLOW in question:
            return SLOW_WORDS, 0.05
        said = next((answer for part, answer in self.answers.items() if part in question), DEFAULT)
        return [said[start : start + 40] for start in range(0, len(said), 40)], 0.0


@contextmanager
def running_model_server() -> Iterator[ModelServer]:
    """Serve on a free port."""
    model = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            pieces, pause = model.words(body["messages"][-1]["content"])
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                for piece in pieces:
                    self._event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
                    time.sleep(pause)
                self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
                self.wfile.write(b"data: [DONE]\n\n")
            except (BrokenPipeError, ConnectionResetError):
                return

        def _event(self, event: dict[str, Any]) -> None:
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
