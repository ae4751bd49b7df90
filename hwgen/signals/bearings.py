"""Bearings that are known by name, and those that a user describes in one word."""

from __future__ import annotations

import math

from hwgen.errors import UsageError
from hwgen.signals.bearing import Bearing

_6203 = Bearing(8, 0.2656, 1.122)

KNOWN = {
    "6205": Bearing(),
    "cwru": Bearing(),
    "cwru-de": Bearing(),
    "6203": _6203,
    "cwru-fe": _6203,
}
"""SKF 6205-2RS of the CWRU test stand's drive end and SKF 6203-2RS of its fan end, in inches
(Case Western Reserve University Bearing Data Center, bearing information)."""

_FORM = "BALLS,BALL_D,PITCH_D[,ANGLE_DEG]"


def bearing_of(text: str) -> Bearing:
    """Return the bearing that `text` names or describes.

    Parameters
    ----------
    text
        A key of `KNOWN` in any case, with ``SKF`` before or a suffix such as ``-2RS`` behind; or
        balls, ball diameter and pitch diameter in one unit, and the contact angle in degrees.

    Raises
    ------
    UsageError
        If there is no such bearing.
    """
    name = text.strip().lower().removeprefix("skf").strip(" -")
    for known in (name, name.partition("-")[0]):
        if known in KNOWN:
            return KNOWN[known]
    parts = text.split(",")
    if not 3 <= len(parts) <= 4:
        raise UsageError(f"--bearing must be one of {', '.join(KNOWN)}, or {_FORM}, not {text!r}")
    return _described(text, parts)


def _described(text: str, parts: list[str]) -> Bearing:
    try:
        balls, (ball, pitch, *angle) = int(parts[0]), [float(part) for part in parts[1:]]
    except ValueError:
        raise UsageError(
            f"--bearing must be a whole number and numbers, {_FORM}, not {text!r}"
        ) from None
    degrees = angle[0] if angle else 0.0
    if not 0 <= degrees < 90:
        raise UsageError(f"--bearing must have a contact angle of 0 to 90 degrees, not {degrees:g}")
    try:
        return Bearing(balls, ball, pitch, math.radians(degrees))
    except ValueError as error:
        raise UsageError(f"--bearing {text!r}: {error}") from error
