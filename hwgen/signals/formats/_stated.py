"""What files say of units and sample rates, in the spellings that programs and people use."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from hwgen.signals.formats._contents import StatedRate
from hwgen.signals.units import is_unit

TIME_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sekunden"), "s"),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "µs", "μs", "usec", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), "ns"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
}
"""Spellings of units of time, in lower case, and the one that is handed on."""
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0}
"""In each unit of time that is handed on."""
_HERTZ = {
    **dict.fromkeys(("", "hz", "hertz", "s/s", "sps", "1/s"), 1.0),
    **dict.fromkeys(("khz", "ks/s", "ksps"), 1e3),
    "mhz": 1e6,
}
_IN_BRACKETS = re.compile(r"(?:\[([^\[\]]{1,30})\]|\(([^()]{1,30})\))\s*$")
_UNIT_LIKE = re.compile(r"[/^²³⁻µμ]")
"""What names of sensors and places do not hold."""
_IN_TITLE = (
    re.compile(r"(?:\bin|/|,)\s+(\S{1,12})$"),
    re.compile(r"\b(?:time|zeit|t|timestamp|elapsed)[ _/](\w{1,3})$", re.IGNORECASE),
    re.compile(r"_(mp?s2|g|mg|ug)$", re.IGNORECASE),
)
RATE_NAME = (
    r"f_?s|f_?samp|sr|s_?rate|"
    r"(?:samp(?:l(?:e|es|ing))?|abtast|scan|acq(?:uisition)?|daq)[ _-]?(?:rate|freq(?:uency|uenz)?)"
)
STEP_NAME = (
    r"delta[ _]?[xt]|dt|(?:samp(?:l(?:e|ing))?|scan)[ _-]?(?:interval|period|time|step)|"
    r"time[ _-]?step|wf_increment"
)
_SHORT_STEPS = ("Ts", "T_s")
"""Usual in MATLAB, but a time stamp's name too: only a step that makes sense is one."""
_SHORTEST_S, _LONGEST_S = 1e-8, 1e-2
_ANY = 1e-3
"""What any name of a rate or a step may have as its value."""
_WITH_UNIT = re.compile(r"(.+?)[ _]?(k?hz|mhz|[mun]?s|sec)", re.IGNORECASE)
"""A name that ends in its unit: ``fs_kHz``, ``dt_ms``."""
_UNIT_NAME = re.compile(
    r"(?:(?:y|data|signal|value|acc|acceleration|vib|vibration|sensor|eng|engineering|physical|"
    r"amplitude)[ _-]?)?units?(?:[ _-]?(?:string|str|text|name|label|desc(?:ription)?))?|einheit|"
    r"eu|ni_unitdescription",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)\s*([a-zµμA-Z/]*)\s*")


def known_unit(text: str) -> str | None:
    """Return `text` if it is a unit, one of time as s, ms, us or ns; else None."""
    lower = text.strip().lower()
    return TIME_UNITS.get(lower) or (text.strip() if is_unit(text) else None)


def unit_of_title(title: str) -> str | None:
    """Return the unit at the end of a title: ``Time (ms)``, ``a in m/s²``, ``time_us``.

    In brackets it may be one that is not known, which is then said, if it looks like a unit.
    """
    if bracketed := _IN_BRACKETS.search(title):
        text = bracketed[1] or bracketed[2]
        if (unit := known_unit(text)) or _UNIT_LIKE.search(text):
            return unit or text.strip()
    for pattern in _IN_TITLE:
        if (match := pattern.search(title)) and (unit := known_unit(match[1])):
            return unit
    return None


def rate_of(name: str, value: float, unit: str, origin: str) -> StatedRate | None:
    """Return the rate that a value called `name` states, in `unit` or the usual one; else None."""
    unit = unit.strip().lower()
    if not math.isfinite(value):  # written where nothing is known
        return None
    if re.fullmatch(RATE_NAME, name, re.IGNORECASE) and unit in _HERTZ:
        return StatedRate(value * _HERTZ[unit], origin)
    step = re.fullmatch(STEP_NAME, name, re.IGNORECASE) or (
        name in _SHORT_STEPS and _SHORTEST_S <= value <= _LONGEST_S
    )
    if step and value > 0 and (unit == "" or unit in TIME_UNITS):
        return StatedRate(rate_of_step(value, TIME_UNITS.get(unit, "s")), origin)
    return None


def rate_of_step(step: float, unit: str) -> float:
    """Return the rate, in Hz, of a step in time above 0, in s, ms, us or ns.

    Steps are rounded; a whole number of Hz near it is what the recorder was set to.
    """
    hertz = 1 / (step * SECONDS[unit])
    near = round(hertz) if math.isfinite(hertz) else 0
    return float(near) if near and abs(hertz - near) < 1e-4 * hertz else hertz


def stated_unit(facts: Mapping[str, object]) -> str | None:
    """Return the unit of the samples among the properties of a file; never one of time."""
    for name, value in facts.items():
        if not isinstance(value, str) or not _UNIT_NAME.fullmatch(name.strip().removeprefix("@")):
            continue
        unit = value.strip()
        if unit and unit.lower() not in TIME_UNITS:
            return unit
    return None


def stated_rates(facts: Mapping[str, object]) -> tuple[StatedRate, ...]:
    """Return the rates among the properties of a file."""
    found = []
    for name, value in facts.items():
        words = re.match(r"(.*?)\s*(?:[\[(]([^\])]*)[\])])?$", name.strip(), re.DOTALL)
        read = _number(value)
        if words is None or read is None:
            continue
        bare, unit = _bare(words[1], read[1] or words[2] or "")
        if rate := rate_of(bare, read[0], unit, repr(name)[1:-1]):
            found.append(rate)
    return tuple(found)


def stated_scalar(path: str, value: Callable[[], float | str]) -> StatedRate | None:
    """Return the rate that a scalar at `path` (``bearing.sr``, ``fs_kHz``) states, if any.

    `value`, a number or a text such as ``"25.6 kHz"``, is asked for only if the name is that of a
    rate, or of a step in time.
    """
    bare, unit = _bare(path.rpartition(".")[2].removeprefix("@"), "")
    if rate_of(bare, _ANY, unit, path) is None:
        return None
    read = _number(value())
    return None if read is None else rate_of(bare, read[0], read[1] or unit, path)


def _bare(name: str, unit: str) -> tuple[str, str]:
    """Return a name without the unit that it ends in, and the unit."""
    ended = _WITH_UNIT.fullmatch(name)
    if unit or ended is None or rate_of(name, _ANY, "", "") is not None:
        return name, unit
    return ended[1], ended[2]


def _number(value: object) -> tuple[float, str] | None:
    """Return a value and its unit, of a number or a text that is nothing else."""
    if isinstance(value, str):
        match = _NUMBER.fullmatch(value)
        value, unit = (match[1], match[2]) if match else ("", "")
    else:
        unit = ""
    try:
        return float(value), unit  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
