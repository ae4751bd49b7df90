"""A target's cells of what every part is made of, as numbers.

Parts count their look-up tables by their adders, multiplexers and counters. Adders are exact
(`hwgen.targets.Target.adder`). Constants stand for control logic; they are what Yosys 0.70 made of
each component by itself, but for the shallow memory, whose is what was left of whole
cores. All in all that is within some 10 % of what Yosys makes of a core (``benchmarks/estimate.py``
measures it); multipliers and block RAMs are exact.
"""

from __future__ import annotations

from hwgen.targets import Cells, Target, Turns


class Counting:
    """Counts for one target.

    Parameters
    ----------
    target
        What the part is made for.
    """

    def __init__(self, target: Target):
        self._target = target
        self._adders: dict[int, int] = {}

    def adder(self, bits: int) -> int:
        """Return the LUT4 of an adder, subtractor or comparison by size."""
        if bits not in self._adders:
            self._adders[bits] = self._target.adder(bits)["lut4"]
        return self._adders[bits]

    def product(self, a: int, b: int) -> int:
        """Return the LUT4 of a multiplier of adders, its operands' bits given."""
        return self._target.multiplier(a, b, logic=True)["lut4"]

    def dsp(self, a: int, b: int) -> int:
        """Return the DSP cells of a multiplier that is none of adders."""
        return self._target.multiplier(a, b)["dsp"]

    def memory(self, width: int, depth: int, *, rom: bool = False) -> int:
        """Return the block RAMs of a memory; `rom` if it has initial words."""
        return self._target.memory(width, depth, rom=rom)["ebr"]

    def turning(self, width: int, depth: int, turns: Turns | None) -> Cells:
        """Return the cells of a memory whose reads and writes take turns, all kinds of them."""
        return self._target.memory(width, depth, turns=turns)

    def selection(self, width: int, depth: int, *, rom: bool = False) -> int:
        """Return the LUT4 that choose among the block RAMs of a memory, as of `memory`."""
        return self._target.memory(width, depth, rom=rom)["lut4"]

    def two_port_rom(self, width: int, depth: int) -> int:
        """Return the block RAMs of a ROM with two readers."""
        return self._target.two_port_rom(width, depth)["ebr"]


def cells(lut4: int, dsp: int, ebr: int) -> Cells:
    """Return the cells of a part: look-up tables (an estimate), multipliers, block RAMs."""
    return Cells({"lut4": lut4, "dsp": dsp, "ebr": ebr})
