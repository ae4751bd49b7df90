"""The demonstration's checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hwgen import lock
from hwgen.flow import stage
from hwgen.flow.stage import Say, StageResult

_NAME = "synthetic.pt"


@dataclass(frozen=True)
class Trained(StageResult):
    """A network that was trained.

    Parameters
    ----------
    metrics
        Of `hwgen.flow.train.train_checkpoint`.
    """

    metrics: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return the metrics by name."""
        return dict(self.metrics)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        return cls(value)


def checkpoint(
    folder: Path, *, epochs: int, progress: Callable[[int, int, float], None], say: Say
) -> Path:
    """Train on synthetic signals unless that has been done; return the checkpoint's path."""
    place = folder / "train"

    def work() -> Trained:
        from hwgen.flow.train import TrainingOptions, train_checkpoint

        say("train: ten classes of synthetic bearing vibration")
        options = TrainingOptions(epochs=epochs)
        output = place / _NAME
        return Trained(train_checkpoint("synthetic", output, options, say=say, progress=progress))

    with lock.folder(folder, make=True):
        stage.run("train", place, {"epochs": epochs}, (_NAME,), work, kind=Trained, say=say)
    return place / _NAME
