"""The decision logic against the same rules in Python."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import io
from amaranth.sim import Simulator

from hwgen.boards.board import OUTPUTS
from hwgen.errors import UsageError
from hwgen.gateware import decision
from hwgen.gateware.decision import NONE, Decision, Vote
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing
from hwgen.protocol import DiagnosisFlag

CLASSES, BITS = 5, 12
UNKNOWN, ALARM = int(DiagnosisFlag.UNKNOWN), int(DiagnosisFlag.ALARM)


def core(classes=CLASSES, bits=BITS):
    return KnownCore(16, 12, 16, classes, bits, Timing(11, 17))


def judged(dut, windows, *, restart=()):
    """Give (logits, faults) one by one; return what holds when each is taken."""
    found = []

    async def process(ctx):
        for number, (logits, faults) in enumerate(windows):
            if number in restart:
                ctx.set(dut.result.valid, 1)
                await ctx.tick().repeat(3)  # one is being judged
                ctx.set(dut.result.valid, 0)
                ctx.set(dut.restart, 1)
                await ctx.tick()
                ctx.set(dut.restart, 0)
            payload = {"class_": int(np.argmax(logits)), "logits": list(logits), "cycles": 7}
            ctx.set(dut.result.payload, payload)
            ctx.set(dut.result.valid, 1)
            ctx.set(dut.faults, faults)
            cycles = 0
            while not ctx.get(dut.result.ready):
                await ctx.tick()
                cycles += 1
            assert cycles == dut.cycles
            found.append(
                {
                    "class_": ctx.get(dut.class_),
                    "flags": ctx.get(dut.flags),
                    "alarm": ctx.get(dut.alarm),
                    "fault": ctx.get(dut.pins.fault),
                    "unknown": ctx.get(dut.pins.unknown),
                    "shown": ctx.get(dut.pins.shown),
                    "pin": ctx.get(dut.pins.alarm),
                }
            )
            before = ctx.get(dut.pins.heartbeat)
            await ctx.tick()
            assert ctx.get(dut.pins.heartbeat) != before
            ctx.set(dut.result.valid, 0)
            await ctx.tick().repeat(number % 3 + 1)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return found


def rules(windows, *, faulty, vote, margin, restart=()):
    """Return the same, by definition."""
    history: list[int | None] = []
    found = []
    for number, (logits, faults) in enumerate(windows):
        if number in restart:
            history = []
        order = np.sort(logits)[::-1]
        known = bool(order[0] - order[1] >= margin) and not faults
        history.append(int(np.argmax(logits)) if known else None)
        recent = history[-vote.last :]
        counts = [recent.count(class_) for class_ in range(CLASSES)]
        confirmed = next((c for c, count in enumerate(counts) if count >= vote.needed), NONE)
        alarm = sum(counts[c] for c in faulty) >= vote.needed
        found.append(
            {
                "class_": confirmed,
                "flags": (0 if known else UNKNOWN) | (ALARM if alarm else 0),
                "alarm": int(alarm),
                "fault": int(bool(faults)),
                "unknown": int(not known),
                "shown": 0 if confirmed == NONE else confirmed,
                "pin": int(alarm),
            }
        )
    return found


def random_windows(rng, count, spread):
    """Return windows of random classes that last a while, some with a faulty sensor."""
    windows = []
    class_ = 0
    for _ in range(count):
        if rng.random() < 0.2:
            class_ = int(rng.integers(CLASSES))
        logits = rng.integers(-spread, spread, CLASSES)
        logits[class_] += spread
        windows.append((logits.tolist(), int(rng.random() < 0.1) << int(rng.integers(8))))
    return windows


@pytest.mark.parametrize("vote", [Vote(1, 1), Vote(2, 3), Vote(3, 5), Vote(2, 6), Vote(3, 3)])
@pytest.mark.parametrize("faulty", [(1, 2, 3, 4), (0, 3)])
def test_random_results(vote, faulty):
    rng = np.random.default_rng(vote.needed * 100 + vote.last)
    windows = random_windows(rng, 80, 300)
    dut = Decision(core(), faulty=faulty, vote=vote, margin=60)
    found = judged(dut, windows, restart=(30, 55))
    expected = rules(windows, faulty=faulty, vote=vote, margin=60, restart=(30, 55))
    assert found == expected
    assert {entry["alarm"] for entry in expected} == {0, 1}
    assert {entry["unknown"] for entry in expected} == {0, 1}
    assert len({entry["class_"] for entry in expected}) > 2


def test_a_margin_at_its_edge_and_at_the_ends_of_the_range():
    low, high = -(1 << (BITS - 1)), (1 << (BITS - 1)) - 1
    windows = [
        ([10, 0, 0, 0, 0], 0),
        ([9, 0, 0, 0, 0], 0),
        ([0, -10, -11, 0, -20], 0),  # a tie
        ([low] * 5, 0),
        ([low, low, low, low, high], 0),
        ([high] * 5, 0),
        ([low, low + 10, low, low, low], 0),
    ]
    found = judged(Decision(core(), faulty=(1,), vote=Vote(1, 1), margin=10), windows)
    assert [entry["unknown"] for entry in found] == [0, 1, 1, 1, 0, 1, 0]
    assert [entry["class_"] for entry in found] == [0, NONE, NONE, NONE, 4, NONE, 1]


def test_without_a_margin_everything_is_known():
    windows = [([3, 3, 3, 3, 3], 0), ([1, 2, 2, 0, 0], 0)]
    found = judged(Decision(core(), faulty=(1,), vote=Vote(1, 1)), windows)
    assert [entry["class_"] for entry in found] == [0, 1]


@pytest.mark.parametrize("text", ["3", "0/3", "4/3", "3/33", "a/b", "-1/3", "3/", "1/2/3"])
def test_a_vote_that_makes_no_sense(text):
    with pytest.raises(UsageError, match="--vote must be K/N"):
        Vote.parse(text)


def test_vote_text():
    assert Vote.parse("3/5") == Vote(3, 5)
    assert str(Vote(3, 5)) == "3/5"


def test_parameters(refusing):
    with pytest.raises(ValueError, match="faulty must be classes below 5, not"):
        Decision(core(), faulty=(5,), vote=Vote(1, 1))
    with pytest.raises(ValueError, match="margin must be at least 0"):
        Decision(core(), faulty=(1,), vote=Vote(1, 1), margin=-1)
    with pytest.raises(TypeError, match="vote must be a Vote"):
        Decision(core(), faulty=(1,), vote=(1, 1))


def test_votes_of_every_length():
    assert Vote.parse("32/32") == Vote(32, 32)
    assert Vote.parse("1/1") == Vote(1, 1)
    assert Vote.parse("1/32") == Vote(1, 32)


def test_numbers():
    dut = Decision(core(), faulty=(0, 4), vote=Vote(1, 1), margin=0)
    assert dut.cycles == CLASSES + 6
    assert len(dut.pins.shown) == 3
    assert [len(port) for port in (dut.class_, dut.flags, dut.faults, dut.restart)] == [16, 8, 8, 1]
    with pytest.raises(ValueError, match="classes must be at least 2, not 1"):
        Decision(core(classes=1), faulty=(), vote=Vote(1, 1))
    with pytest.raises(ValueError, match="faulty must be classes below 5"):
        Decision(core(), faulty=(-1,), vote=Vote(1, 1))


@pytest.mark.parametrize("lights", [0, 2, 6, 9])
@pytest.mark.parametrize("outputs", [None, OUTPUTS, ("fault", "alarm")])
def test_pins_and_lights_of_a_board(monkeypatch, lights, outputs):
    """Lights show alarm, fault, unknown and the class; those that are too many stay dark."""
    names = [f"light_{number}" for number in range(lights)]
    ports = {name: io.SimulationPort(io.Direction.Output, 1) for name in (*names, *(outputs or ()))}
    monkeypatch.setattr(
        decision, "request", lambda platform, connection: SimpleNamespace(**ports)
    )  # fmt: skip
    board = SimpleNamespace(
        outputs=outputs and SimpleNamespace(pins=[(name, "A1") for name in outputs]),
        lights=SimpleNamespace(pins=[(name, "B1") for name in names]) if lights else None,
    )
    judge = Decision(core(), faulty=(1,), vote=Vote(1, 1), board=board)
    pins = judge.signature.members["pins"].signature.create()
    m = Module()
    judge.attach(m, "platform", pins)
    m.d.sync += Signal().eq(1)
    wires = [pins.alarm, pins.fault, pins.unknown, *pins.shown]
    seen = []

    async def process(ctx):
        for step in range(12):
            for name in OUTPUTS:
                ctx.set(getattr(pins, name), step >> OUTPUTS.index(name) & 1)
            ctx.set(pins.shown, step % 5)
            await ctx.delay(1e-7)
            for name in outputs or ():
                assert ctx.get(ports[name].o) == ctx.get(getattr(pins, name))
            levels = [ctx.get(wire) for wire in wires] + [0] * lights
            assert [ctx.get(ports[name].o) for name in names] == levels[:lights]
            seen.append(tuple(levels[:lights]))

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    assert len(set(seen)) > lights


def test_a_board_is_not_needed():
    m = Module()
    Decision(core(), faulty=(1,), vote=Vote(1, 1)).attach(m, None, None)
