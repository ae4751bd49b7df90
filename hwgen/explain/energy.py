"""How much of a map lies where something happened."""

from __future__ import annotations

import numpy as np

from hwgen.network import Floats


def energy_near(values: Floats, moments: Floats, before: float, after: float) -> float:
    """Return the mean energy of a map near some moments over that elsewhere.

    1 says that the map knows nothing of them.

    Parameters
    ----------
    values
        ``(places,)``; their squares are the energy.
    moments
        In places, in any order.
    before, after
        Places from a moment that count as near.

    Raises
    ------
    ValueError
        If all places are near, or none is.
    """
    places = np.arange(len(values))
    near = np.zeros(len(values), dtype=bool)
    for moment in moments:
        near |= (places >= moment - before) & (places <= moment + after)
    if near.all() or not near.any():
        raise ValueError("some places must be near a moment, and some must not")
    energy = np.square(values)
    elsewhere = float(energy[~near].mean())
    return float(energy[near].mean()) / elsewhere if elsewhere else np.inf
