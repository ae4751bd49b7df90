"""What a chip family has beyond cells: chips, a PLL, and the tools that make a bitstream."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from hwgen.targets.cells import Cells
from hwgen.targets.power import Power
from hwgen.targets.target import Target
from hwgen.tools import Tool, known


class PllPlan(Protocol):
    """Settings of a PLL, of which all but the family sees the frequencies."""

    @property
    def input_mhz(self) -> Fraction:
        """Exact frequency of the board's oscillator."""

    @property
    def output_mhz(self) -> Fraction:
        """Exact frequency of the design's clock."""

    @property
    def vco_mhz(self) -> Fraction:
        """Exact frequency of the PLL's own oscillator."""


@dataclass(frozen=True)
class Toolchain:
    """Yosys, nextpnr and a packer as they are told and read for one family.

    Parameters
    ----------
    synthesis
        Yosys's command.
    alone
        Its options for a core without a board, which has no pads.
    without_abc9
        Commands that do the same with ABC in the place of ABC9; ``{}`` is Yosys's command.
    placer, packer
        nextpnr, and what makes a bitstream of what it writes.
    routed
        nextpnr's option for the routed design's file.
    packing
        The packer's options for that file and for the bitstream; empty where it goes by the place.
    haste
        Ways of the placer that take less time, each its options; of ways that differ in speed the
        slower and better one is first. None: there are no such options.
    frequency
        The placer's option for the design's clock, in MHz; empty where a constraint says it.
    sources
        What the tools read of what Amaranth's platform writes.
    ours
        Of each tool's command as Amaranth's platform plans it, the options that hwgen gives itself
        (outputs, verbosity), each with the places that it takes.
    counted
        Yosys's cells that make up each kind, and how many of the kind one is.
    packed
        Each kind's name in nextpnr's report, if it counts the kind; ``lut4`` is what takes a
        look-up table's place.
    models
        File in ``sim/`` with models of the cells, for the simulation of a netlist.
    equations
        Cells that turn into their equations for a simulator, which would take them one by one.
    """

    synthesis: str
    without_abc9: tuple[str, ...]
    placer: Tool
    packer: Tool
    routed: str
    packing: tuple[str, str]
    sources: tuple[str, ...]
    ours: Mapping[str, Mapping[str, int]]
    counted: Mapping[str, Mapping[str, int]]
    packed: Mapping[str, str]
    models: str
    equations: tuple[str, ...]
    haste: tuple[tuple[str, ...], ...] = ()
    frequency: str = ""
    alone: str = ""

    def arguments(self, tool: Tool, planned: Mapping[str, Sequence[str]]) -> list[str]:
        """Return a tool's arguments, without those that hwgen gives itself.

        Parameters
        ----------
        planned
            Of each tool's command as Amaranth's platform plans it, the arguments.
        """
        kept, skip, options = [], 0, self.ours.get(tool.name, {})
        for argument in planned[tool.name]:
            skip = skip or options.get(argument, 0)
            if skip:
                skip -= 1
            else:
                kept.append(argument)
        return kept

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What makes a bitstream, in the order of its use."""
        return known("yosys"), self.placer, self.packer

    def cells(self, by_type: Mapping[str, int]) -> Cells:
        """Return the cells of a netlist of which Yosys counted so many of each type."""
        return Cells({
            kind: sum(each * by_type.get(cell, 0) for cell, each in made_of.items())
            for kind, made_of in self.counted.items()
        })  # fmt: skip


class Family(Target):
    """A family of chips.

    Attributes
    ----------
    packages, speeds
        Codes of the packages and speed grades that the place-and-route tool knows; an empty speed
        grade where there is but one.
    oscillator_mhz
        Lowest and highest frequency that the PLL takes.
    least_dsp
        DSP cells of the smallest chip: what a design uses at most unless told otherwise.
    clocks
        MHz that the designs of each goal are made for.
    usual_clock
        MHz of a design without a goal.
    usual_baud
        Baud of the serial link of a build that asks for none.
    usual_goal
        Goal of a build that asks for no design; None: the design that takes a sample a cycle.
    settle_us
        Microseconds from configuration to where memories may be read, if that is not at once.
    toolchain
        The open tools.
    power
        What the chips take, as far as that is known; None: nothing is.
    """

    packages: tuple[str, ...]
    speeds: tuple[str, ...]
    oscillator_mhz: tuple[float, float]
    least_dsp: int
    clocks: Mapping[str, float]
    usual_clock: float
    usual_baud: int = 1_000_000
    usual_goal: str | None = None
    settle_us: float = 0.0
    toolchain: Toolchain
    power: Power | None = None

    def size(self, device: str) -> str:
        """Return what the name of a board with this chip ends with, where boards come with several.

        By default nothing.
        """
        del device
        return ""

    def device(self, platform: Any) -> str:
        """Return the chip of an Amaranth platform."""
        return str(platform.device)

    def members(self, device: str, package: str, speed: str) -> dict[str, Any]:
        """Return the members by which Amaranth's platform class knows a chip."""
        return {"device": device, "package": package, "speed": speed}

    @property
    @abstractmethod
    def platform(self) -> type:
        """Amaranth's platform class of the family; loads the hardware language."""

    @abstractmethod
    def plan_pll(self, input_mhz: float, target_mhz: float) -> PllPlan:
        """Return the settings that come near `target_mhz`, rather above than below.

        Raises
        ------
        CannotMeetError
            If a frequency is outside what the PLL takes or makes.
        """

    def pll_pin(self, port: Any) -> Any | None:
        """Return the pin of the oscillator's port, if the PLL takes it without a buffer."""
        del port
        return None

    @abstractmethod
    def pll(self, plan: Any, source: Any, output: Any, locked: Any) -> Any:
        """Return an instance of the PLL: from `source` to `output`, and whether it is `locked`."""

    def flash_clock(self, clock: Any) -> Any | None:
        """Return an instance that drives the pin that clocks the configuration flash.

        None where that pin is one like others, of the board's resource.
        """
        del clock
        return None
