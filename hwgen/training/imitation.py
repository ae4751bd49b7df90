"""What fine-tuning minimises, and how it tells a better integer network from a worse one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hwgen import golden
from hwgen.metrics import macro_f1
from hwgen.quantized import QuantizedModel
from hwgen.training.features import Features
from hwgen.training.losses import cross_entropy, distillation

_BATCH = 256


@dataclass(frozen=True)
class Imitation:
    """``hard * cross-entropy + soft * distillation`` from the float network.

    Without the second term the integer network drifts to what the windows it sees suggest, and
    does worse on others than the float network, which saw more of them.

    Parameters
    ----------
    hard, soft
        Weights.
    temperature
        Of the distillation.
    """

    hard: float = 0.1
    soft: float = 0.9
    temperature: float = 2.0

    def __call__(self, logits: Tensor, labels: Tensor, guide: Tensor) -> Tensor:
        """Return the mean loss of logits ``(n, classes)``; `guide` are the float network's."""
        hard = cross_entropy(logits, labels)
        return self.hard * hard + self.soft * distillation(logits, guide, self.temperature)


@dataclass(frozen=True, order=True)
class Score:
    """Better ones are greater: by F1, then by how near they are to the float network.

    Parameters
    ----------
    f1
        Macro-F1.
    nearness
        Distillation loss, negative: it tells apart what errs on the same windows, and a start that
        is as good as its float network stays as it is.
    """

    f1: float
    nearness: float


def score(model: QuantizedModel, features: Features, temperature: float) -> Score:
    """Return how the integer network does on features of labelled windows."""
    logits = _logits(model, features)
    f1 = macro_f1(features.labels.numpy(), golden.classify(logits), logits.shape[1])
    real = torch.from_numpy((logits * model.logits.scale).astype(np.float32))
    return Score(f1, -float(distillation(real, features.guide, temperature)))


def _logits(model: QuantizedModel, features: Features) -> np.ndarray:
    """Return integer logits ``(n, classes)``, by the golden model."""
    name = model.graph.logits_name()
    parts = []
    for first in range(0, len(features.labels), _BATCH):
        part = {
            name: values[first : first + _BATCH].numpy().astype(np.int64)
            for name, values in features.x.items()
        }
        parts.append(model.graph.walk(golden.run_node, part, keep=(name,))[name])
    return np.concatenate(parts)
