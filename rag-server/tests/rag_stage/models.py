"""An embedding-server over a real socket whose models can be changed: vectors of different models have nothing in common."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np


class ModelServer:
    """Serves a static model and a transformer; words decide their vectors."""

    def __init__(self) -> None:
        self.models: list[dict[str, Any]] = []
        self.embedded: list[str] = []
        """Texts that were embedded in bulk."""
        self.broken = False
        """Whether it lists models and embeds nothing."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer({"object": "list", "data": outer.models})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if outer.broken:
                    self.answer({"error": "broken", "message": "The models failed."}, 503)
                elif self.path == "/api/v1/questions":
                    vectors = {name: outer.encode(name, body["text"]) for name in body["models"]}
                    self.answer({"vectors": vectors})
                else:
                    texts = body["input"]
                    outer.embedded += texts
                    data = [{"index": n, "embedding": outer.encode(body["model"], t)} for n, t in enumerate(texts)]
                    usage = {"prompt_tokens": 1, "total_tokens": 1}
                    self.answer({"data": data, "model": body["model"], "usage": usage})

            def answer(self, body: dict[str, Any], status: int = 200) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, fingerprint: str, dimensions: int = 8, *, dense: str = "", dense_dimensions: int = 16) -> None:
        """Serve models with these fingerprints from now on."""
        self.models = [
            {"id": "static", "kind": "static", "dimensions": dimensions, "fingerprint": f"static-{fingerprint}"},
            {
                "id": "big",
                "kind": "transformer",
                "dimensions": dense_dimensions,
                "fingerprint": f"big-{dense or fingerprint}",
            },
        ]

    def encode(self, name: str, text: str) -> str:
        model = next(model for model in self.models if model["id"] == name)
        vector = np.full(model["dimensions"], 1e-3, dtype=np.float32)
        for word in text.lower().split():
            digest = hashlib.sha256(f"{model['fingerprint']} {word}".encode()).digest()
            vector[digest[0] % model["dimensions"]] += 1
        return base64.b64encode((vector / np.linalg.norm(vector)).astype("<f4").tobytes()).decode()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
