"""Runs a quantized model on integer windows."""

from __future__ import annotations

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Integers, check_range
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.op import room

_BATCH = 128
"""Windows at a time: bounds the memory that intermediate integers take."""


def accumulate(op: QuantizedOp, x: Integers) -> Integers:
    """Return what `op` computes exactly, before its one rounding: ``(n, *shape)``."""
    result: Integers = room("hwgen.golden", op.op).accumulate(op, x)
    return result


def run_op(op: QuantizedOp, x: Integers) -> Integers:
    """Return the output of one op for a batch ``(n, *input shape)``."""
    result: Integers = room("hwgen.golden", op.op).run(op, x)
    return result


def run(model: QuantizedModel, samples: Integers) -> Integers:
    """Return the logits ``(n, classes)`` of windows of ADC steps ``(n, input_samples)``.

    Raises
    ------
    InputError
        If the windows have the wrong shape.
    OverflowError
        If a sample is not of the ADC's format.
    """
    samples = np.asarray(samples, dtype=np.int64)
    if samples.ndim != 2 or samples.shape[1] != model.input_samples:
        raise InputError(f"windows must be (n, {model.input_samples}), not {samples.shape}")
    limit = 1 << (model.bits.adc - 1)
    check_range("samples", samples, -limit, limit - 1)
    parts = []
    for first in range(0, len(samples), _BATCH):
        value = samples[first : first + _BATCH]
        for op in model.ops:
            value = run_op(op, value)
        parts.append(value)
    return np.concatenate(parts) if parts else np.zeros((0, len(model.classes)), dtype=np.int64)


def classify(logits: Integers) -> Integers:
    """Return the class of each row of logits: the first of the largest."""
    return np.argmax(logits, axis=-1).astype(np.int64)
