"""Refuses before synthesis what surely does not fit."""

from __future__ import annotations

from typing import Any

from hwgen.designs.cost import Cost, cost
from hwgen.errors import CannotMeetError
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.sweep import Array
from hwgen.quantized import QuantizedModel

_SURELY = 1.1
"""The estimate of LUT4 may be this many times too high."""


def check_fits(model: QuantizedModel, array: Array, dsp: int, board: str, available: Any) -> None:
    """Raise if the core by itself is surely larger than the chip.

    Parameters
    ----------
    model
        The quantized network.
    array, dsp
        The MAC array that its layers take turns on, and the DSP cells of it.
    board, available
        Name of the board, and its cells with fields ``lut4``, ``dsp``, ``ebr``.

    Raises
    ------
    CannotMeetError
        Says what is short, and about how many multipliers would fit.
    """
    needed = cost(plan(model, Design(array, dsp)))
    short = _short(needed, available)
    if not short:
        return
    fits = _most(model, array.size - 1, dsp, available)
    if not fits:
        raise CannotMeetError(
            f"{model.name} does not fit on {board}, however few multipliers it has: with "
            f"{array.size} it needs about {short}; take a larger board"
        )
    raise CannotMeetError(
        f"parallel must be at most about {fits} on {board} with {dsp} DSP cells for the MAC array, "
        f"not {array.size}, which needs about {short}; ask for less or take a larger board"
    )


def _short(needed: Cost, available: Any) -> str:
    """Return what is needed beyond what there is; empty if nothing is."""
    names = {"lut4": "LUT4", "dsp": "DSP cells", "ebr": "block RAMs"}
    limits = {"lut4": _SURELY * available.lut4, "dsp": available.dsp, "ebr": available.ebr}
    return " and ".join(
        f"{getattr(needed, kind)} {name} of {getattr(available, kind)}"
        for kind, name in names.items()
        if getattr(needed, kind) > limits[kind]
    )


def _most(model: QuantizedModel, parallel: int, dsp: int, available: Any) -> int:
    """Return the most multipliers, `parallel` or fewer, that fit; 0 if none do."""
    low, high = 0, parallel
    while low < high:
        middle = (low + high + 1) // 2
        array = arrays.best_array(model, middle)
        needed = cost(plan(model, Design(array, min(dsp, middle))))
        low, high = (low, middle - 1) if _short(needed, available) else (middle, high)
    return low
