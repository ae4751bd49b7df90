"""Which channel of a file is the signal: one rule for all formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.signals.axis import Axis, axis_of
from hwgen.signals.formats import Channel, Contents

_DRIVE_END = "DE"
_LISTED = 12


@dataclass(frozen=True, eq=False)
class Chosen:
    """The channel that is taken.

    Parameters
    ----------
    channel
        As the file has it.
    samples
        (n,), not yet checked; an array, or what gives its slices.
    of
        How many signals the file holds.
    axes
        Time axes of as many stamps as it has samples.
    """

    channel: Channel
    samples: Any
    of: int
    axes: tuple[Axis, ...]


def choose(path: Path, contents: Contents, wanted: str | None) -> Chosen:
    """Return the channel that `wanted` names, or else the only signal, or the drive end's.

    A vector that rises in equal steps is time, or counts the samples, whatever its name: never a
    signal. What is asked for and not there is refused, however many channels there are. A name is
    matched whole, then without regard to case, then by its last part (``gs`` of ``bearing.gs``),
    then by whole words in it (``DE`` of ``X118_DE_time``), and then `wanted` may be the number of
    a column, of a table or of the only matrix. Where several match, the one whose number is the
    file name's (``X118_DE_time`` in ``B007_0_118.mat``) is taken: some published records hold a
    neighbour's variables too.

    Raises
    ------
    InputError
        It does not become clear which; names what is there.
    """
    axes: list[Axis] = []
    signals: list[Channel] = []
    loaded: dict[int, np.ndarray] = {}
    for channel in contents.channels:
        axis, samples = axis_of(path, channel)
        if axis is not None:
            axes.append(axis)
            continue
        signals.append(channel)
        if samples is not None and len(contents.channels) == 1:
            loaded[id(channel)] = samples
    if wanted is None:
        taken = _default(path, contents, signals, axes)
    else:
        taken = _named(path, contents, signals, axes, wanted)
    read = loaded.get(id(taken))
    return Chosen(
        taken,
        taken.load() if read is None else read,
        len(signals),
        tuple(axis for axis in axes if axis.length == taken.length),
    )


def words_of(name: str) -> list[str]:
    """Return the words of a name in lower case: ``X118_DE_time`` is x, 118, de, time."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+", name)
    return [part.lower() for part in parts]


def _named(
    path: Path, contents: Contents, signals: Sequence[Channel], axes: Sequence[Axis], wanted: str
) -> Channel:
    """Return the channel that the user names."""
    found = next(filter(None, (_matching(signals, rule) for rule in _rules(wanted))), [])
    found = _of_file(path, found)
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{path} has several channels {wanted!r}: {_listed(found)}; say which: --channel NAME"
        )
    time = next((a for a in axes if any(rule(a.channel) for rule in _rules(wanted))), None)
    if time is not None:
        raise InputError(
            f"{path}: {time.channel.name} rises in equal steps: that is time, not a signal; "
            f"{_there(contents, signals, axes)}"
        )
    raise InputError(f"{path} has no channel {wanted!r}; {_there(contents, signals, axes)}")


def _rules(wanted: str) -> tuple[Callable[[Channel], bool], ...]:
    """Return the ways to match a name, the strictest first."""
    lower, words = wanted.lower(), words_of(wanted)

    def in_words(channel: Channel) -> bool:
        of = words_of(channel.name)
        runs = (of[at : at + len(words)] for at in range(len(of) - len(words) + 1))
        return bool(words) and any(run == words for run in runs)

    return (
        lambda channel: channel.name == wanted,
        lambda channel: channel.name.lower() == lower,
        lambda channel: channel.name.rpartition(".")[2].lower() == lower,
        in_words if not wanted.isdecimal() else lambda channel: False,
        lambda channel: wanted.isdecimal() and channel.number == int(wanted),
        lambda channel: wanted.isdecimal() and channel.name.endswith(f"[{int(wanted)}]"),
    )


def _matching(signals: Sequence[Channel], rule: Callable[[Channel], bool]) -> list[Channel]:
    return [channel for channel in signals if rule(channel)]


def _default(
    path: Path, contents: Contents, signals: Sequence[Channel], axes: Sequence[Axis]
) -> Channel:
    """Return the channel that is taken unless the user names one."""
    if len(signals) == 1:
        return signals[0]
    ends = [channel for channel in signals if _DRIVE_END.lower() in words_of(channel.name)]
    ends = _of_file(path, ends)
    if len(ends) == 1:
        return ends[0]
    if not signals:
        raise InputError(f"{path} holds no signal; {_there(contents, signals, axes)}")
    raise InputError(
        f"{path} has several channels: {_listed(ends or signals)}; say which: --channel NAME "
        "or its number"
    )


def _of_file(path: Path, channels: list[Channel]) -> list[Channel]:
    """Return those whose number is in the file's name, if that leaves one; else all."""
    numbers = {int(number) for number in re.findall(r"\d+", path.stem)}
    own = [
        channel
        for channel in channels
        if (match := re.match(r"[A-Za-z]+(\d+)", channel.name)) and int(match[1]) in numbers
    ]
    return own if len(own) == 1 else channels


def _there(contents: Contents, signals: Sequence[Channel], axes: Sequence[Axis]) -> str:
    """Return what a file holds, for a message."""
    parts = [f"it has {_listed(signals)}" if signals else "it has no channel of numbers"]
    if axes:
        parts.append(f"time in {_listed([axis.channel for axis in axes])}")
    if contents.passed_over:
        names = ", ".join(contents.passed_over[:_LISTED])
        parts.append(f"and what can be no signal: {names}")
    return ", ".join(parts)


def _listed(channels: Sequence[Channel]) -> str:
    names = ", ".join(repr(channel.name)[1:-1] for channel in channels[:_LISTED])
    return names + (", ..." if len(channels) > _LISTED else "")
