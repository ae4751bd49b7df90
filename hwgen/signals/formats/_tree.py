"""Variables, structs and lists of them, as MATLAB and HDF5 files have them: to channels and rates.

A tree is made of `Numbers`, `Words`, `Other`, mappings (structs, groups) and lists (cells, arrays
of structs).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hwgen.signals.formats._arrays import channels_of
from hwgen.signals.formats._contents import Channel, Contents, StatedRate
from hwgen.signals.formats._stated import stated_scalar, stated_unit
from hwgen.signals.speed import states_speed

_CALLED = ("name", "channelname", "channel_name", "label", "title")
_DATA = ("data", "value", "values", "signal", "samples")
MOST_NODES = 100_000
DEEPEST = 32


@dataclass(frozen=True, eq=False)
class Numbers:
    """An array of real numbers.

    Parameters
    ----------
    shape
        Any.
    load
        Returns it.
    unit, rate
        As stated beside it; the rate in Hz.
    """

    shape: tuple[int, ...]
    load: Callable[[], np.ndarray]
    unit: str | None = None
    rate: float | None = None


@dataclass(frozen=True)
class Words:
    """A text."""

    text: str


@dataclass(frozen=True)
class Other:
    """What can be no signal, and what it is: ``"logical"``."""

    kind: str


Node = Any
"""`Numbers`, `Words`, `Other`, a mapping of `Node`, or a list of `Node`."""


@dataclass
class _Found:
    channels: list[tuple[str, Channel]] = field(default_factory=list)
    rates: list[tuple[str, StatedRate]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    speeds: list[tuple[str, float]] = field(default_factory=list)
    nodes: int = 0


def contents_of(tree: Mapping[str, Node]) -> Contents:
    """Return what is in a file's variables.

    A struct with fields for a name and for data (Paderborn's ``Name`` and ``Data``) gives a
    channel of that name. A scalar such as ``fs`` states the rate of what is in its struct and
    below; if all structs with such a scalar agree, of the whole file.

    Raises
    ------
    ValueError
        The tree is deeper or larger than any recording's.
    """
    found = _Found()
    _struct("", tree, found, 0)
    hertz = {rate.hertz for _, rate in found.rates}
    scopes = {scope for scope, _ in found.rates}
    whole = len(hertz) == 1 or len(scopes) == 1
    channels = tuple(
        channel if whole else _with_rate(scope, channel, found.rates)
        for scope, channel in found.channels
    )
    rates = tuple(rate for scope, rate in found.rates if whole or not scope)
    return Contents(
        channels, rates, tuple(found.passed_over), tuple(found.notices), tuple(found.speeds)
    )


def _with_rate(scope: str, channel: Channel, rates: list[tuple[str, StatedRate]]) -> Channel:
    """Return the channel with the rate of the nearest struct around it that has one."""
    around = [(of, rate) for of, rate in rates if of and (scope + ".").startswith(of + ".")]
    if not around:
        return channel
    return replace(
        channel, rate=channel.rate or max(around, key=lambda each: len(each[0]))[1].hertz
    )


def _node(name: str, node: Node, scope: str, found: _Found, depth: int) -> None:
    """Add what `node`, called `name` in the struct `scope`, holds."""
    found.nodes += 1
    if found.nodes > MOST_NODES or depth > DEEPEST:
        raise ValueError(f"more than {MOST_NODES} values, or {DEEPEST} structs in each other")
    if isinstance(node, Numbers):
        _numbers(name, node, scope, found)
    elif isinstance(node, Mapping):
        _struct(name, node, found, depth)
    elif isinstance(node, list):
        for number, each in enumerate(node, 1):
            called = name if len(node) == 1 else f"{name}[{number}]"
            _node(called, each, scope, found, depth + 1)
    elif isinstance(node, Other):
        found.passed_over.append(f"{name} ({node.kind})")
    else:
        _words(name, node, scope, found)


def _words(name: str, node: Words, scope: str, found: _Found) -> None:
    if not name.rpartition(".")[2].startswith("@"):  # an attribute would be no signal anyway
        found.passed_over.append(name)
    if (rate := stated_scalar(name, lambda: node.text)) is not None:
        found.rates.append((scope, rate))


def _numbers(name: str, node: Numbers, scope: str, found: _Found) -> None:
    if node.shape and math.prod(node.shape) == 1:
        found.passed_over.append(name)
        if (rate := stated_scalar(name, lambda: float(node.load().reshape(-1)[0]))) is not None:
            found.rates.append((scope, rate))
        if states_speed(name):
            found.speeds.append((name, float(node.load().reshape(-1)[0])))
        return
    channels, said = channels_of(name, node.shape, node.load, node.unit)
    if len(channels) == 1:
        channels = (replace(channels[0], number=None),)
    found.channels += [(scope, replace(each, rate=node.rate)) for each in channels]
    found.notices += [said] if said else []
    if not channels:
        size = " x ".join(map(str, node.shape))
        found.passed_over.append(f"{name} ({size or 'empty'})")


def _struct(name: str, fields: Mapping[str, Node], found: _Found, depth: int) -> None:
    called = _text(fields, _CALLED)
    unit = stated_unit({key: n.text for key, n in fields.items() if isinstance(n, Words)})
    first = len(found.channels)
    names = {channel.name for _, channel in found.channels}
    outer = name.rpartition(".")[0]
    for key, node in fields.items():
        path = f"{name}.{key}" if name else key
        if name and isinstance(node, Numbers) and key.lower() in _DATA:
            better = f"{outer}.{called}" if outer else called
            if better and called and better not in names:
                path = better
        _node(path, node, name, found, depth + 1)
    if unit is not None:  # of all in the struct that has none of its own
        found.channels[first:] = [
            (scope, each if each.unit else replace(each, unit=unit))
            for scope, each in found.channels[first:]
        ]


def _text(fields: Mapping[str, Node], keys: tuple[str, ...]) -> str | None:
    """Return the text of a field called one of `keys`."""
    texts = (node for key, node in fields.items() if key.lower() in keys)
    return next((n.text.strip() for n in texts if isinstance(n, Words) and n.text.strip()), None)
