"""What a channel's name and unit say of it as an axis: time, in which unit, or something else."""

from __future__ import annotations

import re

from hwgen.signals.formats import Channel
from hwgen.signals.formats._stated import SECONDS, TIME_UNITS, unit_of_title

IN_SECONDS = {**SECONDS, "h": 3600.0, "d": 86_400.0}
"""Every unit that an axis can have."""

_LONG_UNITS = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "stunde", "stunden"), "h"),
    **dict.fromkeys(("d", "day", "days", "tag", "tage"), "d"),
}
_TIME_WORDS = frozenset(
    ("t", "time", "times", "timestamp", "timestamps", "stamp", "stamps", "zeit", "zeitstempel",
     "elapsed", "sec", "secs", "second", "seconds", "sekunden", "epoch", "datetime", "xvalue")
)  # fmt: skip
_OF_FREQUENCY = frozenset(
    ("freq", "freqs", "frequency", "frequencies", "frequenz", "hz", "khz", "mhz", "cpm")
)
_OTHER_UNITS = _OF_FREQUENCY | frozenset(
    ("deg", "degree", "degrees", "grad", "°", "rad", "radian", "radians", "rev", "revs", "turns",
     "revolution", "revolutions", "rpm", "mm", "m", "cm", "um", "µm", "μm", "km", "in", "inch",
     "order", "orders", "ordnung")
)  # fmt: skip
_OTHER_WORDS = (_OTHER_UNITS - {"m", "in", "°", "grad"}) | frozenset(
    ("angle", "angles", "winkel", "phase", "theta", "phi", "position", "positions", "pos",
     "distance", "weg", "displacement")
)  # fmt: skip
_BRACKET = re.compile(r"[\[(]\s*([^\[\]()]{1,20}?)\s*[\])]\s*$")
_BEHIND = re.compile(
    r"\b(?:time|zeit|t|timestamp|elapsed)(?:\s+in\s+|[ _/]+)(\w{1,7})$", re.IGNORECASE
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zµμ]+|[^\W\d_A-Za-z]+|\d+")


def time_unit(channel: Channel) -> str | None:
    """Return the unit of time that is stated beside the channel or in its name."""
    for text in (channel.unit, unit_of_title(channel.name)):
        if text and (unit := TIME_UNITS.get(text.strip().lower())):
            return unit
    bracket, behind = _BRACKET.search(channel.name), _BEHIND.search(channel.name)
    for text in (channel.unit, bracket and bracket[1], behind and behind[1]):
        if text and (unit := _LONG_UNITS.get(text.strip().lower())):
            return unit
    return None


def called_by_unit(name: str) -> str | None:
    """Return the unit of a name that is nothing else: hours, days; a letter is a variable's name.

    It is told apart from `time_unit`, since what is called so may be a part of a date.
    """
    last = _last(name).strip().lower()
    return _LONG_UNITS.get(last) if len(last) > 1 else None


def says_time(name: str) -> bool:
    """Return whether a name, units aside, says time and nothing else."""
    last = re.sub(r"[\[(].*?[\])]", " ", _last(name))
    words = [word for word in re.split(r"[\W_]+", last.lower()) if word]
    said = [word for word in words if word not in TIME_UNITS or word in _TIME_WORDS]
    return bool(said) and all(word in _TIME_WORDS for word in said)


def no_time(channel: Channel) -> str | None:
    """Return the unit or word that makes an axis one of something else than time; else None.

    A unit in the name counts whatever the rest of it is; one that the file states beside the
    channel may be meant for all of them, and does not make another of what is called time.
    """
    name = _last(channel.name)
    bracket = _BRACKET.search(name)
    if bracket and bracket[1].lower() in _OTHER_UNITS:
        return bracket[1]
    bare = name if bracket is None else name[: bracket.start()]
    for word in _WORDS.findall(bare):
        if word.lower() in _OTHER_WORDS:
            return str(word)
    if bare.strip() == "f":
        return "f"
    if re.search(r"[^\W\d][ _]m$", bare.strip()):
        return "m"
    unit = (channel.unit or "").strip()
    return unit if unit.lower() in _OTHER_UNITS and not says_time(channel.name) else None


def is_frequency(word: str) -> bool:
    """Return whether what `no_time` found is a frequency: that of a spectrum."""
    return word == "f" or word.lower() in _OF_FREQUENCY


def _last(name: str) -> str:
    """Return the last part of a path, without the number of a column."""
    return re.sub(r"\[\d+\]$", "", name.rpartition(".")[2])
