"""The index is killed in the middle of writing, or its models change: afterwards it equals what the commits say."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sentence_transformers import SentenceTransformer

from codemuse.native.temporary import running_instance
from embedding_server.core.weights import BUNDLED_MODEL, find_weights

pytestmark = pytest.mark.timeout(600)

FILES = 120
KILLS = 4


def chunks_of(platform, repository_id: str, files: dict[str, str]) -> dict[str, tuple[str, int, int, str]]:
    """Every chunk that a reader can find, by id."""
    found = {}
    for path in files:
        query = {"mode": "keyword", "repository_ids": [repository_id], "limit": 100}
        for hit in platform.search(f"path:{path}", **query):
            found[hit["chunk_id"]] = (hit["path"], hit["start_line"], hit["end_line"], hit["text"])
    return found


def files_of(seed: str, count: int = FILES) -> dict[str, str]:
    return {
        f"pkg/module_{number}.py": "\n\n".join(
            f'def compute_{seed}_{number}_{part}(value):\n    """Compute part {part} of {seed} in {number}."""\n    return value * {part}'
            for part in range(12)
        )
        for number in range(count)
    }


def signed_in(platform) -> Callable[[str, str], httpx.Response]:
    """Calls as the administrator, who signs in once: logins are limited."""
    headers = {"Authorization": f"Bearer {platform.sign_in()}"}
    return lambda method, path: platform.client.request(method, f"/api/v1{path}", headers=headers)


def test_a_store_killed_while_it_is_written_to_ends_up_like_a_fresh_one(platform, archive_of) -> None:
    files = files_of("slaughter")
    reply = platform.post_archive("slaughter", archive_of(files))
    run_id, repository_id = reply.json()["run"]["id"], reply.json()["repository"]["id"]
    pid_file, kills = platform.instance.layout.pid_file("rag-server"), set()
    deadline = time.monotonic() + 240
    while len(kills) < KILLS and time.monotonic() < deadline:
        run = platform.client.get(f"/api/v1/runs/{run_id}").json()
        states = {step["name"]: step["status"] for step in run["steps"]}
        if states["index"] in {"succeeded", "failed"}:
            break
        pid = int(pid_file.read_text())
        if "running" in {states["analyse"], states["index"]} and pid not in kills:
            time.sleep(random.uniform(0.05, 0.6))
            os.kill(pid, 9)
            kills.add(pid)
        time.sleep(0.02)
    assert kills, "the run was over before anything was killed"
    assert platform.wait(run_id, 240)["status"] == "succeeded"
    held = chunks_of(platform, repository_id, files)
    assert {path for path, *_ in held.values()} == set(files)
    rebuilt = signed_in(platform)("POST", "/index/rebuild")
    assert rebuilt.status_code == 202, rebuilt.text
    run = platform.wait(rebuilt.json()["run"]["id"], 240)
    assert run["status"] == "succeeded", run
    assert chunks_of(platform, repository_id, files) == held


@pytest.fixture
def smaller_model(tmp_path: Path) -> Path:
    """A second transformer: the bundled one without its upper layers."""
    model = SentenceTransformer(str(find_weights(BUNDLED_MODEL).folder), device="cpu")
    encoder = model[0].auto_model.encoder
    encoder.layer = encoder.layer[:2]
    model[0].auto_model.config.num_hidden_layers = 2
    folder = tmp_path / "two-layers"
    model.save(str(folder))
    return folder


def test_another_model_gets_an_index_of_its_own(smaller_model, tmp_path, platform_of, shop_files, monkeypatch) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with running_instance(data) as instance:
        platform = platform_of(instance)
        shop = platform.index("shop", shop_files)
        before = signed_in(platform)("GET", "/index").json()
    monkeypatch.setenv("EMBEDDING_MODEL", str(smaller_model))
    monkeypatch.setenv("EMBEDDING_MODELS", str(tmp_path / "models"))
    with running_instance(data) as instance:
        platform = platform_of(instance)
        call = signed_in(platform)
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            index = call("GET", "/index").json()
            assert platform.search("charge_credit_card", repository_ids=[shop["id"]]), "keyword search never stops"
            if index["state"] == "open" and index["collection"] != before["collection"]:
                break
            time.sleep(0.5)
        assert index["models"] != before["models"]
        assert (index["chunk_count"], index["build"]) == (before["chunk_count"], None)
        hits = platform.search("How is a customer billed?", mode="semantic", repository_ids=[shop["id"]])
        assert hits
        assert platform.client.get("/api/v1/health").json()["services"]["rag-server"]["status"] == "ok"
