"""A dense layer as a sweep of the MAC array: one position that sees the whole row."""

from __future__ import annotations

from hwgen.fixedpoint import Integers
from hwgen.plans.layout import Layout
from hwgen.plans.sweep import Array, Sweep
from hwgen.quantized.ops.dense import QuantizedDense


def sweep(op: QuantizedDense, array: Array) -> Sweep:
    """Return the sweep for `op` on an array of shape `array`."""
    return Sweep(
        name=op.name,
        array=array,
        source=Layout(array.lanes, 0, op.weight.shape[1]),
        taps=_in_memory_order(op),
        bias=op.bias,
        stride=0,
        positions=1,
        pool=1,
        shift=op.shift,
        out=None if op.last else op.out,
        align=op.align,
        accumulator=op.accumulator,
        weight_bits=op.weight_bits,
    )


def _in_memory_order(op: QuantizedDense) -> Integers:
    """Return the weights in the order of memory: position by position, not channel by channel."""
    if len(op.shape) == 1:
        return op.weight
    outputs = len(op.weight)
    return op.weight.reshape(outputs, *op.shape).transpose(0, 2, 1).reshape(outputs, -1)
