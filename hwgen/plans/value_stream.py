"""Values for the user as they leave: from where they wait in memory, one by one."""

from __future__ import annotations

from dataclasses import dataclass

from hwgen.checks import positive
from hwgen.plans.counting import Counting, cells
from hwgen.targets import Cells, Target

WINDOWS = 2
"""Whose values there is room for: one's come while another's leave."""

QUEUE = 4
"""Words between memory and port: two on their way, one arriving, one being taken."""

_LUT4, _OUTPUT_LUT4 = 111, 8
"""Marks of two windows, and words on their way; of each output, where its values go: addresses not
counted. Within 8 % of what Yosys 0.70 makes of eight of them, 135 to 207."""


@dataclass(frozen=True)
class ValueStreamPlan:
    """Two windows' values in block RAM: one window's leave while the next one's come.

    Parameters
    ----------
    counts
        Values a window of each output, in the order in which outputs leave.
    width
        Bits of a value, signed.
    at_once
        Values that come together, and lie in a word; each count is a multiple of it.

    Raises
    ------
    TypeError, ValueError
        If a parameter is no positive integer, or a count is no such multiple.
    """

    counts: tuple[int, ...]
    width: int
    at_once: int = 1

    def __post_init__(self) -> None:
        positive("width", self.width)
        positive("at_once", self.at_once)
        positive("outputs", len(self.counts))
        for count in self.counts:
            if positive("count", count) % self.at_once:
                raise ValueError(
                    f"count must be a multiple of at_once ({self.at_once}), not {count}"
                )

    @property
    def numbers(self) -> int:
        """Values a window."""
        return sum(self.counts)

    @property
    def words(self) -> int:
        """Words a window."""
        return self.numbers // self.at_once

    @property
    def depth(self) -> int:
        """Words of the memory."""
        return WINDOWS * self.words

    @property
    def held(self) -> int:
        """Cycles from where a window's values are known to where another may begin in their place.

        When every value is taken at once: all but the words of the queue have left then.
        """
        waiting = max(0, self.words - QUEUE)
        return self.words - waiting + waiting * self.at_once + 1

    def apart(self, latency: int) -> int:
        """Return how many cycles windows are apart at least, on average.

        Parameters
        ----------
        latency
            Cycles from where a window is begun to where its values are known.
        """
        # One value leaves in a cycle; and two windows share the places.
        return max(self.numbers, -(-(latency + self.held) // WINDOWS))

    def cells(self, target: Target) -> Cells:
        """Return the cells: block RAMs exact, LUT4 estimated."""
        count, word, address = Counting(target), self.at_once * self.width, self.depth.bit_length()
        lut4 = _LUT4 + address + len(self.counts) * (_OUTPUT_LUT4 + 2 * address)
        lut4 += count.selection(word, self.depth)
        return cells(lut4, 0, count.memory(word, self.depth))
