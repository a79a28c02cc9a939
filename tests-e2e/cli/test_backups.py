"""The restore drill through the command line, against a running installation: back up, lose, restore, find the same."""

import json

import httpx
import pytest
from dotenv import dotenv_values

QUESTIONS = ("How is a credit card charged?", "place_order", "환불")


@pytest.fixture
def as_admin(codemuse, instance):
    done = codemuse("login", "--email", instance.email, CODEMUSE_PASSWORD=instance.password, CODEMUSE_API_KEY="")
    assert done.returncode == 0, done.stderr

    def run(*arguments: str):
        return codemuse(*arguments, CODEMUSE_API_KEY="")

    return run


def found(platform, repository) -> list[list[tuple[str, str, float]]]:
    return [
        [(hit["chunk_id"], hit["path"], round(hit["score"], 3)) for hit in hits]
        for hits in (platform.search(question, repository_ids=[repository["id"]]) for question in QUESTIONS)
    ]


def lose(platform, repository) -> None:
    """Remove a repository from the index behind the platform's back."""
    layout = platform.instance.layout
    organisation = platform.client.get("/api/v1/auth/me").json()["organisation_id"]
    reply = httpx.delete(
        f"http://127.0.0.1:{layout.rag_port}/api/v1/repositories/{repository['id']}",
        params={"organisation_id": organisation},
        headers={"Authorization": f"Bearer {dotenv_values(layout.secrets)['SERVICE_TOKEN']}"},
    )
    assert reply.status_code == 200, reply.text


def test_what_was_lost_is_restored(as_admin, platform, shop) -> None:
    before = found(platform, shop)
    assert all(before)
    made = as_admin("backup", "create", "--json")
    assert made.returncode == 0, made.stderr + made.stdout
    backup = json.loads(made.stdout)["steps"][0]["detail"]["backup"]
    listed = as_admin("backup", "list")
    assert backup in listed.stdout
    later = platform.index("after-the-backup", {"later.py": "def arrived_later():\n    return 1\n"})
    lose(platform, shop)
    assert platform.search(QUESTIONS[0], repository_ids=[shop["id"]]) == []
    restored = as_admin("backup", "restore", "latest", "--yes", "--json")
    assert restored.returncode == 0, restored.stderr + restored.stdout
    report = next(step for step in json.loads(restored.stdout)["steps"] if step["name"] == "swap")["detail"]
    assert (report["missing"], report["differing"]) == (0, 0), report
    assert found(platform, shop) == before
    assert platform.search("arrived_later", repository_ids=[later["id"]])
    assert as_admin("backup", "delete", backup, "--yes").returncode == 0
    assert backup not in as_admin("backup", "list").stdout


def test_the_index_is_made_anew_without_a_backup(as_admin, platform, shop) -> None:
    before = found(platform, shop)
    lose(platform, shop)
    rebuilt = as_admin("index", "rebuild", "--wait")
    assert rebuilt.returncode == 0, rebuilt.stderr + rebuilt.stdout
    # Vectors are computed in other batches than before: in the last digits they differ.
    for hits, hits_before in zip(found(platform, shop), before, strict=True):
        assert [hit[:2] for hit in hits] == [hit[:2] for hit in hits_before]
        assert [hit[2] for hit in hits] == pytest.approx([hit[2] for hit in hits_before], abs=0.02)


def test_it_is_for_administrators_and_says_what_is_wrong(codemuse, as_admin) -> None:
    assert codemuse("backup", "list").returncode == 5, "an API key is no administrator"
    missing = as_admin("backup", "restore", "0" * 32, "--yes")
    assert (missing.returncode, "no such backup" in missing.stderr) == (5, True)
