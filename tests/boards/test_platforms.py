"""Platforms from a class's name or from pins, and the ports that are asked of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from amaranth_boards.ulx3s import ULX3S_25F_Platform

from hwgen.boards.board import Chip, Connection
from hwgen.boards.fields import Fields
from hwgen.boards.platforms import platform_class, platform_from_pins, request, request_clock
from hwgen.errors import InputError
from hwgen.targets import Cells, find

CHIP = {
    "device": "LFE5U-45F", "package": "BG256", "speed": "7", "clock": {"pin": "P3", "mhz": 8.0},
}  # fmt: skip


CHIPS = {"LFE5U-45F": Chip(find("ecp5"), Cells({"lut4": 1}))}


def table(**values):
    return Fields("mine.toml", "", values)


def test_a_class_of_amaranth_boards():
    name = "amaranth_boards.ulx3s:ULX3S_25F_Platform"
    assert platform_class(table(platform=name)) is ULX3S_25F_Platform


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nothing", "platform must be MODULE:CLASS of amaranth-boards, not 'nothing'"),
        ("no.such:thing", "MODULE:CLASS of amaranth-boards"),
        ("amaranth_boards.ulx3s:None_", "MODULE:CLASS of amaranth-boards"),
        (":x", "MODULE:CLASS of amaranth-boards"),
        ("os:path", "must be a Lattice ECP5 or .* platform, not 'os:path'"),
        ("pathlib:Path", "must be a Lattice ECP5 or .* platform"),
    ],
)
def test_what_is_no_platform(name, text):
    with pytest.raises(InputError, match=text):
        platform_class(table(platform=name))


@pytest.mark.parametrize(("mhz", "io"), [(8.0, None), (400.0, "LVCMOS18"), (25.0, None)])
def test_a_platform_of_pins(mhz, io):
    clock = {"pin": "P3", "mhz": mhz} | ({"io_type": io} if io else {})
    kind = platform_from_pins(table(**CHIP | {"clock": clock}), CHIPS)
    platform = kind()
    assert (platform.device, platform.package, platform.speed) == ("LFE5U-45F", "BG256", "7")
    assert platform.default_clk == "clk"
    assert platform.default_clk_frequency == mhz * 1e6
    resource = platform.lookup("clk")
    assert resource.ios[0].names == ["P3"]
    assert resource.ios[0].dir == "i"
    assert resource.attrs == {"IO_TYPE": io or "LVCMOS33"}
    assert kind.connectors == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"device": "iCE40"}, "device must be one of LFE5U-45F, not 'iCE40'"),
        ({"package": "BG1"}, "package must be one of BG256, MG285, BG381, BG554, BG756"),
        ({"speed": "9"}, "speed must be one of 6, 7, 8"),
        ({"clock": {"pin": "P3", "mhz": 7.9}}, "clock.mhz must be 8 to 400"),
        ({"clock": {"pin": "P3", "mhz": 401.0}}, "clock.mhz must be 8 to 400"),
        ({"clock": {"pin": "P3", "mhz": 8.0, "z": 1}}, "clock.z must be removed"),
    ],
)
def test_what_no_platform_is_made_of(changes, text):
    with pytest.raises(InputError, match=text):
        platform_from_pins(table(**CHIP | changes), CHIPS)


class Platform:
    """Notes what is added and asked for."""

    default_clk, default_rst = "clk25", None
    family = "ecp5"

    def __init__(self):
        self.added, self.asked = [], []

    def add_resources(self, resources):
        self.added += resources

    def request(self, *given, **named):
        self.asked.append((given, named))
        return SimpleNamespace(g=f"green of {given[0]}")


def test_a_resource_of_the_platform():
    platform = Platform()
    assert request(platform, Connection("rgb", "g")) == "green of rgb"
    assert request(platform, Connection("led")).g == "green of led"
    assert platform.asked == [(("rgb", 0), {"dir": "-"}), (("led", 0), {"dir": "-"})]
    assert platform.added == []


@pytest.mark.parametrize("invert", [True, False])
def test_pins(invert):
    platform = Platform()
    pins = (("rx", "A1"), ("tx", "B2"))
    request(platform, Connection("uart", None, pins, "LVCMOS18", invert))
    (resource,) = platform.added
    assert (resource.name, resource.number) == ("uart", 0)
    assert resource.attrs == {"IO_TYPE": "LVCMOS18"}
    found = [(io.name, io.ios[0].names, io.ios[0].dir, io.ios[0].invert) for io in resource.ios]
    assert found == [("rx", ["A1"], "i", invert), ("tx", ["B2"], "o", invert)]


def test_clock_and_reset():
    platform = Platform()
    clock, reset = request_clock(platform)
    assert clock.g == "green of clk25"
    assert reset is None
    assert platform.asked == [(("clk25",), {"dir": "-"})]
    platform.default_rst = "rst"
    assert request_clock(platform)[1].g == "green of rst"
    assert platform.asked[-1] == (("rst",), {"dir": "-"})
