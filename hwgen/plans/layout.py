"""Where a row of values lies in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Where a padded row of values lies in words of lanes.

    Value i of ``length`` is element ``padding + i``; element q is lane ``q % lanes`` of word
    ``q // lanes``. Lanes of padding in a word that also holds values are zero; words of padding
    alone are not in memory, and a reader takes them for zero.
    """

    lanes: int
    padding: int
    length: int

    @property
    def first_word(self) -> int:
        """Word of the first value."""
        return self.padding // self.lanes

    @property
    def last_word(self) -> int:
        """Word of the last value."""
        return (self.padding + self.length - 1) // self.lanes
