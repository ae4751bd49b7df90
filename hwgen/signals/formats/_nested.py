"""Variables in structs in structs, as MATLAB and HDF5 files have them: to channels and rates."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from hwgen.signals.formats._arrays import channels_of
from hwgen.signals.formats._contents import Channel, Contents, StatedRate
from hwgen.signals.formats._stated import known_unit, rate_of

_NAME, _DATA = ("name", "channel", "label"), ("data", "values", "value", "y")
"""Fields of a struct that says what its signal is called, as Paderborn's files have it."""
_UNIT = ("unit", "units")


@dataclass(frozen=True, eq=False)
class Array:
    """Real numbers: shape, what reads them, and what is stated of them alone."""

    shape: tuple[int, ...]
    load: Callable[[], np.ndarray]
    unit: str | None = None
    rate: float | None = None


@dataclass(frozen=True)
class Text:
    """A text."""

    value: str


@dataclass(frozen=True)
class Other:
    """What can be no signal, such as logicals, complex numbers, objects."""


_HERTZ = re.compile(r"[ _]*(in)?[ _]*\(?hz\)?$", re.IGNORECASE)
"""What a rate's name may end in."""
Node: TypeAlias = Any
"""`Array`, `Text`, `Other`, a mapping of names to nodes (a struct), or a sequence of nodes."""


@dataclass
class _Found:
    channels: list[Channel] = field(default_factory=list)
    rates: list[StatedRate] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def contents_of(root: Mapping[str, Node]) -> Contents:
    """Return what a tree of variables holds.

    A number called ``fs``, ``sampling_rate`` or the like is the rate of the vectors beside and
    below it.
    """
    found = _Found()
    rate, origin = rate_in(root)
    if rate is not None:
        found.rates.append(StatedRate(rate, origin))
    for name, node in root.items():
        _walk(name, node, None, None, found)
    return Contents(tuple(found.channels), tuple(found.rates), tuple(found.passed_over))


def _walk(name: str, node: Node, rate: float | None, unit: str | None, found: _Found) -> None:
    """Add what `node`, called `name`, holds."""
    if isinstance(node, Array):
        channels = channels_of(
            name, node.shape, node.load, unit=node.unit or unit, rate=node.rate or rate
        )
        found.channels += [_unnumbered(each) for each in channels]
        if not channels:
            found.passed_over.append(name)
    elif isinstance(node, Mapping):
        _struct(name, node, rate, found)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for number, each in enumerate(node, 1):
            _walk(name if len(node) == 1 else f"{name}[{number}]", each, rate, unit, found)
    else:
        found.passed_over.append(name)


def _struct(name: str, node: Mapping[str, Node], rate: float | None, found: _Found) -> None:
    own, _ = rate_in(node)
    rate = rate if own is None else own
    called, unit = _text(node, _NAME), _text(node, _UNIT)
    unit = known_unit(unit) if unit else None
    taken = {channel.name for channel in found.channels}
    for key, each in node.items():
        named = called if key.lower() in _DATA and isinstance(each, Array) else None
        path = f"{name}.{key}" if named is None or named in taken else named
        _walk(path, each, rate, unit if named is not None else None, found)


def _unnumbered(channel: Channel) -> Channel:
    """Return a channel that is no column: variables are counted in the file's order."""
    return Channel(
        channel.name, channel.length, channel.load, channel.unit, channel.rate, channel.shares
    )


def rate_in(node: Mapping[str, Node]) -> tuple[float | None, str]:
    """Return the first sample rate that a scalar of a struct states, in Hz, and its name."""
    for name, each in node.items():
        plain = _HERTZ.sub("", name) or name
        is_scalar = isinstance(each, Array) and math.prod(each.shape) == 1
        if not is_scalar or rate_of(plain, 1.0, "", name) is None:
            continue
        if stated := rate_of(plain, float(each.load().reshape(-1)[0]), "", name):
            return stated.hertz, name
    return None, ""


def _text(node: Mapping[str, Node], names: tuple[str, ...]) -> str | None:
    for key, each in node.items():
        if key.lower() in names and isinstance(each, Text) and each.value.strip():
            return each.value.strip()
    return None
