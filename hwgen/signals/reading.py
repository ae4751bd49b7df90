"""How recordings are to be read: what the user says of them, one record for every command."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from hwgen.errors import UsageError
from hwgen.signals.recording import is_rate

ALL = "all"
"""As a channel's name: every channel of a file."""

UNITS = ("g", "m/s2", "counts")
"""Units of samples that `Reading.unit` knows."""


@dataclass(frozen=True)
class Reading:
    """What the user says of recordings; None stands for what the file says, or the default.

    Parameters
    ----------
    channel
        A channel's name, words of it (``DE`` of ``X118_DE_time``), its path in a struct
        (``bearing.gs``) or its column's number from 1; `hwgen.signals.channel` has the order.
        None: the only one, or the drive end's (``DE``).
    channels
        Several channels, each named as for `channel`, in the order in which a network takes them;
        ``("all",)`` is every one. None: one, as `channel` says.
    sample_rate
        Hz; overrules what files say.
    unit
        One of `UNITS`, of the samples as they stand in the file. None: what the file says, else g.
    offset
        Subtracted from each sample before anything else, in the file's own unit. None: nothing.
    class_from
        Regular expression; its groups, joined by ``_``, or the whole match where it has none, in
        a file's path below the folder, with ``/`` between names, are the file's class. None:
        files or folders are classes, or a manifest ``classes.csv`` says.

    Raises
    ------
    UsageError
        If a value is out of range, or the expression is none.
    """

    channel: str | None = None
    sample_rate: float | None = None
    unit: str | None = None
    offset: float | None = None
    class_from: str | None = None
    channels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.sample_rate is not None and not is_rate(self.sample_rate):
            raise UsageError(f"--sample-rate must be above 0 Hz, not {self.sample_rate}")
        if self.channel is not None and not self.channel.strip():
            raise UsageError("--channel must name a channel, not be empty")
        if self.channels is not None:
            _check_channels(self.channels, self.channel)
        if self.unit is not None and self.unit not in UNITS:
            raise UsageError(f"--unit must be one of {', '.join(UNITS)}, not {self.unit!r}")
        if self.offset is not None and not math.isfinite(self.offset):
            raise UsageError(f"--offset must be a finite number, not {self.offset}")
        if self.class_from is not None:
            try:
                re.compile(self.class_from)
            except re.error as error:
                raise UsageError(
                    f"--class-from must be a regular expression, not {self.class_from!r}: {error}"
                ) from error


def _check_channels(names: tuple[str, ...], channel: str | None) -> None:
    text = ",".join(names)
    if channel is not None:
        raise UsageError(
            f"--channels {text} takes several channels and --channel {channel} one; give one of "
            "the two options"
        )
    if not names or not all(name.strip() for name in names):
        raise UsageError(f"--channels must be names with commas between, or all, not {text!r}")
    if len({name.strip().lower() for name in names}) != len(names):
        raise UsageError(f"--channels must name each channel once, not {text}")
    if len(names) > 1 and ALL in names:
        raise UsageError(f"--channels must be {ALL} alone or names, not {text}")
