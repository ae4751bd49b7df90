"""Rough size of a design before synthesis: enough to refuse what cannot fit."""

from __future__ import annotations

from hwgen.errors import CannotMeetError

_BASE_LUT4 = 6000
"""Front-end, control and board link of a 2,048-sample design, routed on an LFE5U-25F."""

_LOGIC_LANE_LUT4 = 170
"""A multiplier of 9 x 8 bits from adders, its share of adder tree and registers included."""

_DSP_LANE_LUT4 = 40


def lut4(parallel: int, dsp: int) -> int:
    """Return about how many LUT4 a design takes.

    Parameters
    ----------
    parallel
        Multipliers of the MAC array.
    dsp
        How many of them are DSP cells.
    """
    return _BASE_LUT4 + _DSP_LANE_LUT4 * dsp + _LOGIC_LANE_LUT4 * (parallel - dsp)


def check_fits(parallel: int, dsp: int, board: str, available: int) -> None:
    """Raise `CannotMeetError` if the design is surely too large; says what would fit."""
    if lut4(parallel, dsp) <= available or parallel <= dsp:
        return
    fits = dsp + max(0, (available - lut4(dsp, dsp)) // _LOGIC_LANE_LUT4)
    raise CannotMeetError(
        f"parallel must be at most about {fits} on {board} ({available} LUT4, {dsp} DSP cells for "
        f"the MAC array), not {parallel}; ask for less or take a larger board"
    )
