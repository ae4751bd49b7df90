"""A network on bins in ascending order as the same one on bins in descending order, exactly."""

from __future__ import annotations

import numpy as np

from hwgen.importers.bearingpga.geometry import FullGeometry
from hwgen.network.layer import Floats


def turned(conv: Floats, dense: Floats, full: FullGeometry) -> tuple[Floats, Floats]:
    """Return the weights that give on reversed bins what `conv` and `dense` give.

    A convolution over reversed bins has its kernel reversed and its positions too. Both round
    down: what an incomplete stride or pool leaves out at the end of the ascending bins must be
    left out at the beginning of the descending ones. Taps of weight 0 before the kernel do that,
    r for the stride and t strides for the pool.

    Parameters
    ----------
    conv
        ``(filters, 1, taps)`` for bins 1 to N / 2.
    dense
        ``(outputs, filters * positions)``.
    full
        Of the network; it stays the same.

    Returns
    -------
    ``(filters, 1, taps + r + t * stride)`` and ``(outputs, filters * positions)`` for bins N / 2
    to 1.
    """
    filters, _, taps = conv.shape
    span = full.window // 2 + 2 * full.padding - taps
    r = span % full.stride
    t = (span // full.stride + 1) % full.pool
    zeros = np.zeros((filters, 1, r + t * full.stride))
    kernel = np.concatenate([zeros, conv[:, :, ::-1]], axis=2)
    rows = dense.reshape(len(dense), filters, -1)[:, :, ::-1]
    return kernel, rows.reshape(dense.shape)
