"""What every target has in common."""

from __future__ import annotations

import pytest

from hwgen import targets
from hwgen.targets import Cells, in_registers


def test_shallow_memories_are_registers():
    """Unless they have values from the start."""
    assert [in_registers(depth) for depth in (1, 4, 5)] == [True, True, False]
    assert not in_registers(1, rom=True)


@pytest.mark.parametrize("name", sorted(targets.families()))
def test_registers_are_not_counted(name):
    target = targets.find(name)
    assert target.memory(18, 4) == Cells()
    assert target.memory(18, 5) == target.block_ram(18, 5) != Cells()
    assert target.memory(18, 4, rom=True) == target.block_ram(18, 4)


def test_what_is_short_is_told_in_words():
    family = targets.find("ecp5")
    available = Cells({"lut4": 100, "ff": 100, "dsp": 28, "ebr": 5})
    needed = Cells({"lut4": 110, "ff": 100, "dsp": 29, "ebr": 5})
    assert family.short(needed, available) == ["110 LUT4 of 100", "29 DSP cells of 28"]
    assert family.short(needed, available, {"lut4": 1.1}) == ["29 DSP cells of 28"]
    assert family.short(available, available) == []
