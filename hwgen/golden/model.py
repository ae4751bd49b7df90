"""Runs a quantized model on integer windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Integers, check_range
from hwgen.network import SAMPLES, Node
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.op import room
from hwgen.quantized.samples import in_windows, stream_order

_BATCH = 128
"""Windows at a time: bounds the memory that intermediate integers take."""

Step = Callable[[Node[QuantizedOp], tuple[Integers, ...]], Integers]
"""Of `Graph.walk`."""


def accumulate(op: QuantizedOp, *xs: Integers) -> Integers:
    """Return what `op` computes exactly, before its one rounding: ``(n, *shape)``."""
    result: Integers = room("hwgen.golden.ops", op.op).accumulate(op, *xs)
    return result


def rounded(op: QuantizedOp, sums: Integers) -> Integers:
    """Return the output of one op from its exact sums (`accumulate`)."""
    result: Integers = room("hwgen.golden.ops", op.op).rounded(op, sums)
    return result


def run_op(op: QuantizedOp, *xs: Integers) -> Integers:
    """Return the output of one op for batches ``(n, *input shape)``."""
    return rounded(op, accumulate(op, *xs))


def run(model: QuantizedModel, samples: Integers) -> Integers:
    """Return the logits ``(n, classes)`` of windows of ADC steps.

    Windows are ``(n, *input_shape)``, or as they come on chip: ``(n, elements)``, channels in turn.

    Raises
    ------
    InputError
        If the windows have the wrong shape, or no output is a class.
    OverflowError
        If a sample is not of the ADC's format.
    """
    return outputs(model, samples, (model.graph.logits_name(),))[0]


def outputs(model: QuantizedModel, samples: Integers, names: Sequence[str] = ()) -> list[Integers]:
    """Return values for windows of ADC steps ``(n, *input_shape)``; errors as of `run`.

    `names` are those of the values; none for the outputs'.
    """
    names = tuple(names) or model.graph.sources()
    return _run_all(model, _batches(model, samples), names)


def answers(model: QuantizedModel, samples: Integers, hop: int | None = None) -> Integers:
    """Return the numbers of each answer as the chip gives them, ``(n, classes + numbers)``.

    Logits first; then the values for the user, one output after the other, position by position,
    channels of one side by side.

    Parameters
    ----------
    samples
        Windows as of `run`; with `hop` a stream as of `stream`. Errors as of these.
    hop
        Samples from one window to the next.
    """
    names = (*filter(None, (model.graph.class_output,)), *model.values)
    if hop is None:
        found = _run_all(model, _batches(model, samples), names)
    else:
        found = _run_all(model, _sliding(model, samples, hop), names)
    return np.concatenate([stream_order(each) for each in found], axis=1)


def judged(model: QuantizedModel, samples: Integers) -> Integers:
    """Return what a network is judged by (`Graph.judged`), ``(n, numbers)``, as of `answers`."""
    found = outputs(model, samples, model.graph.judged())
    return np.concatenate([stream_order(each) for each in found], axis=1)


def _batches(model: QuantizedModel, samples: Integers) -> Iterator[tuple[Integers, Step]]:
    samples = np.asarray(samples, dtype=np.int64)
    if samples.ndim == 2 and samples.shape[1] == model.elements:
        samples = in_windows(samples, model.input_shape)
    if not samples.ndim or samples.shape[1:] != model.input_shape:
        wanted = ", ".join(map(str, model.input_shape))
        raise InputError(f"windows must be (n, {wanted}), not {samples.shape}")
    _check_samples(model, samples)
    for i in range(0, len(samples), _BATCH):
        yield samples[i : i + _BATCH], run_node


def run_node(node: Node[QuantizedOp], values: tuple[Integers, ...]) -> Integers:
    """Return a node's value from those that it reads: a step of `Graph.walk`."""
    return run_op(node.op, *values)


def stream(model: QuantizedModel, samples: Integers, hop: int) -> Integers:
    """Return the logits ``(n, classes)`` of one stream of ADC steps ``(length,)``.

    The first diagnosis is of the first window, then one follows every `hop` samples, of the
    latest window. An op that goes on from window to window says how it sees a window at its place
    in the stream: ``placed(op, windows, first)`` in its file; where `hop` is the window, this is
    `run` on windows one behind the other.

    Raises
    ------
    InputError
        If the samples are no stream.
    ValueError
        If `hop` is not 1 to the window.
    OverflowError
        If a sample is not of the ADC's format.
    """
    return _run_all(model, _sliding(model, samples, hop), (model.graph.logits_name(),))[0]


def _sliding(model: QuantizedModel, samples: Integers, hop: int) -> Iterator[tuple[Integers, Step]]:
    samples = np.asarray(samples, dtype=np.int64)
    window = model.input_samples
    if samples.ndim != 1 or model.channels != 1:
        raise InputError(f"a stream must be (length,) of one channel, not {samples.shape}")
    if not 1 <= hop <= window:
        raise ValueError(f"hop must be 1 to the window ({window}), not {hop}")
    _check_samples(model, samples)
    starts = np.arange(0, len(samples) - window + 1, hop)
    for i in range(0, len(starts), _BATCH):
        first = starts[i : i + _BATCH]
        yield samples[first[:, np.newaxis] + np.arange(window)], _at(first)


def _at(first: Integers) -> Step:
    """Return the step for windows whose first samples have these places in the stream."""

    def step(node: Node[QuantizedOp], values: tuple[Integers, ...]) -> Integers:
        placed = getattr(room("hwgen.golden.ops", node.op.op), "placed", None)
        if placed is not None and node.inputs == (SAMPLES,):
            values = (placed(node.op, values[0], first),)
        return run_node(node, values)

    return step


def _check_samples(model: QuantizedModel, samples: Integers) -> None:
    limit = 1 << (model.bits.adc - 1)
    check_range("samples", samples, -limit, limit - 1)


def _run_all(
    model: QuantizedModel, batches: Iterable[tuple[Integers, Step]], names: tuple[str, ...]
) -> list[Integers]:
    """Return values for batches of windows, each with the step that works on it."""
    parts = [[np.zeros((0, *model.graph[name].op.output.shape), dtype=np.int64)] for name in names]
    for batch, step in batches:
        values = model.graph.walk(step, {SAMPLES: batch}, keep=names)
        for part, name in zip(parts, names, strict=True):
            part.append(values[name])
    return [np.concatenate(part) for part in parts]


def classify(logits: Integers) -> Integers:
    """Return the class of each row of logits: the first of the largest."""
    return np.argmax(logits, axis=-1).astype(np.int64)
