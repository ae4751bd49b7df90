"""How networks of blocks begin: a wide first kernel, as vibration wants it, and a max-pooling."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.zoo._graph import Wiring
from hwgen.zoo._samples import channelled

FILTERS = 16
_TAPS, _STRIDE, _PADDING = 32, 8, 12
_POOLED = 2

SHORTER = _STRIDE * _POOLED
"""Samples for each position behind it."""


class Stemmed(nn.Module):
    """A module with a stem in front.

    Parameters
    ----------
    channels
        Of the samples.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.stem = nn.Conv1d(channels, FILTERS, _TAPS, _STRIDE, _PADDING, bias=False)
        self.stem_bn = nn.BatchNorm1d(FILTERS)

    def begun(self, x: Tensor) -> Tensor:
        """Return ``(n, filters, positions)`` of scaled windows ``(n, [channels,] window)``."""
        y = functional.relu(self.stem_bn(self.stem(channelled(x))))
        return functional.max_pool1d(y, _POOLED)


def begun(wiring: Wiring) -> str:
    """Add the samples and the nodes of a `Stemmed`'s stem; return the name of what it gives."""
    y = wiring.conv("stem", wiring.add(Direct("direct")), stride=_STRIDE, padding=_PADDING)
    y = wiring.relu("stem.relu", wiring.norm("stem_bn", y))
    return wiring.add(MaxPool1d("pool", _POOLED), y)
