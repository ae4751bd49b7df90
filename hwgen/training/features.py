"""Integer features of many windows: what the layers that can learn have as their input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hwgen import golden
from hwgen.errors import InputError
from hwgen.network import SAMPLES, Floats, Network
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.samples import digitise
from hwgen.training.sources import Labels, Source

BATCH = 64
"""Windows at a time: the golden model is fastest where its integers fit the cache."""


@dataclass(frozen=True, eq=False)
class Features:
    """Windows as the layers that read them give them, which have no weights.

    Parameters
    ----------
    x
        ``(n, *shape)`` integers of each such layer, by its name, in a narrow type.
    labels
        ``(n,)``.
    guide
        ``(n, classes)`` logits of the float network.
    """

    x: dict[str, Tensor]
    labels: Tensor
    guide: Tensor


def features_of(
    network: Network, model: QuantizedModel, windows: Floats, labels: Labels
) -> Features:
    """Return the features of windows in g ``(n, *input_shape)``, by the golden model."""
    ops = sources(model)
    x = {op.name: np.empty((len(windows), *op.output.shape), dtype=_dtype(op)) for op in ops}
    for first in range(0, len(windows), BATCH):
        part = digitise(windows[first : first + BATCH], model.bits)
        for op in ops:
            x[op.name][first : first + BATCH] = golden.run_op(op, part)
    guide = network.run(windows * model.input_scale).astype(np.float32)
    tensors = {name: torch.from_numpy(values) for name, values in x.items()}
    return Features(tensors, torch.tensor(labels), torch.from_numpy(guide))


def sources(model: QuantizedModel) -> tuple[QuantizedOp, ...]:
    """Return the ops that read samples.

    Raises
    ------
    InputError
        If one of them has weights: its gradient would need the samples themselves.
    """
    ops = tuple(node.op for node in model.graph.readers(SAMPLES))
    for op in ops:
        if hasattr(op, "weight"):
            raise InputError(f"{op.name} has weights and must not read samples to be fine-tuned")
    return ops


def _dtype(op: QuantizedOp) -> type[np.generic]:
    fmt = op.output.fmt
    narrow = (np.uint8, np.int8, np.int16)
    fits = (t for t in narrow if np.iinfo(t).min <= fmt.min and fmt.max <= np.iinfo(t).max)
    return next(fits, np.int32)


def gather_features(
    network: Network,
    model: QuantizedModel,
    source: Source,
    count: int,
    rng: np.random.Generator,
    gathered: Callable[[], None],
) -> Features:
    """Return `count` windows of `source`; `gathered` is called after every `BATCH` of them."""
    parts = []
    for first in range(0, count, BATCH):
        part = features_of(network, model, *source.sample(min(BATCH, count - first), rng))
        parts.append(part)
        gathered()
    return Features(
        {name: torch.cat([part.x[name] for part in parts]) for name in parts[0].x},
        torch.cat([part.labels for part in parts]),
        torch.cat([part.guide for part in parts]),
    )
