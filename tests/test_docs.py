"""The texts: links lead somewhere, commands exist, numbers and code are true."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import click
import numpy as np
import pytest
import torch
from amaranth.sim import Simulator

from hwgen import errors, golden
from hwgen.calibration import calibrate
from hwgen.calibration.fit import Method
from hwgen.cli.main import group
from hwgen.hardware.accelerator.generator import generate
from hwgen.network import Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision, QuantizedModel, fft
from hwgen.quantized.magnitude import MAGNITUDES
from hwgen.quantized.make import uncalibrated
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from hwgen.training import fake
from hwgen.widths.cached import Staged
from tests.ops import harness

ROOT = Path(__file__).resolve().parents[1]
TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PROMISED = (
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", ".ci/run"),
    *(f"docs/{name}.md" for name in ("ir", "arithmetic", "hardware")),
    *(f"docs/adding-{name}.md" for name in ("an-op", "a-board", "a-family")),
)
IN_A_BUILD = ("sim/simulation.log", "sim/verilator/")
"""Files of a build's folder that look like the checkout's."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table_rows(text: str, width: int) -> list[list[str]]:
    """Return the cells of every table row of `width` columns, without headers' rules."""
    rows = [[cell.strip() for cell in line.strip("| ").split("|")]
            for line in text.splitlines() if line.startswith("|")]  # fmt: skip
    return [row for row in rows if len(row) == width and not set(row[0]) <= set("-: ")]


def prose_code(text: str) -> list[str]:
    """Return what stands in backticks, and the lines of indented or fenced code."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [*re.findall(r"`([^`\n]+)`", rest), *re.findall(r"^ {4}(.+)$", rest, re.MULTILINE),
            *(line for block in fenced for line in block.splitlines())]  # fmt: skip


def anchor_of(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", PROMISED)
def test_what_is_promised_is_there(name):
    assert (ROOT / name).stat().st_size > 0


def test_ci_can_be_run():
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100
    assert text_of(".ci/run").startswith("#!/usr/bin/env bash\n")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(anchor_of, titles), target


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_tests_that_are_named_exist(path):
    folders = "hwgen|tests|boards|sim|rtl_templates|benchmarks|docs"
    for code in prose_code(path.read_text(encoding="utf-8")):
        for file, test in re.findall(rf"^((?:{folders})/[\w./-]+)(?:::(\w+))?$", code):
            if any(part in file for part in ("blurpool1d", "OP", "NAME")) or file in IN_A_BUILD:
                continue  # examples of adding-an-op.md and adding-a-family.md
            assert (ROOT / file).exists(), code
            if test:
                assert f"def {test}(" in text_of(file), code


def test_every_decision_is_in_the_list():
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", text_of("docs/decisions/README.md"))
    made = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert listed == made
    assert [name[:4] for name in made] == [f"{number:04}" for number in range(1, len(made) + 1)]


def commands_in(text: str) -> list[tuple[str, list[str]]]:
    """Return (command, options) for every ``hwgen COMMAND ...``."""
    found = []
    for code in prose_code(text):
        if line := re.match(r"(?:\S*/)?hwgen ([a-z]+)\b([^#|]*)", code):
            found.append((line[1], re.findall(r"(?<!\S)(--?[a-z][\w-]*)", line[2])))
    return found


def parameters(command: click.Command) -> list[click.Parameter]:
    """Return what a command takes; of one with commands of its own, what these take."""
    parts = command.commands.values() if isinstance(command, click.Group) else (command,)
    return [each for part in parts for each in part.params]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_their_options_exist(path):
    context = click.Context(group)
    for name, options in commands_in(path.read_text(encoding="utf-8")):
        command = group.get_command(context, name)
        assert command is not None, name
        known = {"-h", "--help"}.union(*(parameter.opts for parameter in parameters(command)))
        assert set(options) <= known, name


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_options_that_stand_alone_exist(path):
    context = click.Context(group)
    commands = [group.get_command(context, name) for name in group.list_commands(context)]
    known = {"--debug", "--version", "--help"}
    known |= {opt for each in commands if each for p in parameters(each) for opt in p.opts}
    for code in prose_code(path.read_text(encoding="utf-8")):
        if re.fullmatch(r"--[a-z][\w-]*( \S+)?", code):
            assert code.split()[0] in known, code


def test_every_command_is_in_the_readme():
    named = {name for name, _ in commands_in(text_of("README.md"))}
    assert named >= set(group.list_commands(click.Context(group)))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_exist(path):
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    for code in prose_code(path.read_text(encoding="utf-8")):
        assert set(re.findall(r"^make ([a-z]+)", code)) <= targets, code


def test_exit_codes_of_the_readme_are_those_of_the_errors():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    codes = {kind.exit_code for kind in kinds if kind is not errors.HwgenError}
    told = {int(row[0]) for row in table_rows(text_of("README.md"), 2) if row[0].isdecimal()}
    assert told == codes | {0, errors.INTERRUPTED}


def test_fft_plan_of_the_text():
    rows = [row for row in table_rows(text_of("docs/arithmetic.md"), 5) if row[0].isdecimal()]
    stages = fft.plan(1024, Precision().adc, Precision().data, Precision().twiddle)
    assert rows == [
        [str(s.span), "yes" if s.rotate else "", str(s.shift),
         str(len(s.twiddles.re)) if s.twiddles else "", str(s.width)]
        for s in stages
    ]  # fmt: skip


def test_magnitudes_of_the_text():
    rows = {row[0].strip("`"): row[1:] for row in table_rows(text_of("docs/arithmetic.md"), 4)}
    angle = np.linspace(0, np.pi / 4, 100_001)
    for name, pairs in MAGNITUDES.items():
        ratio = np.max([(a * np.cos(angle) + b * np.sin(angle)) / 8 for a, b in pairs], axis=0)
        errors_told = [f"{100 * (ratio.min() - 1):+.1f} %", f"{100 * (ratio.max() - 1):+.1f} %"]
        assert rows[name][1:] == errors_told


def calibrated(network: Network, windows: np.ndarray) -> QuantizedModel:
    names = tuple(f"class {index}" for index in range(network.logits))
    return calibrate(network, windows, Precision(), task=Task(names)).model


def published(rng: np.random.Generator) -> Network:
    """Return a network of the published shape with random weights."""
    return Network.chain(
        "bearingpga",
        2048,
        (
            Spectrum("spectrum", 2048),
            Conv1d("conv1", rng.normal(size=(4, 1, 64)), np.zeros(4), 8, 28),
            MaxPool1d("pool1", 2),
            Dense("fc1", rng.normal(size=(10, 256)), np.zeros(10)),
        ),
    )


def test_cycles_of_the_text():
    """Of the published shape at the default point."""
    rng = np.random.default_rng(1)
    model = calibrated(published(rng), rng.normal(size=(2, 2048)))
    text = text_of("docs/hardware.md")
    timing = plan(model, Design(arrays.best_array(model, 32), 18)).timing
    rows = {row[0]: row[1].replace(",", "") for row in table_rows(text, 3)}
    assert [(name, int(rows[name])) for name, _ in timing.breakdown] == list(timing.breakdown)
    assert int(rows["**total**"].strip("*")) == timing.latency
    for row in table_rows(text, 5):
        if row[0].isdecimal():
            array = arrays.best_array(model, int(row[0]))
            timing = plan(model, Design(array, 8)).timing
            shape = f"{array.rows} x {array.lanes}"
            if array.drain > 1:
                shape += f", {array.drain} values leave at once"
            cycles = [arrays.cycles(model, array), timing.latency, timing.interval]
            assert row[1:] == [shape, *(f"{count:,}" for count in cycles)]
    assert arrays.default_parallel(model) == 32


def test_cycles_of_unrolled_layers_in_the_text():
    model = uncalibrated(
        published(np.random.default_rng(1)), Precision(transform="dft", twiddle=10)
    )
    rows = [row for row in table_rows(text_of("docs/hardware.md"), 4) if row[0].isdecimal()]
    assert rows
    for row in rows:
        lanes, values = int(row[0]), int(row[1])
        timing = plan(model, Design(None, 0, lanes=lanes, values=values)).timing
        assert row[2:] == [str(timing.latency), str(timing.pause)]


@pytest.fixture
def snippets(tmp_path):
    """Put the code of adding-an-op.md where it says it belongs; return it by file name."""
    blocks = re.findall(r"^```python\n# (\S+)\n(.*?)^```", text_of("docs/adding-an-op.md"),
                        re.MULTILINE | re.DOTALL)  # fmt: skip
    names = ("network", "quantized", "golden", "plans", "training.fake")
    rooms = [importlib.import_module(f"hwgen.{name}.ops") for name in names]
    for file, code in blocks:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(code, encoding="utf-8")
    for room in rooms:
        room.__path__.append(str(tmp_path.joinpath(*room.__name__.split("."))))
    yield dict(blocks)
    for room in rooms:
        room.__path__.pop()
        sys.modules.pop(f"{room.__name__}.blurpool1d", None)
        vars(room).pop("blurpool1d", None)


def test_the_example_op_works(snippets):
    assert len(snippets) == 6
    tests = ModuleType("test_blurpool1d")
    exec(snippets["tests/ops/test_blurpool1d.py"], vars(tests))
    check_by_the_harness(tests)

    rng = np.random.default_rng(3)
    pool = importlib.import_module("hwgen.network.ops.blurpool1d").LAYER("pool1", 2)
    layers = (
        Spectrum("spectrum", 64),
        Conv1d("conv1", rng.normal(size=(5, 1, 4)), rng.normal(size=5), 2, 1),
        pool,
        Dense("fc1", rng.normal(size=(4, 35)), rng.normal(size=4)),
    )
    network = Network.chain("example", 64, layers)
    windows = rng.normal(size=(40, 64))
    model = calibrated(network, windows)
    assert QuantizedModel.from_json(model.to_json()).digest == model.digest
    samples = digitise(windows, model.bits)
    logits = golden.run(model, samples)
    exact = network.run(windows)
    told = logits * model.logits.scale
    assert np.abs(told - exact).max() < 0.1 * np.abs(exact).max()
    core = generate(plan(model, Design(Array(2, 4), 3)))
    assert simulate(core, samples[:4]) == logits[:4].tolist()
    check_fine_tuning(network, model, samples)
    check_other_widths(pool, rng)


def check_by_the_harness(tests):
    for example in tests.EXAMPLES.values():
        harness.check_float(example, tests)
        harness.check_layer_json(example)
        harness.check_near(example)
        harness.check_op_json(example)
        for bits in harness.WIDTHS.values():
            for less in (0, 3):
                harness.check_golden(example, tests, bits, less)
                harness.check_fake(example, bits, less, moving=not less and bits.activation > 3)
    first = next(iter(tests.EXAMPLES.values()))
    for shapes in tests.REFUSED:
        with pytest.raises(errors.InputError, match=f"^{first.layer.name} "):
            first.layer.output_shape(*shapes)


def check_other_widths(pool, rng):
    """What the search for bits measures of an op is of the widths that it asks for."""
    layers = (Spectrum("spectrum", 64), pool, Dense("fc1", rng.normal(size=(4, 15)), np.zeros(4)))
    network = Network.chain("example", 64, layers)
    windows = rng.normal(size=(40, 64))
    classes = tuple("abcd")
    staged = Staged(network, windows[:30], windows[30:], Method(), task=Task(classes))
    for activation in (8, 3, 5, 8):
        bits = Precision(activation=activation)
        model, logits = staged.run(bits)
        assert model.ops[1].output.fmt.width == activation
        assert np.array_equal(logits, golden.run(model, digitise(windows[30:], bits)))


def check_fine_tuning(network, model, samples):
    """What training sees is the golden model, and tells the first weights how to move."""
    weights = {layer.name: {key: torch.from_numpy(value.copy()).requires_grad_()
                            for key, value in layer.tensors().items()}
               for layer in network.layers}  # fmt: skip
    features = torch.from_numpy(golden.run_op(model.ops[0], samples)).to(torch.float64)
    logits = fake.run(model, weights, {model.ops[0].name: features})
    assert np.array_equal(logits.detach().numpy(), golden.run(model, samples))
    (logits * torch.arange(4)).sum().backward()
    assert weights["conv1"]["weight"].grad.abs().max() > 0


def simulate(core, windows: np.ndarray) -> list[list[int]]:
    """Return the logits that `core` gives for windows back to back."""
    found: list[list[int]] = []

    async def feed(ctx):
        ctx.set(core.samples.valid, 1)
        for index, value in enumerate(windows.ravel()):
            ctx.set(core.samples.p, {"value": int(value), "first": index % windows.shape[1] == 0})
            await ctx.tick().until(core.samples.ready)
        ctx.set(core.samples.valid, 0)

    async def take(ctx):
        ctx.set(core.result.ready, 1)
        while len(found) < len(windows):
            (result,) = await ctx.tick().sample(core.result.p).until(core.result.valid)
            found.append([int(result.logits[k]) for k in range(core.plan.classes)])

    simulator = Simulator(core)
    simulator.add_clock(1e-8)
    simulator.add_testbench(feed)
    simulator.add_testbench(take)
    simulator.run()
    return found


def test_every_onnx_op_is_in_the_table():
    from hwgen.importers.onnx import ops
    from hwgen.importers.onnx.ops.quantised import REFUSED

    rows = table_rows(text_of("docs/onnx.md"), 2)
    named = {op for _, column in rows for op in re.findall(r"`([A-Z]\w+)`", column)}
    refused = set(REFUSED)
    assert named == {op for _, op in ops.every()} - refused
