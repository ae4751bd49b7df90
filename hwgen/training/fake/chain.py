"""Runs integer ops on tensors that know how they depend on the float weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from hwgen.quantized import Activations, QuantizedOp
from hwgen.quantized.op import room

Weights = Mapping[str, Tensor]
"""Float weights of one layer by field name, float64; empty where it has none."""

_EXACT_IN_FLOAT32 = 1 << 22
"""Integers up to 2^24 are; two bits are for an added half and a sum with it."""


def run_op(op: Any, source: Activations, weights: Weights, x: Tensor) -> Tensor:
    """Return what `hwgen.golden.run_op` does, as a function of float weights and input.

    Parameters
    ----------
    op
        What the quantized rule makes of the layer with `weights`.
    source
        What the layer before gives.
    weights
        Of the float layer.
    x
        ``(n, *source.shape)`` integers in floats, of `exact_dtype`.

    Raises
    ------
    InputError
        If the op has no file here.
    """
    result: Tensor = room("hwgen.training.fake.ops", op.op).run(op, source, weights, x)
    return result


def run(
    ops: Sequence[QuantizedOp], source: Activations, weights: Sequence[Weights], x: Tensor
) -> Tensor:
    """Return the last op's output, by `run_op` of each in turn."""
    for op, layer in zip(ops, weights, strict=True):
        x = run_op(op, source, layer, x)
        source = op.output
    return x


def exact_dtype(ops: Sequence[QuantizedOp]) -> torch.dtype:
    """Return float32 if it holds every sum of `ops` exactly, or else float64."""
    most = 0
    for op in ops:
        ends = op.output.fmt.min, op.output.fmt.max, *getattr(op, "accumulator", ())
        align = getattr(op, "align", None)
        most = max(most, max(map(abs, ends)) << int(0 if align is None else align.max()))
    return torch.float32 if most <= _EXACT_IN_FLOAT32 else torch.float64
