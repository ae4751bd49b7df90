"""The target without a chip."""

from __future__ import annotations

from types import SimpleNamespace

from hwgen.targets import Cells, find

BEHAVIOURAL = find("behavioural")


def test_it_counts_nothing():
    assert BEHAVIOURAL.block_ram(18, 1000) == BEHAVIOURAL.two_port_rom(18, 1000) == Cells()
    assert BEHAVIOURAL.multiplier(9, 8) == BEHAVIOURAL.multiplier(9, 8, logic=True) == Cells()
    assert BEHAVIOURAL.adder(9) == Cells()
    assert BEHAVIOURAL.pin_attributes("LVCMOS18") == {}
    assert dict(BEHAVIOURAL.kinds) == {}


def test_no_platform_is_its_own():
    assert not BEHAVIOURAL.serves(SimpleNamespace(family="behavioural"))


def test_operands_are_those_of_the_component():
    assert BEHAVIOURAL.operand_bits == 18
