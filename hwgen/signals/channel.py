"""Which vectors of a file are the recording: one choice for all formats, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hwgen.errors import HwgenError, InputError
from hwgen.signals.axis import Axis, axis_of, goes_both_ways
from hwgen.signals.channel_words import beside, listed, nothing, shown, why_not
from hwgen.signals.formats import Channel, Contents
from hwgen.signals.reading import ALL

_DEFAULT = "DE"
"""The drive end's sensor, in CWRU's files and those made like them."""
_LONG = 64
"""Samples from which a vector is hardly a parameter."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")


@dataclass(frozen=True, eq=False)
class Choice:
    """What was taken.

    Parameters
    ----------
    channel
        It.
    samples
        (n,), of any real type.
    of
        How many signals there are.
    axes
        Time and the like, of the same length.
    """

    channel: Channel
    samples: np.ndarray
    of: int
    axes: tuple[Axis, ...]


def choose(path: Path, contents: Contents, wanted: str | None) -> Choice:
    """Return the signal that is meant.

    Vectors that are time or count, by `axis_of`, are no signals. `wanted` is, in this order, the
    name of one; its name in any case; the last part of its path; a column's number, or where there
    are no columns the place among the signals; words of its name in a row. None: the only signal
    (of 64 samples or more, if any has them), else the only one with the word DE. Of several that
    fit as words, the one with the file's number is meant (``X098_DE_time`` in ``normal_2_98.mat``:
    some published records hold a neighbour's variables too).

    Raises
    ------
    InputError
        None is meant, or several.
    """
    there = _There.of(path, contents)
    if wanted is None:
        if len(there.signals) > 1:
            there.check_read()  # or it would be counted as a signal
        return there.choice(_default(path, there.signals, there.axes, contents))
    return there.choice(_wanted(path, there.signals, there.axes, contents, wanted))


def choose_several(path: Path, contents: Contents, wanted: Sequence[str]) -> tuple[Choice, ...]:
    """Return the signals that are meant, in the order in which they are named.

    Each name is what `choose` takes. `ALL` alone: every signal, in the file's order (those of 64
    samples or more, if any has them).

    Raises
    ------
    InputError
        A name means none or several, two mean one, or the signals have different lengths.
    """
    there = _There.of(path, contents)
    if tuple(wanted) == (ALL,):
        there.check_read()
        chosen = _long(there.signals)
    else:
        chosen = [_wanted(path, there.signals, there.axes, contents, name) for name in wanted]
    for number, channel in enumerate(chosen):
        if channel in chosen[:number]:
            raise InputError(
                f"{path}: --channels must name different signals, but {shown(channel.name)} is "
                "meant twice; leave one out"
            )
        if channel.length != chosen[0].length:
            raise InputError(
                f"{path}: channels must be equally long, but {shown(chosen[0].name)} has "
                f"{chosen[0].length} samples and {shown(channel.name)} {channel.length}; choose "
                "with --channels"
            )
    return tuple(there.choice(channel) for channel in chosen)


@dataclass(frozen=True, eq=False)
class _There:
    """What a file has: signals, axes by name, and what was loaded or failed on the way."""

    signals: list[Channel]
    axes: dict[str, Axis]
    kept: dict[str, np.ndarray]
    failed: dict[str, HwgenError]

    @classmethod
    def of(cls, path: Path, contents: Contents) -> _There:
        """Tell signals and axes apart; `InputError` if there is no signal."""
        kept: dict[str, np.ndarray] = {}
        failed: dict[str, HwgenError] = {}
        axes = _axes(contents.channels, kept, failed)
        signals = [each for each in contents.channels if each.name not in axes]
        if not signals:
            raise InputError(nothing(path, contents, axes))
        return cls(signals, axes, kept, failed)

    def check_read(self) -> None:
        """Raise what is wrong with a channel that could not be read."""
        for error in self.failed.values():
            raise error

    def choice(self, chosen: Channel) -> Choice:
        """Return a signal with its samples."""
        axes = tuple(axis for axis in self.axes.values() if axis.length == chosen.length)
        samples = self.kept.pop(chosen.name) if chosen.name in self.kept else chosen.load()
        return Choice(chosen, samples, len(self.signals), axes)


def _axes(
    channels: Sequence[Channel], kept: dict[str, np.ndarray], failed: dict[str, HwgenError]
) -> dict[str, Axis]:
    """Return the channels that are no signals, by name.

    Keeps the values of an only channel, and what is wrong with those that could not be read.
    """
    found = {}
    for channel in channels:
        # A few samples tell most signals; only what may be an axis is loaded whole here.
        if channel.head is not None and goes_both_ways(channel.head):
            continue
        try:
            values = np.asarray(channel.load())
            axis = axis_of(channel, values)
        except HwgenError as error:  # it is told if this one is taken
            failed[channel.name] = error
            continue
        if axis is not None:
            found[channel.name] = axis
        elif len(channels) == 1:
            kept[channel.name] = values
    return found


def _default(
    path: Path, signals: list[Channel], axes: dict[str, Axis], contents: Contents
) -> Channel:
    """Return the signal that is meant where none is named."""
    long = _long(signals)
    if len(long) == 1:
        return long[0]
    driven = _numbered(path, [each for each in long if _has_words(each.name, _DEFAULT)])
    if len(driven) == 1:
        return driven[0]
    raise InputError(
        f"{path} has {len(long)} signals: {listed(driven or long)}{beside(axes, contents)}; "
        "name one with --channel"
    )


def _long(signals: list[Channel]) -> list[Channel]:
    return [each for each in signals if each.length >= _LONG] or signals


def _wanted(
    path: Path, signals: list[Channel], axes: dict[str, Axis], contents: Contents, wanted: str
) -> Channel:
    """Return the signal that `wanted` names."""
    wanted = wanted.strip()
    for found in _matches(signals, wanted):
        matching = _numbered(path, found)
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise InputError(
                f"{path}: --channel {wanted} fits {len(matching)} signals: {listed(matching)}; "
                "name one in full"
            )
    raise InputError(
        f"{path} has no signal {wanted!r}{why_not(axes, contents, wanted)}; --channel must name "
        f"one of: {listed(signals)}{beside(axes, contents)}"
    )


def _matches(signals: list[Channel], wanted: str) -> Iterator[list[Channel]]:
    """Yield the signals that fit, from the strictest way of naming to the loosest."""
    lower = wanted.lower()
    yield [each for each in signals if each.name == wanted]
    yield [each for each in signals if each.name.lower() == lower]
    yield [each for each in signals if each.name.lower().rpartition(".")[2] == lower]
    worded = [each for each in signals if _has_words(each.name, wanted)]
    if wanted.isdecimal():
        number = int(wanted)
        columns = [each for each in signals if each.number is not None]
        placed = [each for each in columns if each.number == number]
        if len(placed) == len(worded) == 1:  # 'Ch 2' may be column 3
            yield list(dict.fromkeys([*placed, *worded]))
        yield placed
        if not columns and not worded:
            yield signals[number - 1 : number] if number else []
    yield worded


def _numbered(path: Path, matching: list[Channel]) -> list[Channel]:
    """Return those of several signals that carry the file's number, or all if none does."""
    if len(matching) < 2:
        return matching
    for in_file in (re.search(r"\d+$", path.stem), re.match(r"\d+", path.stem)):
        found = [each for each in matching if in_file and _number(each.name) == int(in_file[0])]
        if found:
            return found
    return matching


def _number(name: str) -> int | None:
    """Return the number of a record in a name such as ``X098_DE_time``."""
    number = re.match(r"[A-Za-z]+(\d+)", name)
    return int(number[1]) if number else None


def _has_words(name: str, wanted: str) -> bool:
    """Return whether the words of `wanted` stand in a row in `name`."""
    words, run = _words(name), _words(wanted)
    starts = range(len(words) - len(run) + 1)
    return bool(run) and any(words[start : start + len(run)] == run for start in starts)


def _words(name: str) -> list[str]:
    """Return the words: x, 118, de, time of ``X118_DE_time``; vib, left of ``vibLeft``."""
    return [word.lower() for word in _WORDS.findall(name)]
