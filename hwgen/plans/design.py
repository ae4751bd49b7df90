"""A design point: how much hardware a network gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hwgen.plans.step import Array
from hwgen.plans.weights.flash import Pace


@dataclass(frozen=True)
class Design:
    """Which parts are there, and how wide they are.

    Parameters
    ----------
    array
        Shape of the MAC array that the layers behind the spectrum take turns on; None where each
        has hardware of its own (`hwgen.hardware.unrolled`).
    dsp
        DSP cells for the layers; further multipliers are logic.
    lanes
        Features that unrolled layers take at once, and so bins of the transform.
    values
        Values that the unrolled dense layer takes at once.
    hop
        Samples from one window to the next; None for windows that do not overlap.
    unrolled
        Names of layers behind the source that have hardware of their own in front of the array.
    streamed
        Names of values whose steps' weights come of a stream, once a window.
    pace
        How fast that comes; None where nothing does.
    chunks
        Parts of a window that the layers work on as they come; 1: on all of it.
    """

    array: Array | None
    dsp: int
    lanes: int = 1
    values: int = 1
    hop: int | None = None
    chunks: int = 1
    unrolled: tuple[str, ...] = ()
    streamed: tuple[str, ...] = ()
    pace: Pace | None = None

    @property
    def bins(self) -> int:
        """Bins at a time of a transform by accumulation."""
        return self.lanes if self.array is None or self.unrolled else self.array.lanes

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        array = None if self.array is None else [self.array.rows, self.array.lanes]
        if self.array is not None and self.array.drain > 1:
            array = [self.array.rows, self.array.lanes, self.array.drain]
        # What older builds do not say is left out where it is as it was.
        more: dict[str, Any] = {} if self.chunks == 1 else {"chunks": self.chunks}
        if self.unrolled:
            more["unrolled"] = list(self.unrolled)
        if self.pace is not None:
            more |= {
                "streamed": list(self.streamed),
                "pace": [self.pace.byte, self.pace.again],
            }
        return more | {
            "array": array,
            "dsp": self.dsp,
            "lanes": self.lanes,
            "values": self.values,
            "hop": self.hop,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Design:
        """Return the design that `to_json` wrote."""
        array = value["array"]
        own: dict[str, Any] = {"array": None if array is None else Array(*array)}
        if "pace" in value:
            own["pace"] = Pace(*value["pace"])
        names = {name: tuple(value.get(name, ())) for name in ("unrolled", "streamed")}
        return cls(**value | own | names)
