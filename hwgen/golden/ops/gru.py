"""Integer meaning of a gated recurrent unit."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, saturate
from hwgen.golden.recurrent import looked_up, sums
from hwgen.golden.requantize import requantize
from hwgen.network.recurrent import in_order
from hwgen.quantized.ops.gru import QuantizedGru


def accumulate(op: QuantizedGru, x: Integers) -> Integers:
    """Return the output, ``(n, units, length)``: its roundings are inside."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    formats, (sigmoid, tanh) = op.formats, op.tables
    y = np.zeros((len(x), op.units, op.length), dtype=np.int64)
    h = np.zeros((len(x), op.units), dtype=np.int64)
    for t in in_order(op.length, backwards=op.backwards):
        both = x[:, :, t].astype(np.int64), h, op.source, formats.shown
        opened = looked_up(sums(op.opened, *both), op.opened.octave, formats, sigmoid)
        r, z = np.split(opened, 2, axis=1)
        kept = requantize(sums(op.kept, *both), op.kept.octave - op.width, formats.state)
        reset = requantize(r * kept, op.width, formats.state)
        whole = sums(op.given, *both) + (reset << op.given.octave - op.width)
        n = looked_up(whole, op.given.octave, formats, tanh)
        moved = requantize(z * (h - n), op.width, formats.difference)
        h = y[:, :, t] = saturate(n + moved, formats.shown.min, formats.shown.max)
    return y


def rounded(op: QuantizedGru, sums: Integers) -> Integers:
    """Return the output as it is."""
    del op
    return sums
