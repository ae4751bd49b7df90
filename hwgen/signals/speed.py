"""How fast the shaft turned in a recording, as its file states it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

_NAME = re.compile(r"(?:.*[^a-zA-Z])?rpm", re.IGNORECASE)
_PREFIX = re.compile(r"X\d+")
FASTEST_RPM = 1e6
"""Faster than any shaft."""


def states_speed(path: str) -> bool:
    """Return whether a scalar at `path` is called as a shaft's speed: ``X130RPM``, ``rpm``."""
    return _NAME.fullmatch(path.rpartition(".")[2]) is not None


def shaft_rpm(channel: str, stated: Mapping[str, float]) -> float | None:
    """Return the speed in revolutions a minute that goes with a channel; None where none does.

    Parameters
    ----------
    channel
        Its name: of several speeds the one counts whose name begins as the channel's does
        (CWRU's ``X130_DE_time`` and ``X130RPM``).
    stated
        Speeds by name, as they stand in the file.
    """
    good = {name: rpm for name, rpm in stated.items() if is_speed(rpm)}
    begin = _PREFIX.match(channel)
    own = {rpm for name, rpm in good.items() if begin and name.startswith(begin[0])}
    for speeds in (own, set(good.values())):
        if len(speeds) == 1:
            return speeds.pop()
    return None


def is_speed(rpm: float) -> bool:
    """Return whether `rpm` can be a shaft's speed: above 0 and below `FASTEST_RPM`."""
    return math.isfinite(rpm) and 0 < rpm < FASTEST_RPM
