"""Counting cells, and whether a chip has them."""

from __future__ import annotations

import json

import pytest

from hwgen.boards import Resources, load_boards
from hwgen.errors import CannotMeetError, ToolError
from hwgen.synth.cells import Cells, cell_counts, check_fits, utilisation

BOARDS = load_boards()


def stat(tmp_path, cells):
    path = tmp_path / "stat.json"
    path.write_text(json.dumps({"design": {"num_cells_by_type": cells}}))
    return path


def test_a_carry_cell_is_two_look_up_tables(tmp_path):
    kinds = {"LUT4": 100, "CCU2C": 7, "TRELLIS_FF": 50, "MULT18X18D": 3, "DP16KD": 2, "PDPW16KD": 1,
             "PFUMX": 9}  # fmt: skip
    assert cell_counts(stat(tmp_path, kinds)) == Cells(lut4=114, ff=50, dsp=3, ebr=3)
    assert cell_counts(stat(tmp_path, {})) == Cells(0, 0, 0, 0)


@pytest.mark.parametrize("text", ["{}", '{"design": 3}', '{"design": {"num_cells_by_type": [1]}}'])
def test_bad_statistics(tmp_path, text):
    path = tmp_path / "stat.json"
    path.write_text(text)
    with pytest.raises(ToolError, match="must be Yosys's statistics"):
        cell_counts(path)


def test_what_fits_fits():
    check_fits(BOARDS["ulx3s-25f"], Resources(24288, 24288, 28, 56))


@pytest.mark.parametrize(
    ("board", "needed", "short", "hint"),
    [
        ("ulx3s-25f", Resources(1, 1, 29, 1), "29 MULT18X18D of 28", "would fit: .*ulx3s-45f"),
        # nextpnr would place it on a 12F: the die is a 25F's
        ("ulx3s-12f", Resources(12145, 1, 1, 1), "12145 LUT4 of 12144", "would fit: .*ulx3s-25f"),
        ("ulx3s-12f", Resources(1, 1, 1, 33), "33 DP16KD block RAMs of 32", "would fit"),
        ("ulx3s-85f", Resources(1, 83641, 1, 1), "83641 flip-flops of 83640", "no board does"),
    ],
)
def test_what_does_not_fit_is_told(board, needed, short, hint):
    with pytest.raises(CannotMeetError, match=hint) as caught:
        check_fits(BOARDS[board], needed, BOARDS.values())
    assert short in str(caught.value)
    assert "\n" not in str(caught.value)


def test_boards_that_are_too_small_are_not_proposed():
    with pytest.raises(CannotMeetError) as caught:
        check_fits(BOARDS["ulx3s-12f"], Resources(30_000, 1, 1, 1), BOARDS.values())
    assert "-25f" not in str(caught.value)
    assert "ulx3s-45f" in str(caught.value)


def test_report_without_utilisation():
    assert utilisation({"utilization": {"DP16KD": {"used": 4}}}, "DP16KD") == 4
    with pytest.raises(ToolError, match=r"utilization\.DP16KD\.used"):
        utilisation({"fmax": {}}, "DP16KD")
