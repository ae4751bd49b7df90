"""The exported AXI core alone, behind cocotbext-axi in Icarus and Verilator, and its headers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hwgen import tools
from hwgen.errors import ToolError
from hwgen.export import export
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.contract import answer_fields
from hwgen.hardware.emit import write_verilog
from hwgen.plans.facts import Answer
from hwgen.plans.step import Array
from tests.export.conftest import MODULE, Design
from tests.integer_graphs import cases, small_scored, with_values

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
TESTS = 7
MAKEFLAGS = "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines"
RUN = """
import os, sys
from pathlib import Path
from cocotb_tools.runner import get_runner
simulator, top, *sources = sys.argv[1:]
runner = get_runner(simulator)
options = {
    "icarus": ["-g2005"],
    "verilator": ["-O1", "--x-assign", "unique", "--x-initial", "unique"],
}
runner.build(sources=[Path(one) for one in sources], hdl_toplevel=top, build_dir="built",
             build_args=options[simulator], timescale=("1ns", "1ps"))
runner.test(test_module="axi_windows", hdl_toplevel=top, build_dir="built",
                      test_dir=Path.cwd())
"""


def fields_of(model) -> list[tuple[int, bool]]:
    """Return width and sign of each number of a result."""
    found = []
    for name, shape in answer_fields(Answer.of(model)).items():
        many = name != "class_"
        each = shape.elem_shape if many else shape
        found += [(each.width, each.signed)] * (shape.length if many else 1)
    return found


def simulate(simulator: str, design, folder: Path, place: Path) -> str:
    """Run the bench on an exported folder and return what cocotb says."""
    place.mkdir()
    model = design.model
    job = {
        "folder": str(folder),
        "module": "small_core",
        "fields": fields_of(model),
        "value_bits": model.number_bits,
        "latency": design.timing.latency,
        "digest": model.digest,
        "scored": model.score is not None,
        "seed": 20,
        "patience": 10 * 20 * (design.timing.latency + 40 * design.timing.interval),
    }
    (place / "job.json").write_text(json.dumps(job))
    # cocotb's runner behaves otherwise where it thinks that pytest runs it.
    environment = {k: v for k, v in tools.environment().items() if k != "PYTEST_CURRENT_TEST"} | {
        "MAKEFLAGS": f"{MAKEFLAGS} OPT_FAST=-O1",
        "PYTHONPATH": str(HERE),
        "PATH": os.pathsep.join([str(Path(tools.find("verilator")[0]).parent), os.environ["PATH"]]),
    }
    sources = [str(folder / f"small_core{part}.v") for part in ("", "_axi")]
    made = subprocess.run(
        [sys.executable, "-c", RUN, simulator, "small_core_axi", *sources],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    return made.stdout + made.stderr


def made(case, array, folder: Path) -> Design:
    """Return the core of a case, in Verilog."""
    core = generate(case.plan(array))
    path = folder / "core.v"
    write_verilog(core, MODULE, path)
    return Design(case.model, path, case.streams, core.plan.timing)


def with_numbers(folder: Path) -> Design:
    ((_, plain, array),) = cases([217], windows=9, small=True)
    return made(with_values(replace(plain, tables={}), 217, array.drain), array, folder)


def with_a_score(folder: Path) -> Design:
    return made(small_scored(3, 1, 9), Array(2, 2), folder)


def found(simulator: str) -> None:
    """Skip where a simulator is not there."""
    try:
        tools.find(simulator)
    except ToolError:
        pytest.skip(f"{simulator} is not on PATH")


@pytest.mark.parametrize("simulator", ["icarus", "verilator"])
def test_the_exported_core_answers_with_pauses_on_every_channel(simulator, small, tmp_path):
    found("iverilog" if simulator == "icarus" else simulator)
    export("axi", *small.arguments(tmp_path / "core"), title="Small core")
    said = simulate(simulator, small, tmp_path / "core", tmp_path / "sim")
    assert f"TESTS={TESTS} PASS={TESTS - 1} FAIL=0 SKIP=1" in said, said[-4000:]


@pytest.mark.parametrize(("make", "skipped"), [(with_numbers, 1), (with_a_score, 0)])
def test_other_answers(make, skipped, tmp_path):
    found("iverilog")
    design = make(tmp_path)
    export("axi", *design.arguments(tmp_path / "core"), title="Small core")
    said = simulate("icarus", design, tmp_path / "core", tmp_path / "sim")
    assert f"TESTS={TESTS} PASS={TESTS - skipped} FAIL=0 SKIP={skipped}" in said, said[-4000:]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("s_axis_tlast", "1'b0"),  # short packets are no longer told
        ("assign s_axis_tready = ", "assign s_axis_tready = 1'h1 | "),
    ],
)
def test_a_changed_wrapper_fails(old, new, small, tmp_path):
    found("iverilog")
    export("axi", *small.arguments(tmp_path / "core"), title="Small core")
    path = tmp_path / "core" / "small_core_axi.v"
    text = path.read_text()
    start = text.index("module \\small_core_axi.frames")
    body = text[start:].replace(f".{old}({old})", f".{old}({new})")
    if old.startswith("assign"):
        body = text[start:].replace(old, new)
    changed = text[:start].replace(f".{old}({old})", f".{old}({new})") + body
    assert changed != text
    path.write_text(changed)
    said = simulate("icarus", small, tmp_path / "core", tmp_path / "sim")
    assert f"TESTS={TESTS} PASS={TESTS - 1}" not in said
