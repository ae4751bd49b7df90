"""Yosys's synthesis for seven families takes the exported core: products in DSP, memories in RAM.

Up to where logic becomes look-up tables: what is DSP and block RAM is settled before.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hwgen import tools
from hwgen.export import export

pytestmark = pytest.mark.slow

MULTIPLIERS = 6
"""Of the small core: four of its FFT, two of its array."""
FEW_FLIP_FLOPS = 5600
"""A memory that fell to logic would be a thousand more."""
FAMILIES = {
    "ecp5": ("synth_ecp5", {"MULT18X18D": 6}, {"DP16KD": 10}),
    "nexus": ("synth_nexus", {"MULT18X18": 6}, {"PDPSC16K": 10}),
    "gowin": ("synth_gowin", {"MULT18X18": 6}, {"SPX9": 5, "SDPX9B": 3, "DPX9B": 2}),
    # 18 by 18 bits and more are several of 16 by 16.
    "ice40": ("synth_ice40 -dsp", {"SB_MAC16": 18}, {"SB_RAM40_4K": 25}),
    "xilinx": ("synth_xilinx", {"DSP48E1": 6}, {"RAMB18E1": 10}),
    "intel_alm": ("synth_intel_alm", {"MISTRAL_MUL18X18": 6}, {"MISTRAL_M10K": 6}),
    # Yosys 0.70 knows no multiplier of Efinix's.
    "efinix": ("synth_efinix", {}, {"EFX_RAM_5K": 17}),
}


def cells(folder: Path, synthesis: str, place: Path) -> dict[str, int]:
    """Return the cells of the exported core, in front of its look-up tables."""
    (place / "core.v").write_bytes((folder / "small_core.v").read_bytes())
    script = (f"read_verilog core.v; {synthesis} -top small_core -run begin:map_luts; "
              f"flatten; tee -q -o stat.json stat -json")  # fmt: skip
    done = subprocess.run(
        [*tools.find("yosys"), "-q", "-p", script],
        cwd=place, env=tools.environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
    found = json.loads((place / "stat.json").read_text())["design"]["num_cells_by_type"]
    return {name: int(count) for name, count in found.items()}


def fallen(found: dict[str, int], dsp: dict[str, int], ram: dict[str, int]) -> list[str]:
    """Return what is not where it should be."""
    wrong = [
        f"{name}: {found.get(name, 0)} of {count}"
        for name, count in (dsp | ram).items()
        if found.get(name, 0) != count
    ]
    wrong += [f"{name} is left" for name in ("$mul", "$mem_v2", "$mem") if name in found]
    flops = sum(
        count for name, count in found.items()
        if "DFF" in name or name.endswith("_FF") or name.startswith(("FD", "TRELLIS_FF"))
    )  # fmt: skip
    if not 1000 < flops < FEW_FLIP_FLOPS:
        wrong.append(f"{flops} flip-flops")
    return wrong


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("families") / "core"
    export("verilog", *small.arguments(path), title="Small core")
    return path


@pytest.mark.parametrize("family", FAMILIES)
def test_products_are_in_dsp_and_memories_in_ram(family, folder, tmp_path):
    synthesis, dsp, ram = FAMILIES[family]
    found = cells(folder, synthesis, tmp_path)
    assert fallen(found, dsp, ram) == [], found


def test_products_that_fall_to_logic_are_told(folder, tmp_path):
    synthesis, dsp, ram = FAMILIES["gowin"]
    assert "MULT18X18: 0 of 6" in fallen(cells(folder, f"{synthesis} -nodsp", tmp_path), dsp, ram)


def test_memories_that_fall_to_logic_are_told(folder, tmp_path):
    synthesis, dsp, ram = FAMILIES["gowin"]
    text = (folder / "small_core.v").read_text()
    assert '"block"' in text
    (folder.parent / "small_core.v").write_text(text.replace('"block"', '"logic"'))
    wrong = fallen(cells(folder.parent, synthesis, tmp_path), dsp, ram)
    assert any(one.startswith("SPX9: ") for one in wrong)
