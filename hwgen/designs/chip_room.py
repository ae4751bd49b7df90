"""Refuses before synthesis what surely does not fit."""

from __future__ import annotations

from hwgen.errors import CannotMeetError
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import QuantizedModel
from hwgen.targets import Cells, Target

_SURELY = 1.1
"""The estimate of LUT4 may be this many times too high."""

_ROOM = 0.75
"""Share of a chip's LUT4 for a core whose size nobody asked for: a full chip does not route."""


_FEWEST = 2
"""Bits of a weight."""

_UNROLLED_RAMS = 4
"""Block RAMs that the weights of layers with hardware of their own may save: they are few."""


class TooManyWeightsError(CannotMeetError):
    """The network's weights are more than a chip's block RAMs hold, whatever the design.

    Parameters
    ----------
    told
        In words.
    needed
        Block RAMs.
    """

    def __init__(self, told: str, needed: int) -> None:
        super().__init__(told)
        self.needed = needed


def check_fits(
    model: QuantizedModel, array: Array, dsp: int, board: str, available: Cells, target: Target
) -> None:
    """Raise if the core by itself is surely larger than the chip.

    Parameters
    ----------
    model
        The quantized network.
    array, dsp
        The MAC array that its layers take turns on, and the DSP cells of it.
    board, available, target
        Name of the board, its chip's cells, and the chip's family.

    Raises
    ------
    CannotMeetError
        Says what is short, and about how many multipliers would fit; `TooManyWeightsError` where
        no design would.
    """
    short = _short(plan(model, Design(array, dsp)).cells(target), available, target)
    if not short:
        return
    fits = _most(model, array.size - 1, dsp, available, target)
    if not fits:
        least = _least_rams(model, array, dsp, target)
        if least > available["ebr"] + _UNROLLED_RAMS:
            raise TooManyWeightsError(
                f"{model.name} does not fit on {board}, however few multipliers it has: it needs "
                f"about {least} block RAMs of {available['ebr']}; "
                f"{_way_out(model, least, available['ebr'])}",
                least,
            )
        raise CannotMeetError(
            f"{model.name} does not fit on {board}, however few multipliers it has: with "
            f"{array.size} it needs about {short}; take a larger board"
        )
    raise CannotMeetError(
        f"parallel must be at most about {fits} on {board} with {dsp} DSP cells for the MAC array, "
        f"not {array.size}, which needs about {short}; ask for less or take a larger board"
    )


def _least_rams(model: QuantizedModel, array: Array, dsp: int, target: Target) -> int:
    """Return the block RAMs of the design that needs the fewest, about.

    Wide words hold weights with less beside them; narrow ones leave less of a memory empty.
    """
    most = arrays.useful(model)
    few = {arrays.best_array(model, size) for size in (1, 8, 64) if size <= most}
    return min(
        plan(model, Design(each, min(dsp, each.size))).cells(target)["ebr"]
        for each in {array, *few}
    )


def _way_out(model: QuantizedModel, needed: int, there: int) -> str:
    """Return what would hold the weights: fewer bits of each, or fewer of them."""
    width = max(model.bits.conv_weight, model.bits.dense_weight)
    bits = width * there // needed
    ways = []
    if bits >= _FEWEST:
        ways.append(
            f"about {bits} bits a weight (--conv-weight-bits {bits} --dense-weight-bits {bits})"
        )
    ways.append("the board's flash, where it has one (--weights flash)")
    ways.append("a pooling before the first dense layer, or fewer filters")
    return f"what would do: {', or '.join(ways)}"


def largest(
    model: QuantizedModel, parallel: int, dsp: int, available: Cells, target: Target
) -> int:
    """Return `parallel`, halved until the core by itself surely fits the chip; at least 1."""
    while parallel > 1:
        array = arrays.best_array(model, parallel)
        needed = plan(model, Design(array, min(dsp, parallel))).cells(target)
        if not target.short(needed, available, {"lut4": _ROOM}):
            break
        parallel //= 2
    return parallel


def _short(needed: Cells, available: Cells, target: Target) -> str:
    """Return what is needed beyond what there is; empty if nothing is."""
    return " and ".join(target.short(needed, available, {"lut4": _SURELY}))


def _most(model: QuantizedModel, parallel: int, dsp: int, available: Cells, target: Target) -> int:
    """Return the most multipliers, `parallel` or fewer, that fit; 0 if none do."""
    low, high = 0, parallel
    while low < high:
        middle = (low + high + 1) // 2
        design = Design(arrays.best_array(model, middle), min(dsp, middle))
        short = _short(plan(model, design).cells(target), available, target)
        low, high = (low, middle - 1) if short else (middle, high)
    return low
