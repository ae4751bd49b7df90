"""Lattice's ECP5: cells, primitives, PLL, tools."""

from hwgen.targets.ecp5.family import Ecp5

TARGET = Ecp5()
