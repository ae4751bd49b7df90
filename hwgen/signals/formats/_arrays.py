"""From arrays of one or two dimensions to channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hwgen.signals.formats._contents import Channel

MOST_COLUMNS = 64
"""A matrix of more is no set of sensors' signals side by side."""


def channels_of(
    name: str,
    shape: tuple[int, ...],
    load: Callable[[], Any],
    *,
    unit: str | None = None,
    rate: float | None = None,
) -> tuple[Channel, ...]:
    """Return an array's channels.

    A vector (n,), (n, 1) or (1, n) of at least two is one, called `name`. A matrix of two to 64
    columns along its longer side gives ``name[1]``, ``name[2]``, ...: just the number where
    `name` is empty. Anything else gives none.

    Parameters
    ----------
    load
        Returns the array.
    unit, rate
        Of all of them, as `Channel` has them.
    """
    long = [length for length in shape if length != 1]
    if not long or 0 in shape:
        return ()
    if len(long) == 1:
        return (Channel(name or "1", long[0], lambda: load().reshape(-1), unit, rate, number=1),)
    if len(long) > 2 or min(long) > MOST_COLUMNS or long[0] == long[1]:
        return ()
    length, count = max(long), min(long)

    def column(index: int) -> Callable[[], np.ndarray]:
        def taken() -> np.ndarray:
            table = load().reshape(long)
            found: np.ndarray = table[:, index] if long[0] == length else table[index]
            return found

        return taken

    names = [f"{name}[{i}]" if name else str(i) for i in range(1, count + 1)]
    return tuple(
        Channel(each, length, column(i), unit, rate, number=None if name else i + 1)
        for i, each in enumerate(names)
    )
