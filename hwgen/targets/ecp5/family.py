"""The ECP5 as a target."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from hwgen.targets.cells import Cells
from hwgen.targets.ecp5 import cells
from hwgen.targets.ecp5.pll import INPUT_MHZ, PllSettings, plan_pll
from hwgen.targets.ecp5.power import POWER
from hwgen.targets.ecp5.tools import TOOLCHAIN
from hwgen.targets.family import Family
from hwgen.targets.target import Primitives


class Ecp5(Family):
    """LFE5U, LFE5UM and LFE5UM5G; DSP cells are MULT18X18D, block RAMs DP16KD."""

    name = "ecp5"
    title = "Lattice ECP5"
    kinds = MappingProxyType(
        {"lut4": "LUT4", "ff": "flip-flops", "dsp": "DSP cells", "ebr": "block RAMs"}
    )
    operand_bits = cells.OPERAND_BITS
    packages = ("BG256", "MG285", "BG381", "BG554", "BG756")
    speeds = ("6", "7", "8")
    oscillator_mhz = INPUT_MHZ
    least_dsp = 28
    clocks = MappingProxyType({"throughput": 140.0, "latency": 125.0, "area": 50.0})
    usual_clock = 100.0
    toolchain = TOOLCHAIN
    power = POWER

    @property
    def primitives(self) -> Primitives:
        """What instantiates the cells."""
        from hwgen.targets.ecp5 import primitives

        return primitives

    @property
    def platform(self) -> type:
        """Amaranth's."""
        from amaranth.vendor import LatticeECP5Platform

        return LatticeECP5Platform

    def size(self, device: str) -> str:
        """Return thousands of look-up tables and a letter."""
        return device.rpartition("-")[2].lower()

    def pin_attributes(self, standard: str) -> dict[str, str]:
        """Return Lattice's word for it."""
        return {"IO_TYPE": standard}

    def block_ram(self, width: int, depth: int) -> Cells:
        """Return the DP16KD of a memory, and what chooses among rows of them."""
        made = cells.shape(width, depth)
        chosen = {"lut4": cells.selection(width, made.rows)} if made.rows > 1 else {}
        return Cells({"ebr": made.blocks} | chosen)

    def two_port_rom(self, width: int, depth: int) -> Cells:
        """Return the DP16KD of a ROM that both ports read."""
        return Cells({"ebr": cells.two_port_rom_shape(width, depth).blocks})

    def multiplier(self, a: int, b: int, *, logic: bool = False) -> Cells:
        """Return a MULT18X18D, or the LUT4 that serve for it."""
        return Cells({"lut4": cells.multiplier(a, b)} if logic else {"dsp": 1})

    def adder(self, bits: int) -> Cells:
        """Return the LUT4 whose place a carry chain takes."""
        return Cells({"lut4": cells.adder(bits)})

    def plan_pll(self, input_mhz: float, target_mhz: float) -> PllSettings:
        """Return the dividers of an EHXPLLL."""
        return plan_pll(input_mhz, target_mhz)

    def pll(self, plan: PllSettings, source: Any, output: Any, locked: Any) -> Any:
        """Return an EHXPLLL."""
        from hwgen.targets.ecp5 import primitives

        return primitives.pll(plan, source, output, locked)

    def flash_clock(self, clock: Any) -> Any:
        """Return a USRMCLK."""
        from hwgen.targets.ecp5 import primitives

        return primitives.flash_clock(clock)
