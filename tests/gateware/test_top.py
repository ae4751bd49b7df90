"""What the board's top joins, with nothing in its parts: each port against what it is said to be.

Every port that a part would drive is drawn at random in every cycle.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.hdl import Fragment, Value, signed, unsigned
from amaranth.lib import data, io, stream
from amaranth.lib.wiring import In, Out, Signature
from amaranth.sim import Simulator

from hwgen import protocol
from hwgen.boards.board import Connection
from hwgen.gateware import top
from hwgen.gateware.link.transmitter import STATE
from hwgen.gateware.top import BoardTop, LinkedCore
from hwgen.hardware.contract import core_members, result_layout
from hwgen.plans.facts import Answer, KnownCore
from hwgen.plans.timing import Timing
from hwgen.protocol import Counter, Feature, State, Type
from hwgen.targets import find
from tests.stubs import Stub, driven, play, read, stub_of

WINDOW, ADC_BITS, CLASSES, LOGIT_BITS, CLASS_BITS = 8, 12, 3, 20, 2
THRESHOLD = 1234
MHZ, BAUD, TIMEOUT_S = 8.0, 1_000_000, 100e-6
DIGEST = "0123456789abcdef" * 4
SAMPLE = data.StructLayout({"value": signed(ADC_BITS), "first": 1})
RESULT = result_layout(Answer(CLASSES, LOGIT_BITS, 0, 0))
PARTS = ("UartReceiver", "UartTransmitter", "FrameReceiver", "FrameTransmitter", "Replay",
         "EventCounters", "Turns", "Learning")  # fmt: skip
CYCLES = 400


def a_core():
    core = Stub(
        {
            "samples": In(stream.Signature(SAMPLE)),
            "abandon": In(1),
            "result": Out(stream.Signature(RESULT)),
        }
    )
    core.plan = KnownCore(WINDOW, ADC_BITS, WINDOW, CLASSES, LOGIT_BITS, Timing(11, 17))
    return core


SCORED = KnownCore(
    WINDOW, ADC_BITS, WINDOW, 2, LOGIT_BITS, Timing(11, 17), threshold=THRESHOLD
)  # fmt: skip


def a_core_with_a_score():
    core = Stub(core_members(SCORED))
    core.plan = SCORED
    return core


def a_source(pins=True):
    ports = {
        "samples": Out(stream.Signature(SAMPLE)),
        "run": In(1),
        "overruns": Out(32),
        "faults": Out(8),
    }
    return Stub(ports | ({"pins": Out(Signature({"cs": Out(1), "cipo": In(1)}))} if pins else {}))


def a_decision(pins=True, faults=True, result=RESULT):
    ports = {
        "result": In(stream.Signature(result)),
        "class_": Out(16),
        "flags": Out(8),
        "restart": In(1),
        "alarm": Out(1),
    }
    ports |= {"pins": Out(Signature({"alarm": Out(1)}))} if pins else {}
    return Stub(ports | ({"faults": In(8)} if faults else {}))


@pytest.fixture
def parts(monkeypatch):
    """Put stubs in the place of all parts, and keep them by the names of their classes."""
    made = {}

    def patch(name):
        make = stub_of(getattr(top, name))

        def keep(*given, **named):
            made[name] = make(*given, **named)
            return made[name]

        monkeypatch.setattr(top, name, keep)

    for name in PARTS:
        patch(name)
    return made


def link(parts, *, source=None, decision=None, core=None):
    """Return the linked core, elaborated once, and all stubs by short names."""
    core = core or a_core()
    dut = LinkedCore(
        core, clock_mhz=MHZ, baud=BAUD, digest=DIGEST, frame_timeout_s=TIMEOUT_S,
        source=source, decision=decision,
    )  # fmt: skip
    fragment = Fragment.get(dut, None)
    names = {
        "rx": parts["UartReceiver"],
        "tx": parts["UartTransmitter"],
        "receiver": parts["FrameReceiver"],
        "sender": parts["FrameTransmitter"],
        "replay": parts["Replay"],
        "counters": parts["EventCounters"],
        "core": core,
    }
    if source is not None:
        names |= {"turns": parts["Turns"], "source": source, "decision": decision}
    if "Learning" in parts:
        names["learning"] = parts["Learning"]
    return dut, fragment, names


def drawn(ports, seed):
    """Return numbers for the ports, a column each, held by `drive`."""
    rng = np.random.default_rng(seed)
    columns = {
        name: [int(n) for n in _bits(rng, len(value))] for name, value in sorted(ports.items())
    }
    # Whose turn it is excludes the other.
    if "turns.live" in columns:
        switching = columns["turns.switching"]
        columns["turns.switching"] = [
            int(s and not live) for s, live in zip(switching, columns["turns.live"], strict=True)
        ]
    return columns


def _bits(rng, width):
    for _ in range(CYCLES):
        yield sum(int(rng.integers(0, 1 << 16)) << at for at in range(0, width, 16)) % (1 << width)


def simulate(dut, fragment, names, seed=1):
    ports = driven(**names)
    if hasattr(dut, "pins"):
        ports["pins.cipo"] = dut.pins.cipo
    columns = drawn(ports, seed)
    watch = read(**names) | {
        name: getattr(dut, name) for name in ("tx", "light", "busy") if hasattr(dut, name)
    }
    if hasattr(dut, "alarm"):
        watch["alarm"] = dut.alarm
    for group in ("pins", "outputs"):
        if hasattr(dut, group):
            inner = getattr(dut, group)
            watch |= {f"{group}.{name}": getattr(inner, name) for name in inner.signature.members}
    rx = [cycle % 3 == 0 for cycle in range(CYCLES)]

    def drive(cycle):
        values = {name: (port, columns[name][cycle]) for name, port in ports.items()}
        return values | {"rx": (dut.rx, rx[cycle])}

    seen = play(fragment, CYCLES, drive, {name: Value.cast(value) for name, value in watch.items()})
    given = [
        {name: column[cycle] for name, column in columns.items()} | {"rx": int(rx[cycle])}
        for cycle in range(CYCLES)
    ]
    return given, seen


def fields(layout, number):
    """Return the fields of a layout's bits, numbers each."""
    return {
        name: (number >> field.offset) & ((1 << field.width) - 1) for name, field in layout
    }  # fmt: skip


def common(now, sending, before):
    """Return what both kinds of board join: by the name of each port."""
    sent = sending["valid"] & now["sender.result.ready"]
    of_host = int(sent and sending["type"] != Type.DIAGNOSIS)
    busy = now["receiver.busy"] | now["replay.active"]
    state = {State.BUSY: busy, State.STORED: now["receiver.stored"]}
    wires = {
        "rx.rx": now["rx"],
        "tx": now["tx.tx"],
        "busy": busy,
        "light": before["light"],
        "receiver.i.valid": now["rx.o.valid"],
        "receiver.i.payload": now["rx.o.payload"],
        "receiver.broken": now["rx.broken"],
        "receiver.low": now["rx.low"],
        "receiver.done": of_host,
        "replay.done": of_host,
        "replay.start": now["receiver.replay"],
        "replay.count": now["receiver.argument"],
        "replay.result": now["core.result.valid"],
        "replay.mark": fields(RESULT, now["core.result.payload"])["class_"],
        "counters.events": now["receiver.events"] | sent << Counter.RESULTS,
        "counters.read": now["sender.read"],
        "counters.address": now["sender.counter"],
        "sender.count": now["counters.data"],
        "tx.i.valid": now["sender.o.valid"],
        "tx.i.payload": now["sender.o.payload"],
        "sender.o.ready": now["tx.i.ready"],
    }
    for name in ("enable", "address", "value"):
        wires[f"replay.store.{name}"] = now[f"receiver.store.{name}"]
    for name in ("answer", "refusal"):
        wires[f"sender.{name}.valid"] = now[f"receiver.{name}.valid"]
        wires[f"sender.{name}.payload"] = now[f"receiver.{name}.payload"]
        wires[f"receiver.{name}.ready"] = now[f"sender.{name}.ready"]
    return wires, state, sent


def bits_of(state):
    return sum(bool(value) << STATE.index(flag) for flag, value in state.items())


def answer_of(now):
    """Return the fields of a frame with a result for the host."""
    tail = now["replay.cycles"] | now["replay.windows"] << 64 | now["replay.differing"] << 96
    return {
        "result": now["core.result.payload"],
        "type": int(Type.REPLAYED if now["replay.active"] else Type.RESULT),
        "sequence": now["receiver.sequence"],
        "flags": 0,
        "faults": 0,
        "tail": tail,
    }  # fmt: skip


def checked(dut, fragment, names, model):
    """Compare every port that is read with the model, cycle by cycle."""
    given, seen = simulate(dut, fragment, names)
    layout = names["sender"].result.payload.shape()
    for cycle, (now, found) in enumerate(zip(given, seen, strict=True)):
        packed = found.pop("sender.result.payload")
        got = fields(layout, packed)
        payload, valid, wires = model(now, got, found)
        assert found == wires, f"cycle {cycle}"
        if payload is not None:
            assert got == payload, f"cycle {cycle}"
        assert valid == found["sender.result.valid"]


def test_a_board_for_a_host(parts):
    dut, fragment, names = link(parts)
    state = {"light": 0}

    def model(now, got, found):
        wanted = int(not now["replay.active"] or now["replay.finished"])
        valid = now["core.result.valid"] & wanted
        payload = answer_of(now)
        wires, flags, sent = common(now, {"valid": valid, "type": payload["type"]}, state)
        way = "replay" if now["replay.active"] else "receiver"
        wires |= {
            "sender.result.valid": valid,
            "sender.state": bits_of(flags),
            "receiver.engaged": now["replay.active"],
            "core.abandon": now["receiver.abandon"],
            "core.result.ready": now["sender.result.ready"] | now["replay.take"],
            "core.samples.valid": now[f"{way}.samples.valid"],
            "core.samples.payload": now[f"{way}.samples.payload"],
            "replay.samples.ready": now["core.samples.ready"] & now["replay.active"],
            "receiver.samples.ready": now["core.samples.ready"] & (1 - now["replay.active"]),
        }
        state["light"] ^= sent
        return payload, valid, wires

    checked(dut, fragment, names, model)


@pytest.mark.parametrize("pins", [True, False])
def test_a_board_with_a_sensor(parts, pins):
    source, decision = a_source(pins), a_decision(pins, pins)
    dut, fragment, names = link(parts, source=source, decision=decision)
    state = {
        "light": 0, "number": 0, "valid": 0, "payload": None, "entry": 0, "sample": 0,
    }  # fmt: skip

    def model(now, got, found):
        live, switching = now["turns.live"], now["turns.switching"]
        valid, payload = state["valid"], state["payload"]
        sending = {"valid": valid, "type": payload and payload["type"]}
        wires, flags, sent = common(now, sending, state)
        wanted = int(not now["replay.active"] or now["replay.finished"])
        room = int(not state["entry"] or now["core.samples.ready"])
        free = int(not valid or now["sender.result.ready"])
        way = "replay" if now["replay.active"] else "receiver"
        host_ready = room & (1 - live) & (1 - switching)
        judged = now["core.result.valid"] & live
        diagnosed = judged & now["decision.result.ready"]
        taken = now["decision.result.ready"] if live else (
            switching | now["replay.take"] | (free & wanted)
        )  # fmt: skip
        idle = not (now["receiver.busy"] or now["receiver.samples.valid"] or now["replay.active"])
        wires |= {
            "alarm": now["decision.alarm"],
            "sender.result.valid": valid,
            "sender.state": bits_of(flags | {State.LIVE: live}),
            "receiver.engaged": now["replay.active"] | now["turns.engaged"],
            "core.abandon": now["receiver.abandon"] | switching,
            "core.result.ready": taken,
            "core.samples.valid": state["entry"],
            "core.samples.payload": state["sample"],
            "replay.samples.ready": host_ready & now["replay.active"],
            "receiver.samples.ready": host_ready & (1 - now["replay.active"]),
            "source.samples.ready": room | (1 - live),
            "source.run": now["turns.run"],
            "decision.restart": switching,
            "decision.result.valid": judged,
            "decision.result.payload": now["core.result.payload"],
            "turns.set": now["receiver.live"],
            "turns.on": now["receiver.argument"] & 1,
            "turns.heard": now["rx.o.valid"],
            "turns.offered": int(now["source.samples.valid"] and not room),
            "turns.idle": int(idle),
        }
        if pins:
            wires |= {
                "decision.faults": now["source.faults"],
                "pins.cs": now["source.pins.cs"],
                "pins.cipo": now["pins.cipo"],
                "source.pins.cipo": now["pins.cipo"],
                "outputs.alarm": now["decision.pins.alarm"],
            }
        follow(state, now, live, switching, wanted, room, free, way, diagnosed, sent)
        return payload if valid else None, valid, wires

    checked(dut, fragment, names, model)
    assert state["number"] > 30


def follow(state, now, live, switching, wanted, room, free, way, diagnosed, sent):
    """Take the clock edge: light, number, the register before the core and the one behind it."""
    state["light"] ^= sent
    keep = free and not switching and (diagnosed if live else now["core.result.valid"] & wanted)
    answer = answer_of(now)
    if live:
        answer |= {
            "type": int(Type.DIAGNOSIS),
            "sequence": state["number"],
            "flags": now["decision.flags"],
            "faults": now["source.faults"],
            "tail": now["source.overruns"] | now["decision.class_"] << 32,
        }
    if now["sender.result.ready"]:
        state["valid"] = 0
    if keep:
        state["valid"], state["payload"] = 1, answer
    if room:
        host = now[f"{way}.samples.valid"] & (1 - switching)
        state["entry"] = now["source.samples.valid"] if live else host
        state["sample"] = now["source.samples.payload" if live else f"{way}.samples.payload"]
    state["number"] = (state["number"] + diagnosed) % (1 << 16)


@pytest.mark.parametrize("sensed", [False, True])
def test_a_board_with_a_score(parts, sensed):
    """Scores that count are seen, the core has the threshold, and the host is told of it."""
    layout = result_layout(SCORED)
    sensor = {"source": a_source(), "decision": a_decision(result=layout)} if sensed else {}
    dut, fragment, names = link(parts, core=a_core_with_a_score(), **sensor)
    given, seen = simulate(dut, fragment, names)
    score_bits = LOGIT_BITS - 1
    counted = 0
    for now, found in zip(given, seen, strict=True):
        counts = not now["replay.active"]
        if sensed:
            faulty = now["turns.live"] and now["source.faults"]
            counts = counts and not now["turns.switching"] and not faulty
            assert found["learning.restart"] == now["turns.switching"]
        taken = now["core.result.valid"] & found["core.result.ready"]
        assert found["learning.seen"] == int(counts and taken)
        counted += found["learning.seen"]
        logits = fields(layout, now["core.result.payload"])["logits"]
        assert found["learning.score"] == (logits >> LOGIT_BITS) % (1 << score_bits)
        assert found["learning.set"] == now["receiver.threshold"]
        assert found["learning.value"] == (now["receiver.order"] >> 64) % (1 << score_bits)
        assert found["learning.learn"] == now["receiver.learn"]
        assert found["learning.order"] == now["receiver.order"]
        assert found["core.threshold.set"] == now["learning.threshold.set"]
        assert found["core.threshold.value"] == now["learning.threshold.value"]
        assert found["sender.threshold"] == now["learning.status"]
    assert counted > (0 if sensed else 20)
    assert parts["Learning"].given == (score_bits, THRESHOLD)
    assert parts["FrameReceiver"].named == {"sensor": sensed, "score_bits": score_bits}
    features = Feature.SCORE | (Feature.SENSOR if sensed else Feature.NONE)
    assert parts["FrameTransmitter"].given[0].features == features


def test_diagnoses_are_numbered_with_16_bits(parts):
    _, fragment, names = link(parts, source=a_source(), decision=a_decision())
    sending, seen = names["sender"].result, []

    async def process(ctx):
        for port in (
            names["turns"].live, names["core"].result.valid, names["decision"].result.ready,
            sending.ready,
        ):  # fmt: skip
            ctx.set(port, 1)
        for cycles in (1, 0x8000, 0x8000):
            await ctx.tick().repeat(cycles)
            seen.append(ctx.get(sending.p.sequence))

    simulator = Simulator(fragment)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    assert seen == [0, 0x8000, 0]


def test_what_the_parts_are_made_with(parts):
    core = a_core()
    dut, _, _ = link(parts, source=a_source(), decision=a_decision(), core=core)
    assert parts["UartReceiver"].given == parts["UartTransmitter"].given == (8,)
    assert parts["FrameReceiver"].given == (WINDOW, ADC_BITS, 800)
    assert parts["FrameReceiver"].named == {"sensor": True, "score_bits": None}
    hello = protocol.Hello(
        bytes.fromhex(DIGEST)[:8], input_samples=WINDOW, clock_khz=8000, classes=CLASSES,
        adc_bits=ADC_BITS, timeout_us=100, features=Feature.SENSOR,
    )  # fmt: skip
    assert parts["FrameTransmitter"].given == (hello, core.plan)
    assert parts["Replay"].given == (WINDOW, ADC_BITS, CLASS_BITS)
    assert parts["EventCounters"].given == (1 + len(Counter),)
    assert parts["Turns"].given == (4 * (11 + 17), 80_000_000)
    assert set(dut.signature.members) == {"rx", "tx", "light", "busy", "alarm", "pins", "outputs"}
    assert dut.signature.members["rx"].init == dut.signature.members["tx"].init == 1
    widths = [len(getattr(dut, name)) for name in ("rx", "tx", "light", "busy", "alarm")]
    assert widths == [1] * 5
    link(parts)
    assert parts["FrameReceiver"].named == {"sensor": False, "score_bits": None}
    assert parts["FrameTransmitter"].given[0].features == Feature.NONE


def test_the_least_time_out_is_a_cycle(parts):
    LinkedCore(a_core(), clock_mhz=MHZ, baud=BAUD, digest=DIGEST, frame_timeout_s=1e-9)
    assert parts["FrameReceiver"].given[2] == 1


@pytest.mark.parametrize("given", [{"source": a_source}, {"decision": a_decision}])
def test_source_and_decision_belong_together(given, refusing):
    with pytest.raises(ValueError, match="source and decision must be given together"):
        LinkedCore(a_core(), clock_mhz=MHZ, baud=BAUD, digest=DIGEST,
                   **{name: make() for name, make in given.items()})  # fmt: skip


class Attached(SimpleNamespace):
    """A source or decision with pins that are joined to a platform's."""

    def attach(self, m, platform, pins):
        self.seen = (platform, pins)


@pytest.mark.parametrize("led", [True, False])
def test_a_board(monkeypatch, led):
    """The line and the light reach their pins, and what has pins is asked to join them."""
    ports = {
        "uart": SimpleNamespace(
            rx=io.SimulationPort(io.Direction.Input, 1),
            tx=io.SimulationPort(io.Direction.Output, 1),
        ),
        "led": io.SimulationPort(io.Direction.Output, 1),
    }
    line = Stub({"rx": In(1), "tx": Out(1), "light": Out(1), "pins": Out(unsigned(1)),
                 "outputs": Out(unsigned(1))})  # fmt: skip
    made = {}
    monkeypatch.setattr(top, "request", lambda platform, connection: ports[connection.resource])
    monkeypatch.setattr(top, "BoardClock", lambda family, plan: Stub({"unused": Out(1)}))
    monkeypatch.setattr(top, "LinkedCore", lambda *args, **named: made.update(named) or line)
    family = find("ecp5")
    board = SimpleNamespace(
        target=family,
        plan_pll=lambda mhz: family.plan_pll(25.0, mhz),
        uart=Connection("uart"),
        led=Connection("led") if led else None,
        flash=None,
    )
    source, decision = Attached(), Attached()
    dut = BoardTop(a_core(), board, 50.0, 9600, "ab" * 8, source, decision)
    assert dut.clock_mhz == 50.0
    assert made == {
        "clock_mhz": 50.0, "baud": 9600, "digest": "ab" * 8,
        "source": source, "decision": decision, "at_start": None, "flash": None,
        "weights": None,
    }  # fmt: skip
    seen = []

    async def process(ctx):
        for rx, tx, light in ((0, 1, 0), (1, 0, 0), (1, 1, 1), (0, 0, 1)):
            ctx.set(ports["uart"].rx.i, rx)
            ctx.set(line.tx, tx)
            ctx.set(line.light, light)
            await ctx.delay(1e-7)
            seen.append((ctx.get(line.rx), ctx.get(ports["uart"].tx.o), ctx.get(ports["led"].o)))

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    lights = (0, 0, 1, 1) if led else (0, 0, 0, 0)
    assert seen == [(0, 1, lights[0]), (1, 0, lights[1]), (1, 1, lights[2]), (0, 0, lights[3])]
    assert source.seen == (None, line.pins)
    assert decision.seen == (None, line.outputs)
