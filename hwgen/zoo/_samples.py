"""Windows as what convolutions take, for networks that begin with raw samples."""

from __future__ import annotations

from torch import Tensor


def channelled(x: Tensor) -> Tensor:
    """Return windows ``(n, window)`` or ``(n, channels, window)`` as the latter."""
    return x if x.ndim == 3 else x.unsqueeze(1)
