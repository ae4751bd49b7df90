"""What training minimises."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes logits ``(n, classes)`` and labels ``(n,)``; returns a scalar."""


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy."""
    return functional.cross_entropy(logits, labels)
