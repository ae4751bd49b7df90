"""Which shape of a MAC array does a network in the fewest cycles."""

from __future__ import annotations

from collections.abc import Iterator

from hwgen.errors import CannotMeetError
from hwgen.plans.lowering import lowered
from hwgen.plans.step import Array
from hwgen.quantized import QuantizedModel


def cycles(model: QuantizedModel, array: Array) -> int:
    """Return the cycles that the MAC array works on one window."""
    return sum(step.cycles for step in lowered(model.graph, array))


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
    single = lowered(model.graph, Array(1, 1))
    # A layer of one position takes few cycles: it is looked at only where there is no other.
    several = [step for step in single if step.positions > 1]
    return max(step.taps.weight.size for step in several or single)


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
