"""Boards as data."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from hwgen import share
from hwgen.boards import find_board, load_boards
from hwgen.errors import HwgenError, InputError, UsageError
from hwgen.gateware.top import BoardTop
from hwgen.protocol import Learn
from hwgen.targets import Cells, find
from tests.gateware.stand_in import ScoreCore, SumCore

BOARDS = load_boards()

GOOD = """
title = "A board"
device = "LFE5U-25F"
package = "BG256"
speed = "6"
clock = { pin = "P6", mhz = 25.0 }
uart = { rx = "A9", tx = "B9" }
"""


def folder_with(tmp_path, text, name="mine-25f.toml"):
    devices = tmp_path / "devices"
    devices.mkdir()
    for table in (share.folder("boards") / "devices").glob("*.toml"):
        (devices / table.name).write_bytes(table.read_bytes())
    (tmp_path / name).write_text(text)
    return tmp_path


def test_the_promised_boards_are_there():
    promised = {
        "ulx3s-12f", "ulx3s-25f", "ulx3s-45f", "ulx3s-85f", "ecpix5-45f", "ecpix5-85f",
        "orangecrab-25f", "orangecrab-85f", "icepi-zero-25f", "icesugar-pro-25f",
        "colorlight-5a75b-25f",
    }  # fmt: skip
    assert promised <= set(BOARDS)


def test_ecp5_is_the_ulx3s_85f():
    assert find_board("ecp5", BOARDS).name == "ulx3s-85f"
    assert find_board("ULX3S-85F", BOARDS).name == "ulx3s-85f"


def cells(lut4, dsp, ebr):
    return Cells({"lut4": lut4, "ff": lut4, "dsp": dsp, "ebr": ebr})


def test_what_the_chips_have():
    assert BOARDS["ulx3s-12f"].resources == cells(12144, 28, 32)
    assert BOARDS["ulx3s-25f"].resources == cells(24288, 28, 56)
    assert BOARDS["ecpix5-85f"].resources == cells(83640, 156, 208)


def test_report_part():
    assert BOARDS["orangecrab-25f"].to_json() == {
        "name": "orangecrab-25f",
        "device": "LFE5U-25F",
        "package": "MG285",
    }


def constraints_of(board, plan):
    """Return the file that tells place and route of pins and clocks."""
    content = plan.files[board.target.toolchain.sources[-1]]
    return content if isinstance(content, str) else content.decode()


SAID = {
    ".lpf": ('FREQUENCY NET "pll.pll_clock" {hz} HZ;', "LOCATE COMP"),
    ".cst": ("", "IO_LOC"),
    ".pdc": ('-period {ns} [get_nets "pll.pll_clock"]', "ldc_set_location"),
    ".pcf": ("set_frequency pll.pll_clock {mhz}", "set_io"),
}
"""How a file of constraints says a clock and a pin, by its suffix."""


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_every_board_takes_the_board_top(name):
    board = BOARDS[name]
    assert dataclasses.is_dataclass(board)
    mhz = board.target.usual_clock
    top = BoardTop(SumCore(), board, mhz)
    plan = board.platform().build(top, do_build=False)
    constraints = constraints_of(board, plan)
    clock, pin = SAID[Path(board.target.toolchain.sources[-1]).suffix]
    # Where no constraint says the clock, the placer's option does.
    assert bool(clock) != bool(board.target.toolchain.frequency)
    assert clock.format(mhz=mhz, hz=mhz * 1e6, ns=1e9 / (top.clock_mhz * 1e6)) in constraints
    assert constraints.count(pin) >= 3


@pytest.mark.parametrize("name", sorted(name for name in BOARDS if BOARDS[name].learn))
def test_every_board_with_a_button_takes_a_top_that_learns(name):
    board = BOARDS[name]
    plan = board.platform().build(
        BoardTop(ScoreCore(), board, 100.0, at_start=Learn(20)), do_build=False
    )
    assert f"{board.learn.resource}_0" in constraints_of(board, plan)


@pytest.mark.parametrize("name", sorted(name for name in BOARDS if BOARDS[name].flash))
def test_every_board_with_a_flash_takes_a_top_that_keeps_a_threshold(name):
    """Without a score none of it is there."""
    board = BOARDS[name]
    for core, there in ((ScoreCore(), True), (SumCore(), False)):
        files = board.platform().build(BoardTop(core, board, 100.0), do_build=False).files
        resource = f"{board.flash.connection.resource}_0"
        assert (f"{resource}__cs" in str(files["top.lpf"])) == there
        assert ("USRMCLK" in str(files["top.il"])) == there
        assert ("linked.kept" in str(files["top.il"])) == there


@pytest.mark.parametrize("name", sorted(name for name in BOARDS if not BOARDS[name].flash))
def test_a_board_without_a_flash_has_nothing_that_writes_to_one(name):
    board = BOARDS[name]
    files = board.platform().build(BoardTop(ScoreCore(), board, 100.0), do_build=False).files
    assert "USRMCLK" not in str(files["top.il"])
    assert "linked.kept" not in str(files["top.il"])


def test_a_flash_whose_clock_is_a_pin(tmp_path):
    """As some boards have it; the resource's name is amaranth-boards'."""
    text = """
title = "x"
platform = "amaranth_boards.versa_ecp5:VersaECP5Platform"
uart = { resource = "uart" }
flash = { bytes = 16777216, resource = "spi_flash_1x" }
"""
    board = load_boards(folder_with(tmp_path, text, "mine-45f.toml"))["mine-45f"]
    files = board.platform().build(BoardTop(ScoreCore(), board, 50.0), do_build=False).files
    assert "spi_flash_1x_0__clk" in str(files["top.lpf"])
    assert "USRMCLK" not in str(files["top.il"])


@pytest.mark.parametrize("invert", [True, False])
def test_a_button_by_its_pin(tmp_path, invert):
    text = f'{GOOD}learn = {{ pin = "C7", invert = {str(invert).lower()} }}\n'
    board = load_boards(folder_with(tmp_path, text))["mine-25f"]
    top = BoardTop(ScoreCore(), board, 50.0, at_start=Learn(20))
    plan = board.platform().build(top, do_build=False)
    assert 'SITE "C7"' in str(plan.files["top.lpf"])
    assert board.learn.invert == invert
    assert "hwgen_learn" not in str(
        board.platform().build(BoardTop(ScoreCore(), board, 50.0), do_build=False).files["top.lpf"]
    )


@pytest.mark.parametrize(("name", "near"), [("ulx3s-84f", "ulx3s-85f"), ("ecp", "ecp5")])
def test_unknown_board_names_the_nearest(name, near):
    with pytest.raises(UsageError, match=near) as caught:
        find_board(name, BOARDS)
    assert "\n" not in str(caught.value)


def test_unknown_board_unlike_any():
    with pytest.raises(UsageError, match=r"not 'zzzzzzzz'$"):
        find_board("zzzzzzzz", BOARDS)


def test_a_new_board_is_one_file(tmp_path):
    board = load_boards(folder_with(tmp_path, GOOD))["mine-25f"]
    assert (board.device, board.package, board.speed) == ("LFE5U-25F", "BG256", "6")
    assert board.clock_mhz == 25.0
    plan = board.platform().build(BoardTop(SumCore(), board, 50.0), do_build=False)
    constraints = str(plan.files["top.lpf"])
    assert 'SITE "P6"' in constraints
    assert 'SITE "A9"' in constraints
    assert 'SITE "B9"' in constraints


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("title", "titel", "title must be given"),
        ('"A board"', "3", "title must be a non-empty string, not 3"),
        ('title = "A board"', 'title = "A board"\nextra = 1', "extra must be removed"),
        ("LFE5U-25F", "LFE5U-24F", "device must be one of"),
        ("LFE5U-25F", "iCE40", "device must be one of LFE5U-12F, LFE5U-25F, "),
        ("BG256", "BG1", "package must be one of"),
        ('speed = "6"', 'speed = "9"', "speed must be one of 6, 7, 8, not '9'"),
        ("mhz = 25.0", "mhz = 4.0", "clock.mhz must be 8 to 400, not 4"),
        ("mhz = 25.0", "mhz = nan", "clock.mhz must be 8 to 400, not nan"),
        ("mhz = 25.0", 'mhz = "fast"', "clock.mhz must be a number"),
        ("rx =", "receive =", "uart.rx must be given"),
        ('uart = { rx = "A9", tx = "B9" }', "uart = 5", "uart must be a table"),
        ("clock =", "clock = =", "is not TOML"),
        ("uart", 'led = { pin = "A1", invert = 3 }\nuart', "led.invert must be true or false"),
        ("uart", 'led = { pin = "A1", color = "red" }\nuart', "led.color must be removed"),
        ("uart", "aliases = [3]\nuart", "aliases must be a list of strings"),
        ("uart", 'aliases = ["A B"]\nuart', "aliases must be lower case"),
        ("uart", 'aliases = ["mine-25f"]\nuart', "must be unique"),
        ("uart", "outputs = { alarm = 3 }\nuart", "outputs.alarm must be a non-empty string"),
        ("uart", 'outputs = { alarms = "A1" }\nuart', "outputs.alarms must be removed"),
        ("uart", 'sources = { i2c = { sda = "A1" } }\nuart', "sources.i2c must be removed"),
        ("uart", 'sources = { i2s = { mck = "A1" } }\nuart', "sources.i2s.mck must be removed"),
        ("uart", "learn = { pin = 3 }\nuart", "learn.pin must be a non-empty string"),
        ("uart", 'learn = { pin = "A1", pull = "up" }\nuart', "learn.pull must be removed"),
        ("uart", 'learn = { resource = "x" }\nuart', "learn.resource must be one of"),
        ("uart", 'flash = { bytes = 3000000, resource = "x" }\nuart', "must be a power of two"),
        ("uart", 'flash = { bytes = 1, resource = "x" }\nuart', "flash.bytes must be 524288 to"),
        ("uart", 'flash = { bytes = 4194304, resource = "x" }\nuart', "flash.resource must be"),
        ("uart", 'flash = { bytes = 4194304, pin = "A1" }\nuart', "flash.resource must be given"),
        ("uart", "lights = { pins = 3 }\nuart", "lights.pins must be a list of strings"),
        ('device = "LFE5U-25F"', 'platform = "os:path"', "must be a Lattice ECP5 or"),
        ('device = "LFE5U-25F"', 'platform = "no.such:thing"', "MODULE:CLASS"),
        ('device = "LFE5U-25F"', 'platform = "nothing"', "MODULE:CLASS"),
    ],
)
def test_a_bad_file_is_told_by_file_field_and_rule(tmp_path, old, new, text):
    folder = folder_with(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        load_boards(folder)
    assert text in str(caught.value)
    assert "mine-25f" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["mine.toml", "Mine-25f.toml", "mine-85f.toml"])
def test_the_size_comes_last(tmp_path, name):
    with pytest.raises(InputError, match="size last"):
        load_boards(folder_with(tmp_path, GOOD, name))


@pytest.mark.parametrize(
    ("use", "text"),
    [
        ('uart = { resource = "uarts" }', "uart.resource must be one of"),
        ('uart = { resource = "led" }', "must have the parts"),
        ('uart = { resource = "uart" }\nled = { resource = "uart" }', "must have the parts"),
    ],
)
def test_a_resource_that_the_platform_lacks(tmp_path, use, text):
    head = 'title = "x"\nplatform = "amaranth_boards.ulx3s:ULX3S_25F_Platform"\n'
    with pytest.raises(InputError, match=text):
        load_boards(folder_with(tmp_path, head + use))


def test_pins_for_sensors_and_outputs(tmp_path):
    more = """
outputs = { fault = "A2", invert = true }
lights = { pins = ["A3", "A4"] }
sources = { i2s = { sck = "A5", sd = "A6", io_type = "LVCMOS18" } }
"""
    board = load_boards(folder_with(tmp_path, GOOD + more))["mine-25f"]
    assert board.outputs.pins == (("fault", "A2"),)
    assert board.outputs.invert
    assert [pin for _, pin in board.lights.pins] == ["A3", "A4"]
    assert board.sources["i2s"].pins == (("sck", "A5"), ("sd", "A6"))
    assert board.sources["i2s"].inputs == ("sd",)
    assert board.sources["i2s"].io_type == "LVCMOS18"


def test_missing_folder(tmp_path):
    assert load_boards(tmp_path / "none") == {}


def test_device_table_is_checked(tmp_path):
    folder = folder_with(tmp_path, GOOD)
    (folder / "devices" / "ecp5.toml").write_text("[LFE5U-25F]\nlut4 = 0\nff=1\ndsp=1\nebr=1\n")
    with pytest.raises(HwgenError, match=r"LFE5U-25F\.lut4 must be 1 to"):
        load_boards(folder)


def test_a_device_table_is_called_like_a_family(tmp_path):
    folder = folder_with(tmp_path, GOOD)
    (folder / "devices" / "abacus.toml").write_text("[A1]\nlut4 = 1\nff=1\ndsp=1\nebr=1\n")
    with pytest.raises(HwgenError, match=r"abacus.toml: .* a family \(ecp5, .*\), not 'abacus'"):
        load_boards(folder)


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_a_board_s_target_is_its_platform_s(name):
    board = BOARDS[name]
    assert board.target.serves(board.platform())
    assert board.target is find(board.target.name)
    assert set(board.resources) == set(board.target.kinds)
    low, high = board.target.oscillator_mhz
    assert low <= board.clock_mhz <= high
    assert float(board.plan_pll(100.0).output_mhz) >= 100.0


def test_loaders_name_a_board_or_a_cable():
    boards = load_boards()
    assert boards["ulx3s-85f"].loader == ("-b", "ulx3s")
    for board in boards.values():
        assert not board.loader or (board.loader[0] in ("-b", "-c") and len(board.loader) == 2)


def test_boards_to_choose_from():
    mine = {"mine-25f": dataclasses.replace(BOARDS["ulx3s-25f"], name="mine-25f", aliases=())}
    assert find_board("mine-25f", mine).name == "mine-25f"
    with pytest.raises(UsageError):
        find_board("ulx3s-25f", mine)
    assert find_board("ulx3s-25f").name == "ulx3s-25f"
