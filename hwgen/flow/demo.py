"""The demonstration's checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hwgen import lock
from hwgen.flow import stage
from hwgen.flow.stage import Say

_NAME = "synthetic.pt"


def checkpoint(
    folder: Path, *, epochs: int, progress: Callable[[int, int, float], None], say: Say
) -> Path:
    """Train on synthetic signals unless that has been done; return the checkpoint's path."""
    place = folder / "train"

    def work() -> dict[str, float]:
        from hwgen.flow.train import TrainingOptions, train_checkpoint

        say("train: ten classes of synthetic bearing vibration")
        options = TrainingOptions(epochs=epochs)
        return train_checkpoint("synthetic", place / _NAME, options, say=say, progress=progress)

    with lock.folder(folder, make=True):
        stage.run("train", place, {"epochs": epochs}, (_NAME,), work, say=say)
    return place / _NAME
