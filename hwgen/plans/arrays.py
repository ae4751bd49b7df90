"""Which shape of a MAC array does a network in the fewest cycles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hwgen.errors import CannotMeetError
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import settled
from hwgen.plans.split import Split, split
from hwgen.plans.step import Array, Step
from hwgen.plans.taps import OwnTaps
from hwgen.quantized import QuantizedModel

_DRAINS = (1, 2, 4, 8)
"""Values that may leave in a cycle: each has its own rounding and pooling."""


MOST = 1024
"""Multipliers that nobody asked for: no chip has more, and looking for their shape takes long."""

_EQUAL = 1.01
"""Up to so many times the fewest cycles, less hardware behind the array is better."""


def cycles(model: QuantizedModel, array: Array) -> int:
    """Return the cycles that the MAC array works on one window."""
    return sum(step.cycles for step in _steps(split(model), array))


def _steps(parts: Split, array: Array) -> tuple[Step, ...]:
    """Return the steps of an array in their places: where values lie decides how words meet."""
    return settled(parts.features.name, lowered(parts.rest, array, parts.features))[0]


def shapes(parallel: int) -> Iterator[Array]:
    """Yield every shape of an array of `parallel` multipliers."""
    for rows in range(1, parallel + 1):
        if parallel % rows == 0:
            yield Array(rows, parallel // rows)


def best_array(
    model: QuantizedModel,
    parallel: int,
    unrolled: tuple[str, ...] = (),
    *,
    crosswise: bool = False,
) -> Array:
    """Return the shape of `parallel` multipliers that needs the fewest cycles, or nearly so.

    Parameters
    ----------
    model
        The integer network.
    parallel
        Multipliers.
    unrolled
        Layers in front that the array has nothing to do with (`hwgen.plans.split`).
    crosswise
        Whether a group's values must fill words: its rows are a multiple of its lanes.

    Raises
    ------
    CannotMeetError
        If the network has no use for so many.
    """
    parts = split(model, unrolled)
    limit = _useful(parts)
    if not 1 <= parallel <= limit:
        raise CannotMeetError(
            f"parallel must be 1 to {limit} for this network, not {parallel}; "
            f"no layer has more products a position"
        )
    these = [s for s in shapes(parallel) if not crosswise or s.rows % s.lanes == 0]
    found = [each for shape in these for each in _drained(parts, shape)]
    fewest = min(total for total, _ in found)
    good = [each for each in found if each[0] <= fewest * _EQUAL]
    return min(good, key=lambda each: (each[1].drain, each[0], each[1].rows))[1]


def multipliers(model: QuantizedModel, array: Array, unrolled: tuple[str, ...] = ()) -> int:
    """Return the multipliers behind the source: the array's, and those of values by values."""
    steps = _steps(split(model, unrolled), array)
    return array.size + (
        array.drain if any(step.post.pairs or step.post.squares for step in steps) else 0
    )


def _drained(parts: Split, shape: Array) -> Iterator[tuple[int, Array]]:
    """Yield cycles and array for every number of values that may leave a shape in a cycle."""
    try:
        steps = _steps(parts, shape)
    except CannotMeetError:
        return
    for drain in _DRAINS:
        even = (shape.rows, shape.lanes, *(step.width for step in steps if not step.exact))
        if any(number % drain for number in even):
            continue
        taken = [
            max(step.words + step.tail, shape.rows // (1 if step.exact else drain))
            for step in steps
        ]
        total = sum(
            step.positions * step.groups * each for step, each in zip(steps, taken, strict=True)
        )
        yield total, replace(shape, drain=drain)


def useful(model: QuantizedModel, unrolled: tuple[str, ...] = ()) -> int:
    """Return the most multipliers that a layer can use at once."""
    return _useful(split(model, unrolled))


def _useful(parts: Split) -> int:
    steps = lowered(parts.rest, Array(1, 1), parts.features)
    every = sum(_products(step) * step.positions for step in steps)
    several = [step for step in steps if step.positions > 1]
    work = sum(_products(step) * step.positions for step in several)
    # Layers of one position take few cycles: they are looked at only where they have most of the
    # work.
    return max(_products(step) for step in (several if 2 * work > every else steps))


def _products(step: Step) -> int:
    """Return the products of a position."""
    taps = step.taps
    if isinstance(taps, OwnTaps):
        return len(taps.read)
    return step.outputs * len(taps.read) if taps.met is None else int(taps.met.sum())


def default_parallel(model: QuantizedModel) -> int:
    """Return the least power of two with which the array keeps up with a sample a cycle.

    Where none does, the largest that the network can use: the build then states its interval.
    """
    parallel = 1
    while parallel * 2 <= min(useful(model), MOST):
        if cycles(model, best_array(model, parallel)) * 1.02 + 64 <= model.elements:
            break
        parallel *= 2
    return parallel
