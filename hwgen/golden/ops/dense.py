"""Integer meaning of a dense layer."""

from __future__ import annotations

from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.product import products
from hwgen.golden.requantize import requantize
from hwgen.quantized.ops.dense import QuantizedDense


def columns(op: QuantizedDense, x: Integers) -> tuple[Integers, ...]:
    """Return what all rows' weights meet: ``(n, inputs)``, flattened channel-major."""
    del op
    return (x.reshape(len(x), -1),)


def accumulate(op: QuantizedDense, x: Integers) -> Integers:
    """Return the exact sums ``(n, outputs)`` of ``(n, *shape)``, flattened channel-major."""
    check_range(f"{op.name} input", x, op.source.min, op.source.max)
    (values,) = columns(op, x)
    result = products(op, values, op.weight) + op.bias
    check_range(f"{op.name} accumulator", result, *op.accumulator)
    return result


def rounded(op: QuantizedDense, sums: Integers) -> Integers:
    """Return the outputs in their format: aligned logits, or a hidden layer's activations."""
    if not op.last:
        return requantize(sums, op.shift, op.out, even=op.even)
    logits = sums << op.align
    check_range(f"{op.name} logits", logits, op.out.min, op.out.max)
    return logits
