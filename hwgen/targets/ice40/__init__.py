"""Lattice's iCE40 UltraPlus: cells, primitives, PLL, tools."""

from hwgen.targets.ice40.family import Ice40

TARGET = Ice40()
