"""A whole design behind a model of a part: what it says of the samples is what NumPy says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.sim import Simulator

from hwgen import golden, importers
from hwgen.analysis.margins import gaps
from hwgen.calibration import calibrate
from hwgen.gateware.decision import NONE, Decision, Vote
from hwgen.gateware.sensors.sensor import Sensor, plan_sensor
from hwgen.hardware.accelerator.generator import generate
from hwgen.network import SAMPLES, Graph, Network
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision
from hwgen.signals.task import Task
from tests.gateware.parts import Converter

MHZ, RATE = 3.72, 40_000.0
WINDOW, ADC = 32, 12


@pytest.fixture(scope="session")
def network(tmp_path_factory, write_state):
    path = write_state(tmp_path_factory.mktemp("sensed") / "tiny.pt", window=WINDOW)
    return importers.load(path).network


def diagnoses(model, design, codes, samples, *, hop, margin, vote):
    """Run core, sensor and decision; return (logits, class, flags) of each window."""
    core = generate(plan(model, design))
    sensor = plan_sensor(
        "mcp3201", model_rate=RATE, sensor_rate=None, clock_mhz=MHZ, full_scale=1.0
    )
    source = Sensor(core.plan, sensor, hop=hop)
    decision = Decision(core.plan, faulty=(0, 2), vote=vote, margin=margin)
    m = Module()
    m.submodules.core, m.submodules.source, m.submodules.decision = core, source, decision
    wiring.connect(m, source.samples, core.samples)
    wiring.connect(m, core.result, decision.result)
    m.d.comb += [source.run.eq(1), decision.faults.eq(source.faults)]
    part = Converter(codes, MHZ, 12, 3, 0.8e6, 625, 200, 100)
    pins = SimpleNamespace(cs=source.pins.cs, sck=source.pins.sck, cipo=source.pins.cipo)
    found = []

    async def run(ctx):
        for cycle in range(samples * sensor.sampling.period + core.plan.timing.latency + 200):
            part.cycle = cycle
            part.step(ctx, pins)
            if ctx.get(core.result.valid) and ctx.get(core.result.ready):
                logits = [int(one) for one in ctx.get(core.result.p.logits)]
                found.append((logits, ctx.get(decision.class_), ctx.get(decision.flags)))
            await ctx.tick()
        assert ctx.get(source.overruns) == 0

    simulator = Simulator(m)
    simulator.add_clock(1e-6 / MHZ)
    simulator.add_testbench(run)
    simulator.run()
    return found


def raw_network(rng):
    """Return a network on samples as they are."""
    weights = rng.normal(size=(2, 1, 5)), rng.normal(size=(3, 2 * WINDOW))
    layers = [
        Direct("direct"),
        Conv1d("conv", weights[0], rng.normal(size=2), stride=1, padding=2, relu=True),
        Dense("last", weights[1], rng.normal(size=3)),
    ]
    return Network(
        name="raw",
        input_samples=WINDOW,
        graph=Graph.chain(SAMPLES, layers),
        classes=("a", "b", "c"),
        input_scale=1.0,
        sample_rate=RATE,
    )


@pytest.mark.parametrize(
    ("transform", "hop", "kept"),
    [("fft", WINDOW, False), ("fft", 12, True), ("dft", 12, False), ("none", 12, True)],
    ids=["windows", "overlap in a memory", "overlap in the transform", "samples as they are"],
)
def test_windows_of_a_sensor(network, transform, hop, kept):
    rng = np.random.default_rng(8)
    if transform == "none":
        network, transform = raw_network(rng), "fft"
    bits = Precision(adc=ADC, transform=transform, full_scale=1.0)
    calibration = rng.normal(0, 0.3, (20, WINDOW))
    model = calibrate(network, calibration, bits, task=Task(("a", "b", "c"), 1.0, RATE)).model
    design = Design(Array(1, 1), 0, hop=None if kept or hop == WINDOW else hop)
    samples = WINDOW + 3 * hop
    levels = np.repeat(rng.integers(20, 900, samples // 16 + 2), 16)
    values = (levels * rng.normal(0, 1, len(levels))).clip(-2000, 2000).astype(np.int64)
    codes = [2048, *(values + 2048).tolist()]
    windows = np.lib.stride_tricks.sliding_window_view(values, WINDOW)[: 3 * hop + 1 : hop]
    if transform == "dft":
        expected = golden.stream(model, values[:samples], hop)
    else:
        expected = golden.run(model, windows)
    margin = int(np.sort(gaps(expected))[1]) + 1
    vote = Vote(2, 3)
    found = diagnoses(
        model, design, codes.__getitem__, samples + 2, hop=hop, margin=margin, vote=vote
    )
    assert len(found) >= 4
    assert [logits for logits, *_ in found[:4]] == expected[:4].tolist()
    known = (gaps(expected) >= margin)[:4]
    assert [not flags & 1 for *_, flags in found[:4]] == known.tolist()
    assert set(known.tolist()) == {False, True}
    classes = np.where(known, golden.classify(expected)[:4], -1)
    for number, (_, confirmed, flags) in enumerate(found[:4]):
        recent = classes[max(0, number - 2) : number + 1].tolist()
        names = [class_ for class_ in range(3) if recent.count(class_) >= 2]
        assert confirmed == (names[0] if names else NONE)
        assert bool(flags & 2) == (recent.count(0) + recent.count(2) >= 2)
