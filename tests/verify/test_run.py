"""Emitted Verilog against the golden model, right and wrong, in real simulations."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from hwgen import golden
from hwgen.boards import find_board
from hwgen.errors import InputError, MismatchError, ToolError
from hwgen.files import read_json
from hwgen.flow import generate, quantize
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.hardware.accelerator import generator
from hwgen.hardware.emit import write_verilog
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.plans.timing import Timing
from hwgen.quantized import Precision
from hwgen.verify import Verification, corner_windows, verify
from hwgen.verify.simulation import read_outcome
from hwgen.verify.vectors import memory_file
from tests.integer_graphs import cases, with_values

MODULE = generate.MODULE


@pytest.fixture(scope="session")
def design(built):
    """Return the Verilog's text, the model, some windows of every class, and the timing."""
    model = quantize.read_model(built / "ir" / "model.json")
    windows = quantize.read_windows(built / "ir" / "windows.npz", model)[::10]
    known = read_json(built / "rtl" / "stage.json")["result"]
    text = (built / "rtl" / generate.VERILOG).read_text()
    return text, model, windows, Timing(known["latency"], known["interval"])


@pytest.fixture
def simulate(design, tmp_path, warm):
    """Simulate a text of Verilog in the design's place."""

    def run(text: str, **options):
        _, model, windows, timing = design
        source = tmp_path / "core.v"
        source.write_text(text)
        return verify([source], MODULE, model, windows, timing, warm(tmp_path / "sim"), **options)

    return run


def in_module(text: str, module: str, old: str, new: str) -> str:
    """Return the text with the first match of `old` in a module replaced."""
    begin = re.search(rf"^module \\?{re.escape(module)}(\$\d+)? ?\(", text, re.MULTILINE)
    assert begin, f"no module {module}"
    head, body = text[: begin.start()], text[begin.start() :]
    changed, count = re.subn(old, new, body[: body.index("endmodule")], count=1)
    assert count == 1, f"no {old} in {module}"
    return head + changed + body[body.index("endmodule") :]


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        (f"{MODULE}.layers.engine.weights", r"(memory\[7\] = 32'd)(\d+)",
         lambda m: f"{m[1]}{int(m[2]) ^ 1 << 6}"),
        (f"{MODULE}.front.fft.twiddles_5.rom", r"(memory\[5\] = 36'h)(\w+)",
         lambda m: f"{m[1]}{int(m[2], 16) ^ 1 << 12:09x}"),
        (f"{MODULE}.layers.engine.argmax", r"\$signed\((\S+ ?)\) - \$signed\((\S+ ?)\)",
         lambda m: f"$signed({m[2]}) - $signed({m[1]})"),
        (f"{MODULE}.front.magnitude", r" \+ ", " - "),
        (f"{MODULE}.account", r"(= now\S* ?) - ", lambda m: f"{m[1]} + "),
    ],
    ids=["weight", "twiddle factor", "comparison", "operator", "counter on chip"],
)  # fmt: skip
@pytest.mark.slow
def test_a_mutation_is_found(design, simulate, module, old, new):
    result = simulate(in_module(design[0], module, old, new), quick=True)
    assert result.mismatches > 0


@pytest.mark.slow
def test_every_scenario_compares_windows(built):
    """What the shared build's verification has counted."""
    result = read_json(built / "sim" / "stage.json")["result"]
    scenarios = result["scenarios"]
    assert set(scenarios) == {
        "alone",
        "back to back",
        "gaps and stalls",
        "slow samples",
        "reset in mid-window",
        "abandoned",
    }
    assert sum(scenarios.values()) == result["windows"]
    assert scenarios["back to back"] == 120 + result["corner_windows"]


NEVER_READY = f"""
module {MODULE}(input clk, input rst, input abandon,
    input samples__valid, output samples__ready, input [16:0] samples__payload,
    output result__valid, input result__ready, output [1000:0] result__payload);
  assign samples__ready = 1'b0, result__valid = 1'b0, result__payload = 0;
endmodule
"""

SLOW_IN_THE_WINDOW = f"""
module {MODULE}(input clk, input rst, input abandon,
    input samples__valid, output samples__ready, input [16:0] samples__payload,
    output reg result__valid, input result__ready, output [1000:0] result__payload);
  reg [8:0] count;
  reg wait_;
  assign samples__ready = !wait_, result__payload = 0;
  always @(posedge clk) begin
    wait_ <= !wait_ && count[3:0] == 5;
    if (samples__valid && samples__ready) count <= count == 255 ? 0 : count + 1;
    if (result__valid && result__ready) result__valid <= 0;
    if (samples__valid && samples__ready && count == 255) result__valid <= 1;
    if (rst) begin count <= 0; wait_ <= 0; result__valid <= 0; end
  end
endmodule
"""


def stub(text: str, design) -> str:
    """Return a stand-in for the core with the width of its result."""
    width = re.search(r"output \[(\d+):0\] result__payload", design[0])
    assert width
    return text.replace("[1000:0]", f"[{width[1]}:0]")


@pytest.mark.slow
def test_a_design_that_stops_is_a_mismatch_in_bounded_time(design, simulate):
    with pytest.raises(MismatchError, match=r"stopped answering: 0 of 1 windows \(alone\)"):
        simulate(stub(NEVER_READY, design))


@pytest.mark.slow
def test_a_design_that_lets_samples_wait_within_a_window_is_a_mismatch(design, simulate):
    with pytest.raises(MismatchError, match="take a sample in every cycle"):
        simulate(stub(SLOW_IN_THE_WINDOW, design), quick=True)


@pytest.mark.slow
def test_verilog_that_does_not_compile_is_a_tool_error(design, simulate, tmp_path):
    with pytest.raises(ToolError, match=r"(?i)simulation failed.*simulation\.log"):
        simulate(design[0].replace("endmodule", "endmodul", 1))
    assert not (tmp_path / "sim" / "outcome.json").exists()


@pytest.mark.parametrize(
    "name",
    ["a b#c:d&e;f'g\"h$i%j\\k*[x](é){}|<>?=,@`^!~ ", "/".join(["long" * 20] * 4)],
    ids=["hostile", "long"],
)
@pytest.mark.slow
def test_a_folder_of_any_name(design, tmp_path, warm, name):
    text, model, windows, timing = design
    folder = tmp_path / name
    source = folder / "core.v"
    folder.mkdir(parents=True)
    source.write_text(text)
    place = warm(folder / "sim")
    result = verify([source], MODULE, model, windows[:2], timing, place, quick=True)
    assert (result.mismatches, result.windows) == (0, 3)
    assert read_json(place / "outcome.json")["mismatches"] == 0
    source.write_text(text.replace("endmodule", "endmodul", 1))
    with pytest.raises(ToolError) as caught:
        verify([source], MODULE, model, windows[:2], timing, place, quick=True)
    log = Path(str(caught.value).rpartition("log: ")[2])
    assert log == place / "simulation.log"
    assert "syntax error" in log.read_text()
    assert "syntax error" in (place / "verilator.log").read_text()
    assert not list(folder.rglob("*.hwgen"))


@pytest.mark.parametrize("parallel", [1, 16])
@pytest.mark.slow
def test_the_simulation_measures_what_the_generator_says(design, tmp_path, warm, parallel):
    _, model, windows, _ = design
    options = HardwareOptions.of(parallel=parallel)
    known = generate.generate(model, options, find_board("ecp5"), tmp_path)
    timing = Timing(known.timing.latency, known.timing.interval)
    source = tmp_path / generate.VERILOG
    result = verify([source], MODULE, model, windows, timing, warm(tmp_path / "sim"))
    assert result.mismatches == 0
    assert result.latency == timing.latency == sum(dict(known.timing.breakdown).values())
    assert timing.interval - 2 <= result.interval <= timing.interval
    assert result.pause == known.timing.pause == 1


@pytest.mark.parametrize(
    "point",
    [
        Design(Array(2, 2), 1, hop=16),
        Design(None, 3, lanes=4, values=3),
        Design(None, 3, lanes=4, values=3, hop=1),
    ],
    ids=["shared, overlapping", "unrolled", "unrolled, every sample"],
)
@pytest.mark.slow
def test_a_transform_by_accumulation_at_its_own_pace(make_example, tmp_path, warm, point):
    bits = Precision(transform="dft", twiddle=12)
    example = make_example(2, bits=bits, windows=6, convs=((3, 6, 2, 2, 2),), classes=5)
    model, source = example.model, tmp_path / "core.v"
    core = generator.generate(plan(model, point))
    write_verilog(core, MODULE, source)
    windows = np.concatenate([corner_windows(model.input_samples, 16), example.samples])
    timing = core.plan.timing
    folder = warm(tmp_path / "sim")
    result = verify([source], MODULE, model, windows, timing, folder, hop=point.hop)
    assert result.mismatches == 0
    expected = (timing.latency, timing.interval, timing.pause)
    assert (result.latency, result.interval, result.pause) == expected
    if point.hop:
        overlapping = (windows.size - model.input_samples) // point.hop + 1
        assert result.scenarios["back to back"] == overlapping > len(windows)


@pytest.mark.parametrize("seed", [210, 218], ids=["values", "class and values, two at once"])
@pytest.mark.slow
def test_outputs_that_are_values(tmp_path, warm, seed):
    """All numbers are compared: one that the golden model says otherwise is seen."""
    ((_, plain, array),) = cases([seed], windows=9, small=True)
    case = with_values(dataclasses.replace(plain, tables={}), seed, array.drain)
    core = generator.generate(case.plan(array))
    path = tmp_path / "core.v"
    write_verilog(core, MODULE, path)
    folder = warm(tmp_path / "sim")

    def run(model):
        found = verify([path], MODULE, model, case.streams, core.plan.timing, folder, quick=True)
        return found.windows, found.mismatches

    assert run(case.model) == (10, 0)  # the first one also alone
    last = list(case.model.values)[-1]
    value = case.model.graph[last].op
    other = case.model.with_ops([dataclasses.replace(value, bias=value.bias - (1 << value.shift))])
    both = [golden.answers(model, case.streams) for model in (case.model, other)]
    wrong = (both[0] != both[1]).any(axis=1)
    assert run(other) == (10, wrong.sum() + wrong[0]) != (10, 0)


def test_no_windows_is_an_error(design, tmp_path):
    _, model, windows, timing = design
    with pytest.raises(InputError, match="at least one window"):
        verify([tmp_path / "core.v"], MODULE, model, windows[:0], timing, tmp_path / "sim")
    assert not (tmp_path / "sim").exists()


def test_an_outcome_that_compared_nothing_is_an_error(tmp_path):
    with pytest.raises(ToolError, match="no outcome"):
        read_outcome(tmp_path, tmp_path / "log")
    (tmp_path / "outcome.json").write_text('{"compared": 0, "mismatches": 0, "scenarios": {}}')
    with pytest.raises(ToolError, match="compared nothing"):
        read_outcome(tmp_path, tmp_path / "log")


@pytest.mark.parametrize("bits", [4, 12, 16])
@pytest.mark.parametrize("samples", [16, 64, 2048])
def test_corner_windows_reach_both_ends(samples, bits):
    windows = corner_windows(samples, bits)
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    assert windows.shape[1] == samples
    assert windows.min() == low
    assert windows.max() == high
    kinds = [sorted(set(row.tolist())) for row in windows]
    assert [0] in kinds
    assert [high] in kinds
    assert [low] in kinds
    assert any((np.diff(row) == 0).sum() == 0 and len(set(row)) == 2 for row in windows)
    assert any((row != 0).sum() == 1 and row.max() == high for row in windows)
    assert any((row != 0).sum() == 1 and row.min() == low for row in windows)


def test_memory_file_is_two_s_complement_a_sample_a_line():
    windows = np.array([[0, 1, -1], [2047, -2048, 5]])
    assert memory_file(windows, 12).split() == ["000", "001", "fff", "7ff", "800", "005"]
    assert memory_file(np.array([[-1]]), 10) == "3ff\n"


def test_a_verification_is_plain_json():
    result = Verification("v", 1, 0, 10, 20, 1, {"alone": 1})
    assert Verification(**result.to_json()) == result
    assert dataclasses.asdict(result) == result.to_json()
