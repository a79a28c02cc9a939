"""Every diagram of a set of documents is drawn by the app.

``DIAGRAM_REPOSITORIES`` names git folders, separated by colons; ``make diagrams`` draws those of all of them.
"""

import io
import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

FENCE = re.compile(r"^```mermaid\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
AT_ONCE = 25
PATIENCE_MS = 120_000
"""So many diagrams at once take a busy machine a while."""
HERE = Path(__file__).parents[2]
FOLDERS = [folder for folder in os.environ.get("DIAGRAM_REPOSITORIES", "").split(":") if folder]


def pack(folder, *paths):
    done = subprocess.run(
        ["git", "-C", str(folder), "archive", "--format=tar.gz", "--prefix=x/", "HEAD", *paths],
        capture_output=True,
        check=True,
    )
    return {"archive": ("x.tar.gz", io.BytesIO(done.stdout))}


def index(app, name, files):
    reply = app.client.post("/api/v1/repositories", files=files, data={"name": name}).raise_for_status().json()
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        run = app.client.get(f"/api/v1/runs/{reply['run']['id']}").json()
        if any(step["name"] == "document" and step["status"] == "succeeded" for step in run["steps"]):
            return reply["repository"]["id"]
        assert run["status"] not in {"failed", "cancelled"}, run
        time.sleep(0.2)
    raise AssertionError("the documents were not written")


def diagrams_of(app, repository_id):
    params = {"repository_id": repository_id, "format": "json"}
    pages = app.client.get("/api/v1/documents/export", params=params).raise_for_status().json()["pages"]
    return [(page["file"], source) for page in pages for source in FENCE.findall(page["content"])]


def draw(visitor, app, shop, diagrams):
    """Put diagrams on a page of another repository, some at a time, and look at it."""
    params = {"repository_id": shop["id"]}
    target = app.client.get("/api/v1/documents", params=params).json()["items"][0]
    for start in range(0, len(diagrams), AT_ONCE):
        part = diagrams[start : start + AT_ONCE]
        text = "\n\n".join(f"## {file}\n\n```mermaid\n{source}\n```" for file, source in part)
        app.client.put(
            f"/api/v1/documents/{target['id']}", json={"content": f"# Diagrams\n\n{text}\n"}
        ).raise_for_status()
        page = visitor.enter(f"/docs/{shop['id']}/{target['id']}")
        drawn = expect(page.locator("article .diagram img"), f"diagrams of {part[0][0]} to {part[-1][0]}")
        drawn.to_have_count(len(part), timeout=PATIENCE_MS)
        widths = page.locator("article .diagram img").evaluate_all("all => all.map(one => one.naturalWidth)")
        assert all(width > 0 for width in widths), part
    assert visitor.complaints == []


@pytest.mark.timeout(600)
def test_every_diagram_of_a_document_set_is_drawn(visit, app, shop_indexed) -> None:
    diagrams = diagrams_of(app, index(app, "docgen", pack(HERE, "docgen-server/docgen_server")))

    assert len(diagrams) > 10
    draw(visit(), app, shop_indexed, diagrams)


@pytest.mark.skipif(not FOLDERS, reason="DIAGRAM_REPOSITORIES names no repositories")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_diagram_of_a_repository_is_drawn(visit, app, shop_indexed, folder) -> None:
    name = Path(folder).name if Path(folder).name != "repo" else Path(folder).parent.name.replace("+", "-")
    diagrams = diagrams_of(app, index(app, name, pack(folder)))

    print(f"{name}: {len(diagrams)} diagrams")
    draw(visit(), app, shop_indexed, diagrams)
