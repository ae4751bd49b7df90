"""The target without a chip."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hwgen.targets.cells import Cells
from hwgen.targets.target import Primitives, Target


class Behavioural(Target):
    """Whatever a tool makes of Verilog: no cells, so that every count is of none."""

    name = "behavioural"
    title = "behavioural cells"
    kinds: Mapping[str, str] = MappingProxyType({})
    operand_bits = 18

    @property
    def primitives(self) -> Primitives:
        """What describes the cells."""
        from hwgen.targets.behavioural import primitives

        return primitives

    def serves(self, platform: Any) -> bool:
        """Return False: it serves what no other target does (`hwgen.targets.of`)."""
        return False

    def block_ram(self, width: int, depth: int) -> Cells:
        """Return no cells."""
        return Cells()

    def two_port_rom(self, width: int, depth: int) -> Cells:
        """Return no cells."""
        return Cells()

    def multiplier(self, a: int, b: int, *, logic: bool = False) -> Cells:
        """Return no cells."""
        return Cells()

    def adder(self, bits: int) -> Cells:
        """Return no cells."""
        return Cells()
