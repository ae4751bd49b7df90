"""Each family's figures of power: in order, with sources, of every chip and kind; or none."""

from __future__ import annotations

import pytest

from hwgen import targets
from hwgen.boards import find_board, load_boards
from hwgen.errors import CannotMeetError
from hwgen.flow.power import figures_of
from hwgen.synth.nets import LOGIC
from hwgen.targets.power import Figure

KNOWN = sorted(name for name, each in targets.families().items() if each.power)


def test_families_with_figures():
    assert KNOWN == ["ecp5", "ice40"]


@pytest.mark.parametrize("name", KNOWN)
def test_every_figure_says_where_it_is_from(name):
    for what, figure in targets.find(name).power.figures().items():
        assert len(figure.source) > 30, what
        assert figure.low < figure.value < figure.high, what
        # A document or somebody's measurement, or that it is derived from one.
        stated = ("FPGA-DS-02008", "FPGA-DS-02012", "tinyVision", "MARLANN", "derived: ")
        assert any(each in figure.source for each in stated), what


@pytest.mark.parametrize("name", KNOWN)
def test_figures_are_of_every_kind_and_chip(name):
    family = targets.find(name)
    assert set(family.power.accesses) == set(family.kinds) - set(LOGIC)
    boards = [board for board in load_boards().values() if board.target is family]
    assert all(figures_of(board) is family.power for board in boards)
    cells = {cell for made in family.toolchain.counted.values() for cell in made}
    cells |= set(family.toolchain.equations)
    assert cells >= {*family.power.wiring.within, *family.power.wiring.beside}


def test_a_family_without_figures_says_so():
    with pytest.raises(CannotMeetError, match=r"tang-nano-9k .* can only be measured"):
        figures_of(find_board("tang-nano-9k"))


@pytest.mark.parametrize(
    ("value", "low", "high"), [(1, 2, 3), (4, 2, 3), (1, -1, 3), (float("nan"), 0, 1)]
)
def test_a_figure_is_within_its_band(value, low, high):
    with pytest.raises(ValueError, match="low <= value <= high"):
        Figure(value, low, high, "somewhere")
    with pytest.raises(ValueError, match="source"):
        Figure(1.0, 1.0, 1.0, " ")
