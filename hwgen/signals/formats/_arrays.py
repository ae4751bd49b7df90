"""Arrays of any shape as channels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from hwgen.signals.formats._contents import Channel

MOST = 64
"""Sensors recorded side by side; a matrix with more on both sides holds windows or the like."""


def channels_of(
    name: str, shape: tuple[int, ...], load: Callable[[], np.ndarray], unit: str | None = None
) -> tuple[tuple[Channel, ...], str | None]:
    """Return the channels in an array of numbers, and what the user must know of them.

    (n,), (n, 1) and (1, n) are one, called `name`; (n, k) and (k, n) are k, called ``name[1]``
    and so on, or by their number alone where `name` is empty. Any other shape has none.

    Parameters
    ----------
    name
        The array's name; "" where it has none.
    shape, load
        Of the array, and what returns it.
    unit
        As stated.
    """
    sides = [length for length in shape if length != 1]
    if not sides or 0 in shape or len(sides) > 2 or (min(sides) > MOST and len(sides) == 2):
        return (), None
    if len(sides) == 1:
        vector = Channel(name or "1", sides[0], lambda: load().reshape(-1), unit, number=1)
        return (vector,), None
    rows, columns = sides
    count, length = min(sides), max(sides)
    along = rows < columns
    said = None
    if along:
        called = f"{name} of {rows} x {columns}" if name else f"the {rows} x {columns} array"
        said = f"{called} is read as {rows} channels, one a row"
    channels = (
        Channel(
            f"{name}[{i}]" if name else str(i),
            length,
            partial(_line, load, (rows, columns), i - 1, along),
            unit,
            number=i,
        )
        for i in range(1, count + 1)
    )
    return tuple(channels), said


def _line(
    load: Callable[[], np.ndarray], shape: tuple[int, int], index: int, along: bool
) -> np.ndarray:
    """Return row `index` of a matrix if `along`, else that column."""
    matrix = load().reshape(shape)
    return matrix[index] if along else matrix[:, index]
