"""A vLLM engine on the CPU with a model that is made here. ``VLLM_PYTHON`` names the Python that has it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from codemuse.testing import free_port

_ENVIRONMENT = {
    "VLLM_TARGET_DEVICE": "cpu",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
}


class Engine:
    """A running engine."""

    def __init__(self, python: str, model: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        command = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model / "base")]
        command += [
            "--served-model-name",
            "tiny",
            "--max-model-len",
            "1024",
            "--enforce-eager",
            "--port",
            str(self.port),
        ]
        command += ["--enable-lora", "--max-lora-rank", "8", "--lora-modules", f"team={model / 'adapter'}"]
        command += ["--enable-auto-tool-choice", "--tool-call-parser", "hermes"]
        # A group of its own: the engine has processes of its own, and all must go.
        self.process = subprocess.Popen(
            command, env={**os.environ, **_ENVIRONMENT}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 180
        while not self.answers():
            assert self.process.poll() is None, "the engine ended while it started"
            assert time.monotonic() < deadline
            time.sleep(0.5)

    def answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def running(self) -> float:
        """How many requests it works on."""
        text = httpx.get(f"http://127.0.0.1:{self.port}/metrics").text
        return sum(
            float(line.split()[-1]) for line in text.splitlines() if line.startswith("vllm:num_requests_running")
        )

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    python = os.environ["VLLM_PYTHON"]
    folder = tmp_path_factory.mktemp("model")
    subprocess.run([python, str(Path(__file__).parent / "tiny_model.py"), str(folder)], check=True, capture_output=True)
    return python, folder


@pytest.fixture(scope="session")
def engine(tiny_model: tuple[str, Path]) -> Iterator[Engine]:
    engine = Engine(*tiny_model)
    yield engine
    engine.kill()


@pytest.fixture
def start_engine(tiny_model: tuple[str, Path]) -> Iterator[Callable[[], Engine]]:
    """Starts engines that a test may kill."""
    started: list[Engine] = []

    def start() -> Engine:
        started.append(Engine(*tiny_model))
        return started[-1]

    yield start
    for engine in started:
        engine.kill()


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"first_token_seconds": 60.0, "stall_seconds": 30.0})
