"""Gowin's GW1N and GW2A: cells, primitives, PLL, tools."""

from hwgen.targets.gowin.family import Gowin

TARGET = Gowin()
