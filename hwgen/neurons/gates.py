"""Gates that learn to be shut: the hard concrete distribution.

C. Louizos, M. Welling, D. Kingma, "Learning sparse neural networks through L0 regularization",
ICLR 2018; equations (10) to (13), with the published constants.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

TEMPERATURE = 0.66
LOW, HIGH = -0.1, 1.1
"""To what the concrete variable in 0..1 is stretched, before it is clipped to 0..1 again."""

SHIFT = -TEMPERATURE * math.log(-LOW / HIGH)
"""1.583: what the chance of being open adds to ``log alpha``."""

OPENED = math.log(0.9 / 0.1)
"""``log alpha`` to begin with."""


def drawn(log_alpha: Tensor, generator: torch.Generator) -> Tensor:
    """Return a random gate in 0..1 for each, with a gradient to `log_alpha`."""
    u = torch.rand(log_alpha.shape, generator=generator, dtype=log_alpha.dtype)
    u = u.clamp(1e-6, 1 - 1e-6)
    concrete = torch.sigmoid((torch.log(u) - torch.log1p(-u) + log_alpha) / TEMPERATURE)
    return _stretched(concrete)


def settled(log_alpha: Tensor) -> Tensor:
    """Return the gates without chance."""
    return _stretched(torch.sigmoid(log_alpha))


def chance(log_alpha: Tensor) -> Tensor:
    """Return the chance of each gate not to be 0: the penalty on it."""
    return torch.sigmoid(log_alpha + SHIFT)


def _stretched(concrete: Tensor) -> Tensor:
    return (concrete * (HIGH - LOW) + LOW).clamp(0, 1)
