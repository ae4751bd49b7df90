"""Integer meaning of a long short-term memory."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Integers, check_range, saturate
from hwgen.golden.recurrent import looked_up, sums
from hwgen.golden.requantize import requantize
from hwgen.network.recurrent import in_order
from hwgen.quantized.ops.lstm import QuantizedLstm


def accumulate(op: QuantizedLstm, x: Integers) -> Integers:
    """Return the output, ``(n, units, length)``: its roundings are inside."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    formats, (sigmoid, tanh) = op.formats, op.tables
    state = formats.state
    y = np.zeros((len(x), op.units, op.length), dtype=np.int64)
    h = c = np.zeros((len(x), op.units), dtype=np.int64)
    for t in in_order(op.length, backwards=op.backwards):
        both = x[:, :, t].astype(np.int64), h, op.source, formats.shown
        opened = looked_up(sums(op.opened, *both), op.opened.octave, formats, sigmoid)
        g = looked_up(sums(op.proposed, *both), op.proposed.octave, formats, tanh)
        i, f, o = np.split(opened, 3, axis=1)
        kept = requantize(f * c, op.width, state)
        taken = requantize(i * g, op.width - 1, state)
        c = saturate(kept + taken, state.min, state.max)
        shown = tanh[requantize(c, formats.state_down, formats.gate) - formats.gate.min]
        h = y[:, :, t] = requantize(o * shown, op.width, formats.shown)
    return y


def rounded(op: QuantizedLstm, sums: Integers) -> Integers:
    """Return the output as it is."""
    del op
    return sums
