"""Runs a quantized model on integer windows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Integers, check_range
from hwgen.golden.ops import dft
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.op import room
from hwgen.quantized.ops.dft import QuantizedDft

_BATCH = 128
"""Windows at a time: bounds the memory that intermediate integers take."""


def accumulate(op: QuantizedOp, x: Integers) -> Integers:
    """Return what `op` computes exactly, before its one rounding: ``(n, *shape)``."""
    result: Integers = room("hwgen.golden.ops", op.op).accumulate(op, x)
    return result


def run_op(op: QuantizedOp, x: Integers) -> Integers:
    """Return the output of one op for a batch ``(n, *input shape)``."""
    result: Integers = room("hwgen.golden.ops", op.op).run(op, x)
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
    _check_samples(model, samples)
    batches = (samples[i : i + _BATCH] for i in range(0, len(samples), _BATCH))
    return _run_all(model, batches)


def stream(model: QuantizedModel, samples: Integers, hop: int) -> Integers:
    """Return the logits ``(n, classes)`` of one stream of ADC steps ``(length,)``.

    The first diagnosis is of the first window, then one follows every `hop` samples, of the
    latest window. A transform by accumulation goes on from window to window, with its phases tied
    to a sample's place in the stream; where `hop` is the window, this is `run` on windows one
    behind the other.

    Raises
    ------
    InputError
        If the samples are no stream.
    ValueError
        If `hop` is not 1 to the window.
    OverflowError
        If a sample is not of the ADC's format.
    """
    samples = np.asarray(samples, dtype=np.int64)
    window, op = model.input_samples, model.ops[0]
    if samples.ndim != 1:
        raise InputError(f"a stream must be (length,), not {samples.shape}")
    if not 1 <= hop <= window:
        raise ValueError(f"hop must be 1 to the window ({window}), not {hop}")
    _check_samples(model, samples)
    starts = np.arange(0, len(samples) - window + 1, hop)

    def windows(first: Integers) -> Integers:
        taken = samples[first[:, np.newaxis] + np.arange(window)]
        return dft.placed(op, taken, first) if isinstance(op, QuantizedDft) else taken

    return _run_all(model, (windows(starts[i : i + _BATCH]) for i in range(0, len(starts), _BATCH)))


def _check_samples(model: QuantizedModel, samples: Integers) -> None:
    limit = 1 << (model.bits.adc - 1)
    check_range("samples", samples, -limit, limit - 1)


def _run_all(model: QuantizedModel, batches: Iterable[Integers]) -> Integers:
    parts = [np.zeros((0, len(model.classes)), dtype=np.int64)]
    for batch in batches:
        value = batch
        for op in model.ops:
            value = run_op(op, value)
        parts.append(value)
    return np.concatenate(parts)


def classify(logits: Integers) -> Integers:
    """Return the class of each row of logits: the first of the largest."""
    return np.argmax(logits, axis=-1).astype(np.int64)
