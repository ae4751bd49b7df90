"""The iCE40 UltraPlus as a target."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from hwgen.targets.cells import Cells
from hwgen.targets.family import Family
from hwgen.targets.ice40 import cells
from hwgen.targets.ice40.pll import INPUT_MHZ, PllSettings, plan_pll
from hwgen.targets.ice40.power import POWER
from hwgen.targets.ice40.tools import TOOLCHAIN
from hwgen.targets.target import Primitives, Turns

_PLL_PIN = "35"
"""Of the package SG48, from which the PLL takes its input directly."""


class Ice40(Family):
    """iCE40UP5K: DSP cells are SB_MAC16, block RAMs SB_RAM40_4K, and there is SB_SPRAM256KA."""

    name = "ice40"
    title = "Lattice iCE40 UltraPlus"
    kinds = MappingProxyType({
        "lut4": "LUT4", "ff": "flip-flops", "dsp": "DSP cells", "ebr": "block RAMs",
        "spram": "single-port RAMs",
    })  # fmt: skip
    operand_bits = cells.OPERAND_BITS
    packages = ("SG48",)
    speeds = ("",)
    oscillator_mhz = INPUT_MHZ
    least_dsp = 8
    clocks = MappingProxyType({"throughput": 24.0, "latency": 24.0, "area": 27.0})
    usual_clock = 24.0
    usual_baud = 500_000  # samples of the usual design may not come faster
    usual_goal = "area"
    settle_us = 15.0  # block RAMs read as zero for 3 us after configuration
    toolchain = TOOLCHAIN
    power = POWER

    @property
    def primitives(self) -> Primitives:
        """What instantiates the cells."""
        from hwgen.targets.ice40 import primitives

        return primitives

    @property
    def platform(self) -> type:
        """Amaranth's."""
        from amaranth.vendor import LatticeICE40Platform

        return LatticeICE40Platform

    def serves(self, platform: Any) -> bool:
        """Return whether it is a platform of the family, which Amaranth writes otherwise."""
        return str(getattr(platform, "family", "")).lower() == self.name

    def pin_attributes(self, standard: str) -> dict[str, str]:
        """Return Lattice's word for it."""
        return {"IO_STANDARD": standard.replace("LVCMOS33", "SB_LVCMOS")}

    def block_ram(self, width: int, depth: int) -> Cells:
        """Return the SB_RAM40_4K of a memory, and what chooses among rows of them."""
        made = cells.shape(width, depth)
        chosen = {"lut4": cells.selection(width, made.rows)} if made.rows > 1 else {}
        return Cells({"ebr": made.blocks} | chosen)

    def single_port_ram(self, width: int, depth: int, turns: Turns) -> Cells:
        """Return the SB_SPRAM256KA of a memory whose reads and writes take turns, and the rest."""
        low = cells.single_port_bits(width, depth, turns)
        rest = self.block_ram(width - low, depth) if low < width else Cells()
        if not low:
            return rest
        # Of each bank an address, read or written; of two, the word of one of them.
        pins = turns.banks * (depth - 1).bit_length()
        chosen = cells.selection(low, turns.banks)
        return rest + Cells({"spram": turns.banks, "lut4": pins + chosen})

    def two_port_rom(self, width: int, depth: int) -> Cells:
        """Return the SB_RAM40_4K of a ROM of each reader's own: a block has one port to read."""
        one = self.block_ram(width, depth)
        return one + one

    def multiplier(self, a: int, b: int, *, logic: bool = False) -> Cells:
        """Return an SB_MAC16 and logic for operands that are wider, or the LUT4 that serve."""
        if logic:
            return Cells({"lut4": cells.multiplier(a, b)})
        wide = cells.beside(a, b)
        return Cells({"dsp": 1} | ({"lut4": wide} if wide else {}))

    def adder(self, bits: int) -> Cells:
        """Return the LUT4 of a carry chain."""
        return Cells({"lut4": cells.adder(bits)})

    def plan_pll(self, input_mhz: float, target_mhz: float) -> PllSettings:
        """Return the dividers of an SB_PLL40."""
        return plan_pll(input_mhz, target_mhz)

    def pll_pin(self, port: Any) -> Any | None:
        """Return the pin itself where it is the PLL's own."""
        return port.io if [each.name for each in port.io.metadata] == [_PLL_PIN] else None

    def pll(self, plan: PllSettings, source: Any, output: Any, locked: Any) -> Any:
        """Return an SB_PLL40_PAD or an SB_PLL40_CORE."""
        from hwgen.targets.ice40 import primitives

        return primitives.pll(plan, source, output, locked)
