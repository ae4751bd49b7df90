"""A chain of ops as hardware sees it: a source of features, and the layers behind it."""

from __future__ import annotations

from hwgen.errors import InputError
from hwgen.network import SAMPLES
from hwgen.quantized import QuantizedModel, QuantizedOp


def ops_of(model: QuantizedModel) -> tuple[QuantizedOp, ...]:
    """Return the ops, each of which reads the one before.

    Raises
    ------
    InputError
        If the model is no chain from one channel of samples to a class.
    """
    if not model.graph.is_chain:
        raise InputError(
            f"{model.name} must be a chain of ops whose end is a class to become hardware, not a "
            f"graph with branches or with other outputs; give a network without"
        )
    if model.channels != 1:
        raise InputError(
            f"{model.name} must take one channel to become hardware, not {model.channels}; "
            f"give a network of one sensor"
        )
    return model.ops


def first_of(model: QuantizedModel) -> QuantizedOp:
    """Return the op that takes the samples.

    Raises
    ------
    InputError
        If several do.
    """
    readers = model.graph.readers(SAMPLES)
    if len(readers) != 1:
        names = ", ".join(node.name for node in readers)
        raise InputError(
            f"on chip one layer must read the samples, not {names}; put one before them"
        )
    return readers[0].op


def layers_of(model: QuantizedModel) -> tuple[QuantizedOp, ...]:
    """Return the ops behind the first; `InputError` as of `ops_of`."""
    return ops_of(model)[1:]
