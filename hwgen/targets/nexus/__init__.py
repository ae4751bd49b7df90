"""Lattice's Nexus (CrossLink-NX, Certus-NX): cells, primitives, PLL, tools."""

from hwgen.targets.nexus.family import Nexus

TARGET = Nexus()
