"""A convolution as a sweep of the MAC array.

Values lie in memory position by position, the channels of one position side by side, so that a
convolution over channels is one over a longer row.
"""

from __future__ import annotations

import numpy as np

from hwgen.errors import InputError
from hwgen.plans.layout import Layout
from hwgen.plans.sweep import Array, Sweep
from hwgen.quantized.ops.conv1d import QuantizedConv1d


def sweep(op: QuantizedConv1d, array: Array) -> Sweep:
    """Return the sweep for `op` on an array of shape `array`."""
    filters, channels, kernel = op.weight.shape
    if op.skip is not None or (op.groups, op.dilation) != (1, 1) or op.sides[0] != op.sides[1]:
        raise InputError(f"{op.name} must be a plain convolution: one group, no dilation, no add")
    return Sweep(
        name=op.name,
        array=array,
        source=Layout(array.lanes, op.padding * channels, op.length * channels),
        taps=op.weight.transpose(0, 2, 1).reshape(filters, kernel * channels),
        bias=op.bias,
        stride=op.stride * channels,
        positions=op.positions,
        pool=1,
        shift=op.shift,
        out=op.out,
        align=np.zeros(filters, dtype=np.int64),
        accumulator=op.accumulator,
        weight_bits=op.weight_bits,
    )
