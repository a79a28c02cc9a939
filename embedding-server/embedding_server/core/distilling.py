"""Makes the static model out of the transformer, in a process of its own.

Distilling takes some ten seconds of all cores. In a child process it leaves the event loop, the compute thread and the
memory of the serving process alone.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from model2vec.distill import distill

from embedding_server.core.files import folder_made_once

DIMENSIONS = 256


def distilled_folder(folder: Path, teacher: Path) -> Path:
    """The static model on disk, distilled first if it is not there yet.

    Args:
        folder: Where it is kept; the name must change with the teacher's weights.
        teacher: Folder of the transformer.
    """

    def make(target: Path) -> None:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as child:
            child.submit(_distil, str(teacher), target).result()

    return folder_made_once(folder, make)


def _distil(teacher: str, target: Path) -> None:
    distill(teacher, device="cpu", pca_dims=DIMENSIONS).save_pretrained(target)
