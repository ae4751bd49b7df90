"""What hwgen knows about a board."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hwgen.targets import Cells, Family
from hwgen.targets.family import PllPlan

BUSES = {
    "i2s": {"sck": "o", "ws": "o", "sd": "i"},
    "spi": {"cs": "o", "sck": "o", "copi": "o", "cipo": "i", "int": "i"},
}
"""Pins of each kind of wiring, and their directions from the chip."""

OUTPUTS = ("alarm", "fault", "heartbeat", "unknown")
"""What a board with a sensor says on pins of their own, if it has them."""


@dataclass(frozen=True)
class Connection:
    """How one function (UART, LED) reaches its pins: a resource of the platform, or pins.

    Parameters
    ----------
    resource
        Name of the platform's resource, or of the one to be made of `pins`.
    member
        Which part of the resource, where it has parts: ``"g"`` of an RGB LED.
    pins
        Pin of each part; empty where the platform has the resource.
    io_type
        Electrical standard of `pins`.
    invert
        Whether `pins` are active low.
    inputs
        Which of `pins` go to the chip.
    """

    resource: str
    member: str | None = None
    pins: tuple[tuple[str, str], ...] = ()
    io_type: str = "LVCMOS33"
    invert: bool = False
    inputs: tuple[str, ...] = ("rx",)


@dataclass(frozen=True)
class Flash:
    """An SPI flash that the design may write to.

    Parameters
    ----------
    size
        Bytes; a power of two. The last 8 KiB are the design's.
    connection
        Its parts ``cs``, ``copi``, ``cipo``, as Amaranth names them; ``clk`` where the clock is a
        pin like others; ``wp`` and ``hold``, if there, are kept off.
    """

    size: int
    connection: Connection


@dataclass(frozen=True)
class Chip:
    """A chip: its family, and what it has by its data sheet."""

    family: Family
    cells: Cells


@dataclass(frozen=True)
class Board:
    """A board: everything that a build needs to know.

    Parameters
    ----------
    name
        Lower case, the chip's size last: ``ulx3s-85f``.
    title
        What its maker calls it.
    device, package, speed
        The chip: ``LFE5U-85F``, ``BG381`` (the maker's code), ``6``.
    clock_mhz
        Frequency of the oscillator that feeds the PLL.
    target
        The chip's family.
    resources
        What the chip has by its data sheet.
    uart
        The serial line: parts ``rx`` (to the board) and ``tx``.
    led
        A light that changes with every result; None where there is none.
    aliases
        Other names.
    platform
        Makes a new Amaranth platform; one serves one build.
    sources
        Pins for sensors, by the bus.
    outputs
        Pins named as `OUTPUTS`; None where there are none.
    lights
        Lights beside `led`, in order: alarm, sensor at fault, unknown, bits of the class.
    learn
        A button that has the board learn a threshold when it is held at power-up; None: none.
    flash
        Where a threshold is kept over a power cycle; None: nowhere.
    loader
        What openFPGALoader is told: ``("-b", "ulx3s")``; empty where the cable is a choice.
    """

    name: str
    title: str
    device: str
    package: str
    speed: str
    clock_mhz: float
    target: Family
    resources: Cells
    uart: Connection
    led: Connection | None
    aliases: tuple[str, ...]
    platform: Callable[[], Any] = field(repr=False, compare=False)
    sources: Mapping[str, Connection] = field(default_factory=dict)
    outputs: Connection | None = None
    lights: Connection | None = None
    learn: Connection | None = None
    flash: Flash | None = None
    loader: tuple[str, ...] = ()

    def plan_pll(self, clock_mhz: float) -> PllPlan:
        """Return how the chip's PLL makes a clock of the oscillator's.

        Raises
        ------
        CannotMeetError
            If it cannot.
        """
        return self.target.plan_pll(self.clock_mhz, clock_mhz)

    def to_json(self) -> dict[str, str]:
        """Return the report's ``board`` part."""
        return {"name": self.name, "device": self.device, "package": self.package}
