"""The family as a whole."""

from __future__ import annotations

from amaranth.hdl import Signal
from amaranth.vendor import LatticeECP5Platform

from hwgen.targets import Cells, find
from hwgen.targets.ecp5 import primitives
from hwgen.targets.ecp5.pll import plan_pll
from hwgen.targets.ecp5.tools import TOOLCHAIN

ECP5 = find("ecp5")


def test_what_it_is():
    assert (ECP5.name, ECP5.title) == ("ecp5", "Lattice ECP5")
    assert ECP5.primitives is primitives
    assert ECP5.toolchain is TOOLCHAIN
    assert ECP5.platform is LatticeECP5Platform
    assert ECP5.oscillator_mhz == (8, 400)
    assert (ECP5.operand_bits, ECP5.least_dsp) == (18, 28)


def test_what_it_counts():
    assert ECP5.memory(12, 2048) == ECP5.two_port_rom(12, 1025) == Cells({"ebr": 2})
    assert ECP5.multiplier(3, 3) == Cells({"dsp": 1})
    assert set(ECP5.multiplier(3, 3, logic=True)) == {"lut4"}
    assert ECP5.adder(3) == Cells({"lut4": 4})
    assert ECP5.pin_attributes("LVCMOS18") == {"IO_TYPE": "LVCMOS18"}
    assert ECP5.flash_clock(Signal()).type == "USRMCLK"
    assert ECP5.plan_pll(25, 106.25) == plan_pll(25, 106.25)
