"""What sources of features are given, and what becomes of it, cycle by cycle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hwgen import golden
from hwgen.fixedpoint import Integers
from hwgen.plans.layout import Layout

WATCH = [
    *("samples.ready", "complete", "begin", "done"),
    *("write.enable", "write.address", "write.data"),
]
WIDTH = 6
"""Bits of a value in memory."""


def as_they_come(windows: Integers) -> Integers:
    """Return ``(count, elements)``: channels take turns."""
    return windows.transpose(0, 2, 1).reshape(len(windows), -1)


@dataclass
class Stimulus:
    """Inputs by cycle; without a sample the ports hold rubbish."""

    inputs: dict[str, list[int]] = field(default_factory=dict)
    lasts: list[int] = field(default_factory=list)

    def put(self, *, valid=0, first=1, value=-1, abandon=0, permit=1, room=1) -> None:
        given = {"samples.valid": valid, "samples.p.first": first, "samples.p.value": value,
                 "abandon": abandon, "permit": permit, "room": room}  # fmt: skip
        for name, item in given.items():
            self.inputs.setdefault(name, []).append(int(item))

    @property
    def length(self) -> int:
        return len(self.inputs["samples.valid"])

    def window(self, values, rng=None, **others) -> None:
        """Send a window, or the beginning of one, with random gaps if `rng` is given."""
        for index, value in enumerate(values.tolist()):
            for _ in range(rng.integers(0, 3) if rng else 0):
                self.put(**others)
            self.put(valid=1, first=index == 0, value=value, **others)
        self.lasts.append(self.length - 1)

    def given_up(self, how: str, **others) -> None:
        """Give up the window in progress: ``"abandoned"``, ``"abandoned for long"``.

        A sample that comes meanwhile is lost with it, and so are those behind it. Of one that is
        ``"begun anew"`` nothing is to be done.
        """
        if how == "begun anew":
            return
        for _ in range(1 if how == "abandoned" else 4):
            self.put(valid=1, first=0, value=7, abandon=1, **others)
        for _ in range(3):
            self.put(valid=1, first=0, value=7, **others)


def memories(trace) -> Iterator[dict[int, int]]:
    """Yield the words by their addresses at each `done`: those written since the one before."""
    memory: dict[int, int] = {}
    for cycle, done in enumerate(trace["done"]):
        if trace["write.enable"][cycle]:
            memory[trace["write.address"][cycle]] = trace["write.data"][cycle]
        if done:
            yield memory
            memory = {}


def rows(trace, layout: Layout) -> list[list[int]]:
    """Return the values in memory at each `done`, lanes beside them included."""
    words = range(layout.first_word, layout.last_word + 1)
    return [[memory[word] for word in words] for memory in memories(trace)]


def packed(pack, op: Any, windows: Integers, layout: Layout, width: int = WIDTH) -> list[list[int]]:
    """Return the words of each window's values by the golden model."""
    values = as_they_come(golden.run_op(op, windows))
    return [
        pack(row, layout.lanes, layout.padding, width)[layout.first_word :]
        for row in values.tolist()
    ]
