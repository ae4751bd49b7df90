"""Counting cells, and whether a chip has them."""

from __future__ import annotations

import json

import pytest

from hwgen.boards import load_boards
from hwgen.errors import CannotMeetError, ToolError
from hwgen.synth.cells import cell_counts, check_fits, packed_cells
from hwgen.targets import Cells, find

BOARDS = load_boards()
TOOLCHAIN = find("ecp5").toolchain


def cells(lut4, ff, dsp, ebr):
    return Cells({"lut4": lut4, "ff": ff, "dsp": dsp, "ebr": ebr})


def stat(tmp_path, types):
    path = tmp_path / "stat.json"
    path.write_text(json.dumps({"design": {"num_cells_by_type": types}}))
    return path


def test_a_carry_cell_is_two_look_up_tables(tmp_path):
    kinds = {"LUT4": 100, "CCU2C": 7, "TRELLIS_FF": 50, "MULT18X18D": 3, "DP16KD": 2, "PDPW16KD": 1,
             "PFUMX": 9}  # fmt: skip
    assert cell_counts(stat(tmp_path, kinds), TOOLCHAIN) == cells(114, 50, 3, 3)
    assert cell_counts(stat(tmp_path, {}), TOOLCHAIN).to_json() == {
        "lut4": 0, "ff": 0, "dsp": 0, "ebr": 0
    }  # fmt: skip


@pytest.mark.parametrize("text", ["{}", '{"design": 3}', '{"design": {"num_cells_by_type": [1]}}'])
def test_bad_statistics(tmp_path, text):
    path = tmp_path / "stat.json"
    path.write_text(text)
    with pytest.raises(ToolError, match="must be Yosys's statistics"):
        cell_counts(path, TOOLCHAIN)


def test_what_fits_fits():
    check_fits(BOARDS["ulx3s-25f"], cells(24288, 24288, 28, 56))


@pytest.mark.parametrize(
    ("board", "needed", "short", "hint"),
    [
        ("ulx3s-25f", cells(1, 1, 29, 1), "29 DSP cells of 28", "would fit: .*ulx3s-45f"),
        # nextpnr would place it on a 12F: the die is a 25F's
        ("ulx3s-12f", cells(12145, 1, 1, 1), "12145 LUT4 of 12144", "would fit: .*ulx3s-25f"),
        ("ulx3s-12f", cells(1, 1, 1, 33), "33 block RAMs of 32", "would fit"),
        ("ulx3s-85f", cells(1, 83641, 1, 1), "83641 flip-flops of 83640", "no board does"),
    ],
)
def test_what_does_not_fit_is_told(board, needed, short, hint):
    with pytest.raises(CannotMeetError, match=hint) as caught:
        check_fits(BOARDS[board], needed, BOARDS.values())
    assert short in str(caught.value)
    assert "\n" not in str(caught.value)


def test_boards_that_are_too_small_are_not_proposed():
    with pytest.raises(CannotMeetError) as caught:
        check_fits(BOARDS["ulx3s-12f"], cells(30_000, 1, 1, 1), BOARDS.values())
    assert "-25f" not in str(caught.value)
    assert "ulx3s-45f" in str(caught.value)


def test_packed_cells_are_the_report_s():
    report = {"utilization": {
        "TRELLIS_COMB": {"used": 7}, "TRELLIS_FF": {"used": 5}, "MULT18X18D": {"used": 2},
        "DP16KD": {"used": 4}, "TRELLIS_IO": {"used": 9},
    }}  # fmt: skip
    assert packed_cells(report, TOOLCHAIN).to_json() == {"lut4": 7, "ff": 5, "dsp": 2, "ebr": 4}
    del report["utilization"]["DP16KD"]
    with pytest.raises(ToolError, match=r"utilization\.DP16KD\.used; update nextpnr-ecp5"):
        packed_cells(report, TOOLCHAIN)
    with pytest.raises(ToolError, match=r"utilization\.TRELLIS_COMB\.used"):
        packed_cells({"fmax": {}}, TOOLCHAIN)
