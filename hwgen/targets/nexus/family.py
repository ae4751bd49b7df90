"""Nexus as a target."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from hwgen.targets.cells import Cells
from hwgen.targets.family import Family
from hwgen.targets.nexus import cells
from hwgen.targets.nexus.pll import INPUT_MHZ, PllSettings, plan_pll
from hwgen.targets.nexus.tools import TOOLCHAIN
from hwgen.targets.target import Primitives


class Nexus(Family):
    """LIFCL-40 and LFD2NX-40; DSP cells are MULT18X18, block RAMs PDPSC16K and DP16K."""

    name = "nexus"
    title = "Lattice CrossLink-NX and Certus-NX"
    kinds = MappingProxyType(
        {"lut4": "LUT4", "ff": "flip-flops", "dsp": "DSP cells", "ebr": "block RAMs"}
    )
    operand_bits = cells.OPERAND_BITS
    packages = ("BG400", "BG256", "BG196", "MG289", "MG121", "SG72")
    speeds = ("7", "8", "9")
    oscillator_mhz = INPUT_MHZ
    least_dsp = 56
    clocks = MappingProxyType({"throughput": 80.0, "latency": 80.0, "area": 50.0})
    usual_clock = 80.0
    usual_goal = "area"
    toolchain = TOOLCHAIN

    @property
    def primitives(self) -> Primitives:
        """What instantiates the cells."""
        from hwgen.targets.nexus import primitives

        return primitives

    @property
    def platform(self) -> type:
        """Amaranth's, corrected."""
        from hwgen.targets.nexus.platform import NexusPlatform

        return NexusPlatform

    def pin_attributes(self, standard: str) -> dict[str, str]:
        """Return Lattice's word for it."""
        return {"IO_TYPE": standard}

    def block_ram(self, width: int, depth: int) -> Cells:
        """Return the PDPSC16K of a memory, and what chooses among rows of them."""
        made = cells.shape(width, depth)
        chosen = {"lut4": cells.selection(width, made.rows)} if made.rows > 1 else {}
        return Cells({"ebr": made.blocks} | chosen)

    def two_port_rom(self, width: int, depth: int) -> Cells:
        """Return the DP16K of a ROM that both ports read."""
        return Cells({"ebr": cells.shape(width, depth, cells.PORT_BITS).blocks})

    def multiplier(self, a: int, b: int, *, logic: bool = False) -> Cells:
        """Return a MULT18X18, or the LUT4 that serve for it."""
        return Cells({"lut4": cells.multiplier(a, b)} if logic else {"dsp": 1})

    def adder(self, bits: int) -> Cells:
        """Return the LUT4 whose place a carry chain takes."""
        return Cells({"lut4": cells.adder(bits)})

    def plan_pll(self, input_mhz: float, target_mhz: float) -> PllSettings:
        """Return the dividers of a PLL."""
        return plan_pll(input_mhz, target_mhz)

    def pll(self, plan: PllSettings, source: Any, output: Any, locked: Any) -> Any:
        """Return a PLL."""
        from hwgen.targets.nexus import primitives

        return primitives.pll(plan, source, output, locked)
