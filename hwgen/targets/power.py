"""What a chip takes, by kind: figures of a family, each with its source and how far it may be off.

1 uW/MHz is 1 pJ in each cycle, so that everything that switches is told in pJ an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure, and where it is from.

    Parameters
    ----------
    value, low, high
        What is taken for likely, and what it hardly is below or above.
    source
        Where it is stated, or how it was derived from what is.

    Raises
    ------
    ValueError
        If they are not in order, or there is no source.
    """

    value: float
    low: float
    high: float
    source: str

    def __post_init__(self) -> None:
        # written so that NaN fails too
        if not 0 <= self.low <= self.value <= self.high < float("inf"):
            raise ValueError(
                f"a figure must be 0 <= low <= value <= high, not {self.low:g}, {self.value:g}, "
                f"{self.high:g}"
            )
        if not self.source.strip():
            raise ValueError("a figure must have a source, not none")


@dataclass(frozen=True)
class Wiring:
    """Which pins of cells are connected without routing, by the cells' types.

    Parameters
    ----------
    within
        Outputs that only a neighbour takes, in the same block of logic: carries.
    beside
        Inputs that a neighbour in the same block drives.
    """

    within: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Power:
    """The figures of a family.

    Parameters
    ----------
    static
        mW of each chip, configured and without a clock, all supplies together, at 25 degrees C.
    pll
        uW for each MHz of its oscillator.
    clock
        pJ a cycle of the clock's net, whatever it reaches.
    register
        pJ a cycle of each flip-flop that it reaches.
    logic
        pJ a change of an output of a look-up table, carry or flip-flop.
    routing
        pJ a change of a net, for each pin that it reaches through routing.
    accesses
        pJ of a cycle in which a memory is read or written, or a multiplier has new operands; of
        each kind of cell that is a memory or a multiplier.
    pad
        pJ a change of an output pin.
    wiring
        Which pins routing does not reach.
    """

    static: Mapping[str, Figure]
    pll: Figure
    clock: Figure
    register: Figure
    logic: Figure
    routing: Figure
    accesses: Mapping[str, Figure]
    pad: Figure
    wiring: Wiring

    def figures(self) -> dict[str, Figure]:
        """Return all figures by name."""
        one = {
            "pll": self.pll, "clock": self.clock, "register": self.register, "logic": self.logic,
            "routing": self.routing, "pad": self.pad,
        }  # fmt: skip
        each = {f"static {device}": figure for device, figure in self.static.items()}
        return each | one | {f"access {kind}": found for kind, found in self.accesses.items()}
