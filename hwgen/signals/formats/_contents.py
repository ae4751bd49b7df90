"""What a file's reader finds in a file: all its channels, before one of them is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Channel:
    """One vector of numbers in a file: a signal, or a time axis.

    Parameters
    ----------
    name
        What the file calls it, literally: a variable, a path in a struct (``bearing.gs``), a
        column's title. The column's number from 1, such as ``"2"``, where it has no name; a
        matrix ``x`` of three columns gives ``x[1]``, ``x[2]``, ``x[3]``.
    length
        Samples, n.
    load
        Returns them, (n,), of any real type, not yet checked.
    unit
        As the file states it, such as ``"g"`` or ``"m/s^2"``; None where it does not.
    rate
        Hz, where the file states it of this channel alone.
    shares
        Whether samples are shares of full scale (WAV's integers), not of a unit.
    number
        Its column from 1, as a person counts, others and times too; None for what is no column.
    head
        Its first samples, where they are cheaper to have than all.
    """

    name: str
    length: int
    load: Callable[[], np.ndarray]
    unit: str | None = None
    rate: float | None = None
    shares: bool = False
    number: int | None = None
    head: np.ndarray | None = None


@dataclass(frozen=True)
class StatedRate:
    """A sample rate that a file states.

    Parameters
    ----------
    hertz
        As stated, plausible or not.
    origin
        Where, for messages: ``"fs"``, ``"the header"``, ``"column 'time_ms'"``.
    """

    hertz: float
    origin: str


@dataclass(frozen=True, eq=False)
class Contents:
    """Everything in a file that may matter.

    Parameters
    ----------
    channels
        Vectors of at least two numbers, in the file's order; time axes among them, unless the
        reader has turned them into a rate itself.
    rates
        Sample rates stated for the whole file.
    passed_over
        Names of what is there but can be no channel: scalars, text, empty variables; why in
        brackets, where that is not plain: ``DE (logical)``.
    notices
        What the reader assumed, for the user: one sentence each.
    speeds
        Speeds of the shaft that the file states, in revolutions a minute, by name.
    """

    channels: tuple[Channel, ...]
    rates: tuple[StatedRate, ...] = ()
    passed_over: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    speeds: tuple[tuple[str, float], ...] = ()
