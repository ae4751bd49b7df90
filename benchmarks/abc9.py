"""Random cores through Yosys's synthesis for every family: how it ends, and its cells.

Networks and designs are those of `networks.py`, from a seed on. A line a core and family; exit
code 1 if one ended early.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from networks import MODULE, draw

from hwgen import tools
from hwgen.errors import HwgenError, ToolError
from hwgen.files import read_json
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from hwgen.plans.planner import plan
from hwgen.synth.yosys import ended_in_abc9

FAMILIES = {
    "ecp5": "synth_ecp5",
    "nexus": "synth_nexus",
    "gowin": "synth_gowin",
    "ice40": "synth_ice40 -dsp",
    "xilinx": "synth_xilinx",
    "intel_alm": "synth_intel_alm",
    "efinix": "synth_efinix",
}
"""Yosys's command of each."""


def cores(first: int) -> Iterator[tuple[int, Any]]:
    """Yield seeds and their accelerators; what was drawn may be none."""
    seed = first
    while True:
        try:
            drawn = draw(seed, 1)
            yield seed, generate(plan(drawn.model, drawn.design))
        except (HwgenError, ValueError):
            pass
        seed += 1


def synthesised(source: str, synthesis: str, place: Path) -> dict[str, Any]:
    """Return how one family's synthesis ended, and its cells."""
    begin = time.monotonic()
    script = f"read_verilog {source}; {synthesis} -top {MODULE}; tee -q -o stat.json stat -json"
    found: dict[str, Any] = {"ended": "well"}
    try:
        tools.run([*tools.find("yosys"), "-p", script], place, place / "log", what="synthesis")
        found["cells"] = read_json(place / "stat.json")["design"]["num_cells_by_type"]
    except ToolError as error:
        found["ended"] = "in ABC9" if ended_in_abc9(place / "log") else str(error)
    return found | {"seconds": round(time.monotonic() - begin, 1)}


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the first core")
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--json", type=Path, help="file for all that was found")
    asked = parser.parse_args()
    kept: list[dict[str, Any]] = []
    drawn = cores(asked.seed)
    for _ in range(asked.cores):
        seed, core = next(drawn)
        with tempfile.TemporaryDirectory(prefix="hwgen-abc9-") as folder:
            place = Path(folder)
            write_verilog(core, MODULE, place / "core.v")
            for family in asked.families.split(","):
                found = synthesised("core.v", FAMILIES[family], place)
                kept.append({"seed": seed, "family": family} | found)
                print(f"seed {seed}, {family}: {found['ended']}, {found['seconds']} s", flush=True)
        if asked.json is not None:
            asked.json.write_text(json.dumps(kept, indent=1))
    early = [one for one in kept if one["ended"] != "well"]
    print(f"{len(kept)} runs, {len(early)} ended early")
    return 1 if early or not kept else 0


if __name__ == "__main__":
    sys.exit(main())
