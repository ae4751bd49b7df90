"""Integer features of many windows: what the layers that can learn have as their input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hwgen import golden
from hwgen.network import Floats, Network
from hwgen.quantized import QuantizedModel
from hwgen.quantized.samples import digitise
from hwgen.training.sources import Labels, Source

BATCH = 64
"""Windows at a time: the golden model is fastest where its integers fit the cache."""


@dataclass(frozen=True, eq=False)
class Features:
    """Windows as the first op gives them, which has no parameters.

    Parameters
    ----------
    x
        ``(n, *shape)`` integers, in a narrow type.
    labels
        ``(n,)``.
    guide
        ``(n, classes)`` logits of the float network.
    """

    x: Tensor
    labels: Tensor
    guide: Tensor


def features_of(
    network: Network, model: QuantizedModel, windows: Floats, labels: Labels
) -> Features:
    """Return the features of windows in g ``(n, samples)``, by the golden model."""
    op = model.ops[0]
    dtype = np.uint8 if op.output.fmt.min >= 0 and op.output.fmt.max < 256 else np.int32
    x = np.empty((len(windows), *op.output.shape), dtype=dtype)
    for first in range(0, len(windows), BATCH):
        part = digitise(windows[first : first + BATCH], model.bits)
        x[first : first + BATCH] = golden.run_op(op, part)
    guide = network.run(windows * model.input_scale).astype(np.float32)
    return Features(torch.from_numpy(x), torch.tensor(labels), torch.from_numpy(guide))


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
        parts.append((part.x, part.labels, part.guide))
        gathered()
    x, labels, guide = (torch.cat(column) for column in zip(*parts, strict=True))
    return Features(x, labels, guide)
