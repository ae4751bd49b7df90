"""Where a layer's positions lie: in time, among the bins of a spectrum, or nowhere."""

from __future__ import annotations

from enum import Enum

import numpy as np

from hwgen.network import Floats, Network
from hwgen.network.network import SAMPLES
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.spectrum import Spectrum


class Axis(Enum):
    """What the positions of a value are places of."""

    TIME = "time"
    BINS = "bins"
    NONE = "none"


def axes(network: Network) -> dict[str, Axis]:
    """Return for the samples and every node what its positions are places of.

    A flat value has none, and what is cut out of positions no longer goes over all of the window.
    """
    shapes = network.shapes()
    known = {SAMPLES: Axis.TIME}
    for node in network.graph.nodes:
        op, shape = node.op, shapes[node.name]
        read = [known[name] for name in node.inputs if known[name] is not Axis.NONE]
        if isinstance(op, Spectrum):
            known[node.name] = Axis.BINS
        elif len(shape) < 2 or shape[1] < 2 or not read or _cuts(op):
            known[node.name] = Axis.NONE
        else:
            known[node.name] = read[0]
    return known


def _cuts(op: object) -> bool:
    return isinstance(op, Slice) and op.axis != "channels"


def resized(values: Floats, length: int, *, linear: bool = False) -> Floats:
    """Return values ``(..., positions)`` at `length` places that cover as much as they do.

    Parameters
    ----------
    linear
        Between the middles of two positions a straight line; otherwise the nearest position.
    """
    positions = values.shape[-1]
    places = (np.arange(length) + 0.5) * (positions / length)
    if not linear:
        return values[..., np.minimum(places.astype(np.int64), positions - 1)]
    middles = np.arange(positions) + 0.5
    flat = values.reshape(-1, positions)
    made = np.stack([np.interp(places, middles, row) for row in flat])
    return made.reshape(*values.shape[:-1], length)
