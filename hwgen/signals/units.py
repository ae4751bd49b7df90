"""Units of samples: what files say, and the factor to g."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hwgen.errors import InputError

GRAVITY = 9.80665
"""m/s^2 in a g."""

COUNTS, SHARES = "counts", "of full scale"

_G = {
    **dict.fromkeys(("g", "gn", "g's", "gs", "g0", "grav", "gravity", "gee"), 1.0),
    **dict.fromkeys(("mg", "milli-g"), 1e-3),
    **dict.fromkeys(
        ("m/s2", "m/s^2", "m/s²", "m/s**2", "m/s/s", "m/sec^2", "m/sec2", "m/ss", "m·s-2",
         "m·s^-2", "m s-2", "m s^-2", "ms-2", "ms^-2", "m*s^-2", "meters/second^2"),
        1 / GRAVITY,
    ),
    **dict.fromkeys(("mm/s2", "mm/s^2", "mm/s²"), 1e-3 / GRAVITY),
    **dict.fromkeys(("in/s2", "in/s^2", "in/s²"), 0.0254 / GRAVITY),
}  # fmt: skip
_COUNTS = ("count", "counts", "lsb", "lsbs", "raw", "digit", "digits", "adc", "adu")
_OTHERS = {
    **dict.fromkeys(("mm/s", "m/s", "in/s", "ips", "um/s", "µm/s", "μm/s", "cm/s"), "a velocity"),
    **dict.fromkeys(("m", "mm", "um", "µm", "μm", "nm", "mil", "mils", "in"), "a displacement"),
    **dict.fromkeys(("v", "mv", "volt", "volts", "µv", "μv", "uv"), "a voltage"),
    **dict.fromkeys(("a", "ma", "ampere", "amps"), "a current"),
    **dict.fromkeys(("n", "kn", "nm", "n·m", "n*m"), "a force or torque"),
    **dict.fromkeys(("°c", "c", "degc", "°f", "k"), "a temperature"),
    **dict.fromkeys(("pa", "kpa", "bar", "mbar", "psi", "dba"), "a pressure"),
    **dict.fromkeys(("rpm", "1/min", "hz", "khz", "%"), "another quantity"),
}


@dataclass(frozen=True)
class Scale:
    """What samples are multiplied by, and what they then are.

    Parameters
    ----------
    factor
        Of samples, once the offset is subtracted.
    unit
        ``"g"``, ``"counts"`` or ``"of full scale"``.
    notices
        What was assumed.
    """

    factor: float
    unit: str
    notices: tuple[str, ...] = ()


def scale_of(
    path: Path, name: str, stated: str | None, given: str | None, *, shares: bool
) -> Scale:
    """Return what makes a channel's samples g.

    Parameters
    ----------
    path, name
        File and channel, for messages.
    stated
        Unit as the file says it.
    given
        Unit as the user says it, one of `hwgen.signals.reading.UNITS`; overrules the file.
    shares
        Whether samples are shares of full scale, which no unit of the user's changes but g and
        m/s2: a share of 1 is then 1 of that.

    Raises
    ------
    InputError
        The file states a unit that is no acceleration, and none is given; or shares of full scale
        are to be counts.
    """
    said = _said(stated) if stated else None
    if shares and given == COUNTS:
        raise InputError(
            f"{path}: integers of a WAV file are read as shares of full scale, whose counts are "
            "not known; leave --unit counts out, or save the counts as .npy"
        )
    if given is not None:
        differs = f"--unit {given} overrules the file's {stated!r} of {name!r}"
        factor, unit = (1.0, COUNTS) if given == COUNTS else (_G[given], "g")
        return Scale(factor, unit, (differs,) if stated and said != _said(given) else ())
    if stated is None:
        return Scale(1.0, SHARES if shares else "g")
    if isinstance(said, float):
        return Scale(said, "g", () if said == 1 else (f"{name!r} is in {stated}; it is read as g",))
    if said is None:
        notice = f"the unit {stated!r} of {name!r} is not known; its samples are taken as g"
        return Scale(1.0, "g", (notice,))
    if said == COUNTS:
        return Scale(1.0, COUNTS, (f"{name!r} is in counts, not in g",))
    raise InputError(
        f"{path}: {name!r} is in {stated!r}, {said}; samples must be an acceleration (g, "
        "m/s2) or counts; choose with --channel, or take the numbers as they are with --unit g"
    )


def _said(unit: str) -> float | str | None:
    """Return the factor to g, what else a unit is of, or None for one that is not known."""
    plain = " ".join(unit.split()).lower()
    if plain in _COUNTS:
        return COUNTS
    return _G.get(plain) or _OTHERS.get(plain)
