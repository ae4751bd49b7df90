"""What a network looked at, as a record: rows of a table, and what they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from hwgen.flow.stage import DesignResult


@dataclass(frozen=True)
class Row:
    """A line of the table: the signal, or a map.

    Parameters
    ----------
    name
        In words.
    axis
        Of `hwgen.explain.Axis`.
    positions
        Places that it has of its own in a window.
    half
        Least share of the window that holds half of its energy; None of the signal.
    strengths
        Of the first harmonics of each fault frequency, as `hwgen.explain.strengths`; empty where
        there are none.
    """

    name: str
    axis: str
    positions: int
    half: float | None
    strengths: dict[str, list[float | None]]


@dataclass(frozen=True)
class Explained(DesignResult):
    """A window that was explained.

    Parameters
    ----------
    basis
        Of a build: which integer network it has.
    network, file
        Names.
    start, begin_s
        First sample, and when that is in s; None where the rate is not known.
    said, margin
        What the float network says of the window, and the gap between its two largest logits;
        "" and None without a class.
    target
        What is explained.
    windows
        Over how many the spectra are averaged.
    rate
        Hz, None where it is not known.
    lines
        Fault frequencies in Hz by name.
    rows
        The signal first.
    notes
        What was assumed.
    figure
        Digest of the figure.
    """

    basis: Mapping[str, Any]
    network: str
    file: str
    start: int
    begin_s: float | None
    said: str
    margin: float | None
    target: str
    windows: int
    rate: float | None
    lines: dict[str, float]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    figure: str

    def section(self) -> dict[str, Any]:
        """Return the report's ``explain``."""
        fields = asdict(self)
        del fields["basis"]
        return fields

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self) | {"basis": dict(self.basis)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote."""
        names = set(cls.__dataclass_fields__)
        fields = {name: value[name] for name in names}
        fields["rows"] = tuple(Row(**row) for row in fields["rows"])
        fields["notes"] = tuple(fields["notes"])
        return cls(**fields)
