"""Gowin's chips as a target."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from hwgen.targets.cells import Cells
from hwgen.targets.family import Family
from hwgen.targets.gowin import cells
from hwgen.targets.gowin.pll import INPUT_MHZ, PllSettings, plan_pll
from hwgen.targets.gowin.tools import TOOLCHAIN
from hwgen.targets.target import Primitives

_PARTS = MappingProxyType({"GW2AR-18C": "GW2AR-LV18QN88C8/I7"})
"""Order code of each chip that a board by its pins may have."""


class Gowin(Family):
    """GW1N and GW2A; DSP cells are MULT18X18, block RAMs SDPB and SDPX9B."""

    name = "gowin"
    title = "Gowin GW1N and GW2A"
    kinds = MappingProxyType(
        {"lut4": "LUT4", "ff": "flip-flops", "dsp": "DSP cells", "ebr": "block RAMs"}
    )
    operand_bits = cells.OPERAND_BITS
    packages = ("QN88", "QN88P", "PG256", "PG256C")
    speeds = ("C6/I5", "C8/I7", "I7")
    oscillator_mhz = INPUT_MHZ
    least_dsp = 20
    clocks = MappingProxyType({"throughput": 54.0, "latency": 54.0, "area": 48.0})
    usual_clock = 54.0
    usual_goal = "area"
    toolchain = TOOLCHAIN

    @property
    def primitives(self) -> Primitives:
        """What instantiates the cells."""
        from hwgen.targets.gowin import primitives

        return primitives

    @property
    def platform(self) -> type:
        """Amaranth's."""
        from amaranth.vendor import GowinPlatform

        return GowinPlatform

    def serves(self, platform: Any) -> bool:
        """Return whether it is a platform of Gowin's, whose family is the chip."""
        return str(getattr(platform, "family", "")).startswith(("GW1N", "GW2A"))

    def device(self, platform: Any) -> str:
        """Return the chip, which Amaranth calls the family."""
        return str(platform.family)

    def members(self, device: str, package: str, speed: str) -> dict[str, Any]:
        """Return the chip's order code; package and speed are in it."""
        del package, speed
        return {"part": _PARTS[device], "family": device}

    def pin_attributes(self, standard: str) -> dict[str, str]:
        """Return Gowin's word for it."""
        return {"IO_TYPE": standard}

    def block_ram(self, width: int, depth: int) -> Cells:
        """Return the block RAMs of a memory, and what chooses among rows of them."""
        made = cells.shape(width, depth)
        chosen = {"lut4": cells.selection(width, made.rows)} if made.rows > 1 else {}
        return Cells({"ebr": made.blocks} | chosen)

    def two_port_rom(self, width: int, depth: int) -> Cells:
        """Return the block RAMs of a ROM of each reader's own."""
        one = self.block_ram(width, depth)
        return one + one

    def multiplier(self, a: int, b: int, *, logic: bool = False) -> Cells:
        """Return a MULT18X18, or the LUT4 that serve for it."""
        return Cells({"lut4": cells.multiplier(a, b)} if logic else {"dsp": 1})

    def adder(self, bits: int) -> Cells:
        """Return the LUT4 whose place a carry chain takes."""
        return Cells({"lut4": cells.adder(bits)})

    def plan_pll(self, input_mhz: float, target_mhz: float) -> PllSettings:
        """Return the dividers of an rPLL."""
        return plan_pll(input_mhz, target_mhz)

    def pll(self, plan: PllSettings, source: Any, output: Any, locked: Any) -> Any:
        """Return an rPLL."""
        from hwgen.targets.gowin import primitives

        return primitives.pll(plan, source, output, locked)
