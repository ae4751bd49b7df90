"""An exported core through Yosys's synthesis for every family: a table of the cells it takes.

The core's Verilog is what ``hwgen export`` writes, or ``rtl/hwgen_core.v`` of a build.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from abc9 import FAMILIES, synthesised

KINDS = {
    "LUT": ("LUT", "MISTRAL_ALUT", "EFX_LUT", "SB_LUT"),
    "adders": ("CCU2", "ALU", "CARRY", "SB_CARRY", "EFX_ADD"),
    "flip-flops": ("DFF", "TRELLIS_FF", "FD", "EFX_FF", "MISTRAL_FF", "SB_DFF"),
    "DSP": ("MULT", "DSP48", "MISTRAL_MUL", "SB_MAC16"),
    "block RAM": ("DP16", "PDP", "SPX9", "SDPX9", "DPX9", "RAMB", "MISTRAL_M10K", "EFX_RAM",
                  "SB_RAM", "SB_SPRAM"),
    "small RAM": ("RAM32", "RAM64", "RAM128", "RAM256", "TRELLIS_DPR", "DPR16", "RAM16",
                  "MISTRAL_MLAB", "SRL"),
}  # fmt: skip
"""With what the names of the cells of each kind begin; the first kind that fits counts."""
_OTHERS = ("MUX2_LUT",)


def counted(cells: dict[str, int]) -> dict[str, int]:
    """Return the cells by kind."""
    found = dict.fromkeys(KINDS, 0)
    for name, count in cells.items():
        if name.startswith(_OTHERS):
            continue
        arith = "ARITH" in name
        for kind, starts in KINDS.items():
            if (kind == "adders") if arith else name.startswith(starts):
                found[kind] += count
                break
    return found


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("core", type=Path, help="Verilog with module hwgen_core")
    parser.add_argument("--families", default=",".join(FAMILIES))
    asked = parser.parse_args()
    print(f"| Yosys's command | {' | '.join(KINDS)} |")
    print(f"| --- |{' ---: |' * len(KINDS)}", flush=True)
    failed = 0
    for family in asked.families.split(","):
        with tempfile.TemporaryDirectory(prefix="hwgen-families-") as folder:
            shutil.copyfile(asked.core, Path(folder) / "core.v")
            found = synthesised("core.v", FAMILIES[family], Path(folder))
        failed += "cells" not in found
        row = counted(found["cells"]) if "cells" in found else {}
        told = [f"{count:,}" for count in row.values()] or [found["ended"]]
        print(f"| `{FAMILIES[family]}` | {' | '.join(told)} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
