"""At which frequencies a recording's bearing would strike: what is said, and what is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import UsageError
from hwgen.explain import fault_lines
from hwgen.signals import Recording, cwru
from hwgen.signals.bearings import bearing_of
from hwgen.signals.speed import FASTEST_RPM, is_speed


@dataclass(frozen=True)
class Strikes:
    """Fault frequencies.

    Parameters
    ----------
    hertz
        By name, of `hwgen.explain.LINES`; empty where they are not known.
    words
        A sentence: which bearing at which speed, and who says so; or what is missing.
    """

    hertz: dict[str, float]
    words: str


def strikes_of(file: Path, recording: Recording, bearing: str | None, rpm: float | None) -> Strikes:
    """Return the fault frequencies of a recording.

    Parameters
    ----------
    bearing
        Of `hwgen.signals.bearings.bearing_of`; None: CWRU's, of a file with such a name.
    rpm
        Of the shaft; None: what the file states, else the nominal one of a CWRU name.

    Raises
    ------
    UsageError
        If there is no such bearing, or no shaft turns so.
    """
    if rpm is not None and not is_speed(rpm):
        raise UsageError(f"--rpm must be above 0 and below {FASTEST_RPM:,.0f}, not {rpm:g}")
    geometry = None if bearing is None else bearing_of(bearing)
    known = cwru.bearing(file.stem)
    what = f"bearing {bearing}"
    if geometry is None and known is not None:
        geometry, what = bearing_of(known), f"bearing {known} (CWRU's, by the file's name)"
    speed, how = _speed(file, recording, rpm)
    if geometry is None:
        return Strikes({}, "no fault frequencies: nobody says which bearing it is; --bearing does")
    if speed is None:
        return Strikes({}, "no fault frequencies: nobody says how fast the shaft turns; --rpm does")
    hertz = fault_lines(geometry, speed)
    listed = ", ".join(f"{name} {rate:.1f} Hz" for name, rate in hertz.items())
    return Strikes(hertz, f"{what}, shaft at {speed:g} rpm ({how}): {listed}")


def _speed(file: Path, recording: Recording, rpm: float | None) -> tuple[float | None, str]:
    if rpm is not None:
        return rpm, "given"
    if recording.rpm is not None:
        return recording.rpm, "the file says"
    return cwru.rpm(file.stem), "nominal for the load in the file's name"
