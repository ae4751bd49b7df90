"""Units of samples: what files say, and the factor to g."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwgen.errors import InputError

GRAVITY = 9.80665
"""m/s^2 in a g."""

COUNTS, SHARES = "counts", "of full scale"
SCORES = "standard deviations"
"""Of rows of a table."""

_SPELT = (
    (re.compile(r"[\s(,]+(?:rms|eff|peak|pk|p-p|pk-pk|0-p)\)?$"), ""),
    (re.compile(r"met(?:er|re)s?"), "m"),
    (re.compile(r"sec(?:ond)?s?"), "s"),
    (re.compile(r"inch(?:es)?"), "in"),
    (re.compile(r"[\s^*·.]+"), ""),
    (re.compile(r"^(\w+)ps(2?)$"), r"\1/s\2"),
)
"""Ways to write a unit, in lower case, and the one that the tables below have."""


def _plain(unit: str) -> str:
    """Return a unit in the tables' spelling: ``m·s⁻²`` and ``m s^-2`` are ``ms-2``."""
    found = unicodedata.normalize("NFKC", unit.strip()).lower().replace("\u2212", "-")
    for pattern, instead in _SPELT:
        found = pattern.sub(instead, found)
    return found


def _table(*rows: tuple[str, Any]) -> dict[str, Any]:
    return {_plain(name): value for names, value in rows for name in names.split()}


_G = _table(
    ("g gn g's gs g0 grav gravity gee", 1.0),
    ("mg milli-g", 1e-3),
    ("ug µg micro-g", 1e-6),
    ("m/s2 m/s/s m/ss ms-2 ms2", 1 / GRAVITY),
    ("cm/s2 gal gals", 1e-2 / GRAVITY),
    ("mm/s2 mms-2", 1e-3 / GRAVITY),
    ("um/s2 µm/s2", 1e-6 / GRAVITY),
    ("nm/s2", 1e-9 / GRAVITY),
    ("mgal", 1e-5 / GRAVITY),
    ("in/s2", 0.0254 / GRAVITY),
    ("ft/s2", 0.3048 / GRAVITY),
)
_COUNTS = ("count", "counts", "lsb", "lsbs", "raw", "digit", "digits", "adc", "adu")
_OTHERS = _table(
    ("mm/s m/s in/s ips um/s µm/s cm/s ft/s", "a velocity"),
    ("m mm um µm nm mil mils in", "a displacement"),
    ("v mv volt volts µv uv", "a voltage"),
    ("mv/g v/g mv/(m/s2)", "a sensitivity"),
    ("a ma ampere amps", "a current"),
    ("n kn n·m", "a force or torque"),
    ("°c c degc °f k", "a temperature"),
    ("pa kpa bar mbar psi dba", "a pressure"),
    ("rpm 1/min hz khz %", "another quantity"),
)


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


def is_unit(text: str) -> bool:
    """Return whether `text` is a unit of samples, an acceleration or another."""
    return _said(text) is not None


def _said(unit: str) -> float | str | None:
    """Return the factor to g, what else a unit is of, or None for one that is not known."""
    plain = _plain(unit)
    if plain in _COUNTS:
        return COUNTS
    return _G.get(plain) or _OTHERS.get(plain)
