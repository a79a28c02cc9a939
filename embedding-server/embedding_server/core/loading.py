"""Brings the configured models into memory, one after the other, off the event loop."""

from pathlib import Path

from codemuse.logging import get_logger
from embedding_server.core.backend import Backend
from embedding_server.core.probe import machine_key, probe, probe_workers, remembered_or_probed
from embedding_server.core.registry import ModelPlan
from embedding_server.core.weights import Weights, find_weights, model_id_of

_log = get_logger(__name__)

STATIC_MODEL = "static"


class ModelLoader:
    """Loads the transformer, then the static model that is distilled from it.

    torch and its kin are imported here on first use: they take seconds, and the port must be open before that.
    """

    def __init__(self, name: str, *, device: str, threads: int, models_folder: Path) -> None:
        self._name = name
        self._device = device
        self._threads = threads
        self._models_folder = models_folder

    def plans(self) -> dict[str, ModelPlan]:
        """The pair that an index is made with, by model id, in the order in which they are loaded."""
        return {model_id_of(self._name): ModelPlan(self.load_transformer), STATIC_MODEL: ModelPlan(self.load_static)}

    def plan_of_another(self) -> dict[str, ModelPlan]:
        """The transformer alone, once somebody asks for it."""
        return {model_id_of(self._name): ModelPlan(self.load_transformer, at_start=False)}

    def load_transformer(self) -> Backend:
        """Load the transformer in the precision, and for as many batches side by side, as the probe chose."""
        import torch

        from embedding_server.core.transformer import (
            PRECISIONS,
            TransformerBackend,
            choose_device,
            count_cores,
            load_model,
        )

        weights = find_weights(self._name)
        device = choose_device(self._device)
        model = load_model(weights, device)
        cores = count_cores(device)
        name = torch.cuda.get_device_name() if device == "cuda" else device
        report = remembered_or_probed(
            self._folder(weights) / "probe.json",
            machine_key(torch.__version__, name, str(cores), weights.fingerprint, *PRECISIONS[device]),
            lambda: probe(
                lambda precision: TransformerBackend(model, weights, precision, workers=1), PRECISIONS[device]
            ),
            lambda precision: probe_workers(TransformerBackend(model, weights, precision, workers=1), cores),
        )
        _log.info("precision and threads chosen", **report.model_dump())
        return TransformerBackend(model, weights, report.chosen, workers=self._threads or report.workers)

    def load_static(self) -> Backend:
        """Load the static model; distil it first if this data folder does not hold it yet."""
        from embedding_server.core.distilling import distilled_folder
        from embedding_server.core.static import StaticBackend

        weights = find_weights(self._name)
        folder = self._folder(weights)
        kept = folder.with_name(f"{folder.name}-static-{weights.fingerprint[:12]}")
        return StaticBackend(distilled_folder(kept, weights.folder), weights.fingerprint)

    def _folder(self, weights: Weights) -> Path:
        return self._models_folder / weights.model_id.replace("/", "--")
