"""As what recordings were read once, so that later commands read others in the same way."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from hwgen.errors import InputError
from hwgen.signals.reading import UNITS, Reading
from hwgen.signals.recording import Recording
from hwgen.signals.rows import Columns
from hwgen.signals.units import COUNTS, SCORES, SHARES

_SAMPLES = ("g", COUNTS, SHARES, SCORES)
_OPTIONAL = ("channels", "columns")
"""Left out where there are none: files are then those of earlier hwgens."""


@dataclass(frozen=True)
class ReadAs:
    """What goes with a network from its recordings to the next ones.

    Parameters
    ----------
    channel, unit, offset, channels
        Of `Reading`, as the user gave them.
    samples
        What the samples then were: ``"g"``, ``"counts"``, ``"of full scale"`` or ``"standard
        deviations"``; None where that is not known.
    columns
        Of a table's rows, where it was one.

    Raises
    ------
    ValueError
        If a value is none of these.
    """

    channel: str | None = None
    unit: str | None = None
    offset: float | None = None
    samples: str | None = None
    channels: tuple[str, ...] | None = None
    columns: Columns | None = None

    def __post_init__(self) -> None:
        texts = (self.channel, self.unit, self.samples)
        if not all(text is None or (isinstance(text, str) and text) for text in texts):
            raise ValueError("channel, unit and samples must be texts")
        if self.unit not in (None, *UNITS) or self.samples not in (None, *_SAMPLES):
            raise ValueError(f"there is no unit {self.unit!r} of samples {self.samples!r}")
        if self.offset is not None and not (
            isinstance(self.offset, float) and math.isfinite(self.offset)
        ):
            raise ValueError("offset must be a finite number")
        if self.channels is not None and not (
            self.channels and all(isinstance(name, str) and name for name in self.channels)
        ):
            raise ValueError("channels must be texts")

    @classmethod
    def of(cls, reading: Reading, recording: Recording) -> ReadAs:
        """Return as what `recording` was read by `reading`."""
        offset = reading.offset or None
        return cls(reading.channel, reading.unit, offset, recording.unit, reading.channels)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object; `channels` and `columns` where there are some."""
        fields = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        several, columns = (fields.pop(name) for name in _OPTIONAL)
        if several is not None:
            fields["channels"] = list(several)
        return fields if columns is None else fields | {"columns": columns.to_json()}

    @classmethod
    def from_json(cls, value: object) -> ReadAs:
        """Return what `to_json` wrote; ValueError if it is not that."""
        names = {field.name for field in dataclasses.fields(cls)} - {*_OPTIONAL}
        if not isinstance(value, dict) or set(value) - {*_OPTIONAL} != names:
            raise ValueError(f"it must have {', '.join(sorted(names))}")
        several, columns = (value.get(name) for name in _OPTIONAL)
        if several is not None and not isinstance(several, list):
            raise ValueError("channels must be a list")
        return cls(
            **{name: value[name] for name in names},
            channels=None if several is None else tuple(several),
            columns=None if columns is None else Columns.from_json(columns),
        )

    def complete(self, reading: Reading) -> tuple[Reading, str]:
        """Return `reading` with what it leaves open taken from here; and those options, in words.

        An offset is in the unit of its file: it goes only with that unit.
        """
        same_unit = reading.unit in (None, self.unit)
        taken: dict[str, Any] = {}
        for name in ("channel", "channels", "unit", "offset"):
            value = getattr(self, name)
            given = [reading.channel, reading.channels] if "channel" in name else []
            if value is None or any(each is not None for each in (*given, getattr(reading, name))):
                continue
            if name != "offset" or same_unit:
                taken[name] = value
        words = " ".join(f"--{name} {_said(value)}" for name, value in taken.items())
        return dataclasses.replace(reading, **taken), words

    def check(self, recording: Recording, reading: Reading, whose: str) -> tuple[str, ...]:
        """Return what to say of a recording whose samples are something else.

        Parameters
        ----------
        reading
            What the user says of it: whoever gives ``--unit`` is not contradicted.
        whose
            With which data they differ, such as ``"the build's"``.

        Raises
        ------
        InputError
            If they are, and the user does not say so.
        """
        if self.samples in (None, recording.unit):
            return ()
        text = (
            f"samples of {recording.source} must be {_of(self.samples)} like {whose}, "
            f"not {_of(recording.unit)}"
        )
        if reading.unit is None:
            raise InputError(f"{text}; convert them, or say what they are with --unit")
        return (f"{text}: --unit {reading.unit} insists",)


def _said(value: str | float | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:.6g}" if isinstance(value, float) else value


def _of(unit: str | None) -> str:
    return f"shares {SHARES}" if unit == SHARES else f"in {unit}"
