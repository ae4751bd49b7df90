"""File names of the Case Western Reserve University Bearing Data Center's records.

``12k_Drive_End_OR007@6_0_130.mat``: 12 kHz, fault at the drive end, outer race, 0.007 inch, at
6 o'clock, 0 HP, record 130; ``normal_0_97.mat``: the baseline at 0 HP, record 97.
"""

from __future__ import annotations

import re

_NAME = re.compile(
    r"(?:(?P<khz>12|48)k_(?P<end>Drive|Fan)_End_)?"
    r"(?P<fault>(?:B|IR|OR)\d{3}|normal)(?:@\d+)?_(?P<load>\d)_\d+",
    re.IGNORECASE,
)

_RPM = {"0": 1797.0, "1": 1772.0, "2": 1750.0, "3": 1730.0}


def follows(stem: str) -> bool:
    """Return whether a file's name without ending is built as CWRU's."""
    return _NAME.fullmatch(stem) is not None


def fault(stem: str) -> str:
    """Return the class in `stem`, such as ``OR007``; `stem` itself if it is not CWRU's."""
    match = _NAME.fullmatch(stem)
    return match["fault"] if match else stem


def sample_rate(stem: str) -> float | None:
    """Return the rate in Hz that `stem` states, if any."""
    match = _NAME.fullmatch(stem)
    return float(match["khz"]) * 1000 if match and match["khz"] else None


def rpm(stem: str) -> float | None:
    """Return the shaft's nominal speed, in revolutions a minute, at the load that `stem` states.

    That of the baseline records' table: 1797 at 0 HP, 1772, 1750, and 1730 at 3 HP.
    """
    match = _NAME.fullmatch(stem)
    return _RPM.get(match["load"]) if match else None


def bearing(stem: str) -> str | None:
    """Return the name of the faulty bearing: the drive end's, unless `stem` says ``Fan``."""
    match = _NAME.fullmatch(stem)
    if match is None:
        return None
    return "6203" if (match["end"] or "").lower() == "fan" else "6205"
