"""What every store of weights is planned as."""

from __future__ import annotations

from typing import ClassVar, Protocol

from hwgen.targets import Cells, Target


class StorePlan(Protocol):
    """A store that gives the word of weights that an address names."""

    kind: ClassVar[str]
    """Its file in `hwgen.hardware.weights`: ``"rom"``."""

    @property
    def latency(self) -> int:
        """Cycles from an address to its word."""
        ...

    @property
    def width(self) -> int:
        """Bits of a word."""
        ...

    @property
    def depth(self) -> int:
        """Words."""
        ...

    def cells(self, target: Target) -> Cells:
        """Return its cells."""
        ...
