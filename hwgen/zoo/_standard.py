"""Features as standard scores of healthy ones, in torch and in the graph."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.table import Table
from hwgen.training.design import State
from hwgen.zoo._graph import Wiring

_LEAST = 1e-6
"""Of a feature's largest value: a spread below that is none."""


class Standard(nn.Module):
    """``(x - mean) / scale`` of each feature; the two are measured, not trained.

    Until `measure` they are 0 and 1.

    Parameters
    ----------
    features
        How many.
    limit
        Standard deviations at which a feature ends; it is then in units of the limit, -1 to 1.
    """

    mean: Tensor
    scale: Tensor
    limit: Tensor

    def __init__(self, features: int, limit: float | None = None) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))
        self.register_buffer("limit", torch.tensor(math.inf if limit is None else limit))

    @torch.no_grad()
    def measure(self, x: Tensor, floor: float = 0.0) -> None:
        """Take mean and standard deviation of features ``(n, features)``.

        A feature that is the same in all of them is divided by a usual deviation: nothing is
        known of how far it may be off.

        Parameters
        ----------
        floor
            Of features of one unit: what has this share of the root mean square of all is added to
            each deviation, as noise is. Else bins in which there is next to nothing count as much
            as all others, and what a transform in integers rounds there is all that is seen.
        """
        x = x.double()
        deviation, mean = x.std(dim=0, correction=0), x.mean(dim=0)
        there = deviation > _LEAST * x.abs().amax(dim=0)
        usual = deviation[there].median() if there.any() else torch.ones(())
        self.mean.copy_(mean)
        scale = torch.where(there, deviation, usual)
        self.scale.copy_(torch.hypot(scale, floor * x.square().mean().sqrt()))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(n, features)``."""
        z = (x - self.mean) / self.scale
        return z if torch.isinf(self.limit) else functional.hardtanh(z / self.limit)


def standardised(wiring: Wiring, key: str, source: str, state: State) -> str:
    """Add what `Standard` does, as a value of one position; return its name.

    It is a depthwise convolution: of what several read, a batch normalisation could not be folded.
    """
    mean, scale, limit = (state[f"{key}.{end}"] for end in ("mean", "scale", "limit"))
    row = wiring.add(Reshape(f"{key}_features", len(mean)), source)
    if np.isfinite(limit):
        scale = scale * limit
    weight = (1 / scale)[:, np.newaxis, np.newaxis]
    made = Conv1d(key, weight, -mean / scale, 1, 0, relu=False, groups=len(mean))
    scores = wiring.add(made, row)
    return wiring.add(Table(f"{key}_limit", "hardtanh"), scores) if np.isfinite(limit) else scores
