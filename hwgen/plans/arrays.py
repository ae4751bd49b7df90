"""Layers as sweeps of a MAC array, and which shape of an array does them in the fewest cycles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hwgen.errors import CannotMeetError, InputError
from hwgen.plans.chain import layers_of
from hwgen.plans.sweep import Array, Sweep
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.op import room


def sweeps(layers: Iterable[QuantizedOp], array: Array) -> tuple[Sweep, ...]:
    """Return the layers behind the source as sweeps of an array of the given shape.

    Raises
    ------
    InputError
        If the array cannot do one of them, or the last gives no logits.
    """
    made: list[Sweep] = []
    for op in layers:
        how = room("hwgen.plans.ops", op.op)
        if hasattr(how, "fuse"):
            made[-1:] = [how.fuse(made[-1] if made else None, op)]
        else:
            made.append(how.sweep(op, array))
    if not made or made[-1].out is not None:
        raise InputError("a network must end with a dense layer that gives the logits")
    return tuple(made)


def cycles(model: QuantizedModel, array: Array) -> int:
    """Return the cycles that the MAC array works on one window."""
    return sum(sweep.cycles for sweep in sweeps(layers_of(model), array))


def shapes(parallel: int) -> Iterator[Array]:
    """Yield every shape of an array of `parallel` multipliers."""
    for rows in range(1, parallel + 1):
        if parallel % rows == 0:
            yield Array(rows, parallel // rows)


def best_array(model: QuantizedModel, parallel: int) -> Array:
    """Return the shape of `parallel` multipliers that needs the fewest cycles.

    Raises
    ------
    CannotMeetError
        If the network has no use for so many.
    """
    limit = useful(model)
    if not 1 <= parallel <= limit:
        raise CannotMeetError(
            f"parallel must be 1 to {limit} for this network, not {parallel}; "
            f"no layer has more products a position"
        )
    return min(shapes(parallel), key=lambda array: (cycles(model, array), array.rows))


def useful(model: QuantizedModel) -> int:
    """Return the most multipliers that a layer can use at once."""
    single = sweeps(layers_of(model), Array(1, 1))
    # A layer of one position takes few cycles: it is looked at only where there is no other.
    several = [sweep for sweep in single if sweep.positions > 1]
    return max(sweep.taps.size for sweep in several or single)


def default_parallel(model: QuantizedModel) -> int:
    """Return the least power of two with which the array keeps up with a sample a cycle.

    Where none does, the largest that the network can use: the build then states its interval.
    """
    parallel = 1
    while parallel * 2 <= useful(model):
        if cycles(model, best_array(model, parallel)) * 1.02 + 64 <= model.input_samples:
            break
        parallel *= 2
    return parallel
