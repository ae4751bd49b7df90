"""A sensor's samples from the part's pins to the core."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.hdl import Fragment, Module, Signal, Value
from amaranth.lib import io
from amaranth.sim import Simulator

from hwgen import protocol
from hwgen.boards import find_board
from hwgen.boards.board import Connection
from hwgen.errors import CannotMeetError, UsageError
from hwgen.fixedpoint import saturate, shift_half_up
from hwgen.gateware.decision import NONE, Decision, Vote
from hwgen.gateware.link.uart import uart_divisor
from hwgen.gateware.sensors import sensor as module
from hwgen.gateware.sensors.decimation import Decimation
from hwgen.gateware.sensors.part import BUSES
from hwgen.gateware.sensors.sampling import Sampling
from hwgen.gateware.sensors.sensor import Sensor, SensorPlan, plan_sensor, source_pins
from hwgen.gateware.sensors.sources import find_part
from hwgen.gateware.top import BoardTop, LinkedCore
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing
from hwgen.protocol import SensorFault
from tests.gateware.parts import Converter
from tests.gateware.stand_in import SumCore
from tests.stubs import Stub, driven, play, read, stub_of

MHZ = 5.0
RATE = 40_000.0
WINDOW = 16


def a_core(input_samples=WINDOW, adc_bits=12, hop=None, interval=None, pause=1, closed=0):
    """Return the facts of a core that keeps up, unless told otherwise."""
    timing = Timing(11, interval or input_samples, pause, closed=closed)
    return KnownCore(input_samples, adc_bits, hop or input_samples, 3, 24, timing)


def plan(**changes):
    given = {"model_rate": RATE, "sensor_rate": None, "clock_mhz": MHZ, "full_scale": 1.0}
    return plan_sensor(changes.pop("name", "mcp3201"), **given | changes)


def measured(codes, samples, *, core=None, hop=None, ratio=1, ready=lambda cycle: True):
    """Run a sensor before an MCP3201; return the stream, and (fault, overruns) at its times."""
    core = core or a_core()
    dut = Sensor(core, plan(model_rate=RATE / ratio, sensor_rate=RATE), hop=hop)
    part = Converter(codes, MHZ, 12, 3, 0.8e6, 625, 200, 100)
    pins = SimpleNamespace(cs=dut.pins.cs, sck=dut.pins.sck, cipo=dut.pins.cipo)
    taken, faults = [], []
    period = round(MHZ * 1e6 / RATE)

    async def process(ctx):
        ctx.set(dut.run, 1)
        for cycle in range(period * (samples + 3)):
            part.cycle = cycle
            part.step(ctx, pins)
            ctx.set(dut.samples.ready, int(ready(cycle)))
            if ctx.get(dut.samples.valid) and ready(cycle):
                sample = ctx.get(dut.samples.p)
                taken.append((sample["value"], sample["first"]))
            faults.append((SensorFault(ctx.get(dut.faults)), ctx.get(dut.overruns)))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6 / MHZ)
    simulator.add_testbench(process)
    simulator.run()
    return taken, faults


CODES = np.random.default_rng(11).integers(200, 3800, 400).tolist()
VALUES = [code - 2048 for code in CODES[1:]]  # the first conversion wakes the part


@pytest.mark.parametrize("adc_bits", [10, 12, 14])
def test_windows(adc_bits):
    taken, faults = measured(CODES.__getitem__, 40, core=a_core(adc_bits=adc_bits))
    shift = 12 - adc_bits
    expected = saturate(
        shift_half_up(np.array(VALUES), shift), -(1 << (adc_bits - 1)), (1 << (adc_bits - 1)) - 1
    )
    assert len(taken) >= 2 * WINDOW
    assert [value for value, _ in taken] == expected[: len(taken)].tolist()
    assert [at for at, (_, first) in enumerate(taken) if first] == [0, WINDOW, 2 * WINDOW]
    assert set(faults) == {(SensorFault(0), 0)}


def test_an_endless_stream_for_a_core_with_overlap():
    core = a_core(hop=4, pause=100, interval=400)
    taken, _ = measured(CODES.__getitem__, 40, core=core)
    assert [value for value, _ in taken] == VALUES[: len(taken)]
    assert [at for at, (_, first) in enumerate(taken) if first] == [0]


def test_overlapping_windows_for_a_core_without():
    taken, faults = measured(CODES.__getitem__, 42, hop=5)
    values = [value for value, _ in taken]
    count = len(values) // WINDOW
    assert count >= 5
    for number in range(count):
        expected = VALUES[5 * number : 5 * number + WINDOW]
        assert values[number * WINDOW : (number + 1) * WINDOW] == expected
    assert faults[-1][1] == 0


def test_decimation():
    taken, _ = measured(CODES.__getitem__, 140, ratio=2)
    expected = Decimation(2, 12, 12).run(np.array(VALUES))
    assert len(taken) >= 8
    assert [value for value, _ in taken] == expected[: len(taken)].tolist()
    assert taken[0][1]


def test_a_core_that_does_not_take_a_sample_is_told():
    stop = range(2600, 2900)  # more than two samples of 125 cycles
    taken, faults = measured(CODES.__getitem__, 44, ready=lambda cycle: cycle not in stop)
    lost = faults[-1][1]
    assert lost == 2
    starts = [at for at, (_, first) in enumerate(taken) if first]
    assert starts[:2] == [0, 16]
    broken = starts[2]
    assert [value for value, _ in taken[:broken]] == VALUES[:broken]
    assert [value for value, _ in taken[broken:]] == VALUES[broken + lost : len(taken) + lost]
    told = [SensorFault.LOST in fault for fault, _ in faults]
    assert not told[2600]
    assert told[2900]
    assert not told[-1]


def test_a_stuck_sensor_and_a_clipping_one():
    _, faults = measured(lambda index: CODES[index] if index < 20 else 1234, 45)
    assert not any(fault for fault, _ in faults[: 20 * 125])
    assert faults[-1][0] == SensorFault.STUCK
    _, faults = measured(lambda index: 4095 if index == 30 else CODES[index], 45)
    assert {fault for fault, _ in faults} == {SensorFault(0), SensorFault.CLIPPED}


def test_rates():
    assert plan().ratio == 1
    assert plan(sensor_rate=48_000.0, model_rate=12_000.0, clock_mhz=100.0).ratio == 4
    assert plan(name="ads8320", clock_mhz=100.0, model_rate=12_000.0).rate_hz == 1e8 / 8333
    own = plan(name="iis3dwb", model_rate=80_000 / 9, clock_mhz=100.0, full_scale=16.0)
    assert own.ratio == 3
    assert own.rate_hz == 80_000 / 3
    assert own.to_json()["decimation"] == 3
    assert plan(model_rate=None, sensor_rate=RATE).ratio == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"sensor_rate": 30_000.0}, r"40000 Hz or a whole multiple .* not 30000 Hz"),
        ({"sensor_rate": 20_000.0}, "must be the checkpoint's 40000 Hz"),
        ({"sensor_rate": 40_000.0, "model_rate": 2_000.0}, "up to 16, not 40000 Hz"),
        ({"name": "iis3dwb", "model_rate": 12_000.0}, "must be the checkpoint's 12000 Hz"),
        ({"model_rate": 60_000.0}, "sensor rate of mcp3201 must be 100 to 49000 Hz"),
        ({"name": "ics43434", "model_rate": 20_000.0, "clock_mhz": 100.0}, "not 20000 Hz"),
        ({"model_rate": 12_000.0, "clock_mhz": 1.0}, "must be a whole fraction of the clock"),
        ({"name": "iis3dwb", "model_rate": 80_000 / 3, "full_scale": 10.0}, "give --full-scale"),
    ],
)  # fmt: skip
def test_what_cannot_be_met(changes, text):
    with pytest.raises(CannotMeetError, match=text) as caught:
        plan(**changes)
    assert "\n" not in str(caught.value)


def test_no_rate_at_all():
    with pytest.raises(UsageError, match="--sensor-rate must be given"):
        plan(model_rate=None)


@pytest.mark.parametrize(
    ("core", "hop", "text"),
    [
        ({"pause": 126}, None, "a sample every 126 cycles, and the sensor gives one every 125"),
        ({"interval": 2001}, None, "hop must be at least 17 samples"),
        ({}, 17, "hop must be 1 to 16, the window, not 17"),
        ({"hop": 4}, 5, "hop must be the core's 4, not 5"),
        ({"pause": 40}, 5, "hop must be at least 6 samples"),
    ],
)
def test_a_core_that_is_too_slow(core, hop, text, refusing):
    with pytest.raises(CannotMeetError, match=text):
        Sensor(a_core(**core), plan(), hop=hop)


def test_a_filter_that_is_too_slow(refusing):
    with pytest.raises(CannotMeetError, match=r"decimation by 2 needs 1\d\d cycles a sample"):
        Sensor(a_core(), SensorPlan("mcp3201", find_part("mcp3201"), Sampling(2.0, 4e4, 1.0), 2))


def test_pins_of_a_board():
    connection = source_pins(find_board("ulx3s-25f"), plan(name="ics43434", clock_mhz=100.0))
    assert [name for name, _ in connection.pins] == ["sck", "ws", "sd"]
    with pytest.raises(CannotMeetError, match=r"orangecrab-25f must name the pins cs, sck, cipo"):
        source_pins(find_board("orangecrab-25f"), plan())


BAUD = 625_000
LONG = 32


def diagnosed(codes, milliseconds, *, margin, vote):
    """Run a board with an MCP3201 and a core that sums; return its frames and what its pins did."""
    core = SumCore(input_samples=LONG, adc_bits=12)
    core.plan = replace(core.plan, timing=Timing(6, 2 * LONG))
    source = Sensor(core.plan, plan())
    decision = Decision(core.plan, faulty=(1, 2), vote=vote, margin=margin)
    dut = LinkedCore(
        core, clock_mhz=MHZ, baud=BAUD, digest="ab" * 8, source=source, decision=decision
    )
    part = Converter(codes, MHZ, 12, 3, 0.8e6, 625, 200, 100)
    pins = SimpleNamespace(cs=dut.pins.cs, sck=dut.pins.sck, cipo=dut.pins.cipo)
    divisor = uart_divisor(MHZ, BAUD)
    decoder, frames, beats = protocol.Decoder(), [], []

    async def run(ctx):
        left, byte = 0, 0
        for cycle in range(round(milliseconds * 1e3 * MHZ)):
            part.cycle = cycle
            part.step(ctx, pins)
            level = ctx.get(dut.tx)
            if not left and not level:
                left, byte = 10 * divisor - divisor // 2, 0
            elif left:
                left -= 1
                if left and left % divisor == 0 and left < 9 * divisor:
                    byte |= level << (8 - left // divisor)
                if not left:
                    frames.extend(decoder.feed(bytes([byte & 0xFF])))
            shown = (dut.outputs.heartbeat, dut.outputs.alarm, dut.outputs.fault)
            now = tuple(ctx.get(one) for one in shown)
            if not beats or beats[-1] != now:
                beats.append(now)
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6 / MHZ)
    simulator.add_testbench(run)
    simulator.run()
    assert decoder.skipped == 0
    return [(frame.sequence, protocol.decode_diagnosis(frame)) for frame in frames], beats


def test_diagnoses_without_a_host():
    """Sums below zero are class 1, which raises the alarm after two of three windows."""
    signs = [1, -1, -1, 1, 1, 1]
    rng = np.random.default_rng(3)
    sizes = rng.integers(5, 500, (len(signs), LONG))
    codes = [2048, *(2048 + np.array(signs)[:, None] * sizes).ravel().tolist(), *[2048] * 40]
    found, beats = diagnosed(codes.__getitem__, 5.0, margin=1, vote=Vote(2, 3))
    assert len(found) >= 5
    numbers = [number for number, _ in found]
    assert numbers == list(range(len(found)))
    values = np.array(codes[1:]) - 2048
    windows = values[: LONG * len(signs)].reshape(-1, LONG)
    for (_, told), sign, window in zip(found, signs, windows, strict=False):
        assert told.result.logits[0] == window.sum()
        assert told.result.class_ == int(sign < 0)
        assert (told.overruns, told.faults) == (0, 0)
    alarms = [bool(told.flags & protocol.DiagnosisFlag.ALARM) for _, told in found]
    assert alarms[:5] == [False, False, True, True, False]
    confirmed = [told.confirmed for _, told in found]
    assert confirmed[:5] == [NONE, NONE, 1, 1, 0]
    assert {alarm for _, alarm, _ in beats} == {0, 1}
    assert len({beat for beat, *_ in beats}) == 2


def test_a_stuck_sensor_is_told_without_a_host():
    found, beats = diagnosed(lambda index: 2100, 2.5, margin=1, vote=Vote(1, 1))
    told = found[-1][1]
    assert told.faults == protocol.SensorFault.STUCK
    assert told.flags == protocol.DiagnosisFlag.UNKNOWN
    assert told.confirmed == NONE
    assert beats[-1][2] == 1


@pytest.mark.parametrize("name", ["ics43434", "mcp3201", "iis3dwb"])
def test_a_board_with_a_sensor(name):
    core = SumCore(input_samples=WINDOW, adc_bits=12)
    core.plan = replace(core.plan, timing=Timing(6, 2 * WINDOW))
    board = find_board("ulx3s-25f")
    rate = 80_000 / 3 if name == "iis3dwb" else 12_000.0
    sensor = plan(name=name, model_rate=rate, clock_mhz=100.0, full_scale=16.0)
    connection = source_pins(board, sensor)
    top = BoardTop(
        core,
        board,
        100.0,
        source=Sensor(core.plan, sensor, connection=connection),
        decision=Decision(core.plan, faulty=(1,), vote=Vote(3, 5), board=board),
    )
    constraints = str(board.platform().build(top, do_build=False).files["top.lpf"])
    sites = [pin for part in (connection, board.outputs, board.lights) for _, pin in part.pins]
    assert len(sites) >= 14
    for site in sites:
        assert constraints.count(f'SITE "{site}"') == 1


@pytest.fixture
def stubs(monkeypatch):
    """Put stubs in the place of what a sensor is made of."""
    made = {}
    for name in ("Watch", "Feed", "Overlap", "Decimator"):
        make = stub_of(getattr(module, name))

        def keep(*given, _name=name, _make=make, **named):
            made[_name.lower()] = _make(*given, **named)
            return made[_name.lower()]

        monkeypatch.setattr(module, name, keep)
    return made


def stubbed(stubs, given, core, hop=None):
    """Return a sensor and its elaborated module, the part's receiver a stub too."""
    part = given.part
    receiver = Stub(dict(part.receiver(given.sampling).signature.members.items()))
    given = replace(given, part=replace(part, receiver=lambda sampling: receiver))
    dut = Sensor(core, given, hop=hop)
    fragment = Fragment.get(dut, None)
    return dut, fragment, {"receiver": receiver} | stubs


@pytest.mark.parametrize("name", ["mcp3201", "ics43434", "iis3dwb"])
@pytest.mark.parametrize("kind", ["plain", "overlap", "endless", "decimated"])
def test_what_is_joined(stubs, name, kind):
    rates = {"mcp3201": 40_000.0, "ics43434": 48_000.0, "iis3dwb": 80_000 / 3}
    ratio = 2 if kind == "decimated" else 1
    given = plan_sensor(
        name, model_rate=rates[name] / ratio, sensor_rate=rates[name], clock_mhz=100.0,
        full_scale=16.0,
    )  # fmt: skip
    core = a_core(**({"hop": 4} if kind == "endless" else {}))
    dut, fragment, parts = stubbed(stubs, given, core, 5 if kind == "overlap" else None)
    bits = given.part.bits
    # Two windows' length of samples without a change is stuck; one in a thousand is clipping.
    length = WINDOW * ratio
    assert parts["watch"].given == (bits, length, 1)
    every = WINDOW if kind in ("plain", "decimated") else None
    assert parts["feed"].given == (12, WINDOW, every)
    assert ("overlap" in parts) == (kind == "overlap")
    if kind == "overlap":
        assert parts["overlap"].given == (12, WINDOW, 5)
    assert ("decimator" in parts) == (kind == "decimated")
    if kind == "decimated":
        assert parts["decimator"].given == (Decimation(2, bits, 12),)
    rng = np.random.default_rng(3)
    ports = driven(**parts) | {"run": dut.run, "samples.ready": dut.samples.ready}
    inputs = [pin for pin, way in BUSES[given.part.bus].items() if way == "i"]
    pins = {pin: getattr(dut.pins, pin) for pin in given.part.pins}
    ports |= {f"pins.{pin}": port for pin, port in pins.items() if pin in inputs}
    columns = {
        key: rng.integers(0, 1 << min(len(port), 31), 60).tolist() for key, port in ports.items()
    }
    watch = read(**parts) | {
        "samples.valid": dut.samples.valid,
        "samples.payload": Value.cast(dut.samples.payload),
        "overruns": dut.overruns,
        "faults": dut.faults,
    }
    watch |= {f"pins.{pin}": port for pin, port in pins.items() if pin not in inputs}
    seen = play(
        fragment, 60, lambda c: {k: (port, columns[k][c]) for k, port in ports.items()}, watch
    )
    before = None
    for cycle, found in enumerate(seen):
        now = {key: column[cycle] for key, column in columns.items()}
        got = {key: value & ((1 << len(watch[key])) - 1) for key, value in found.items()}
        expected = joined(given, kind, now, before, bits)
        assert {key: got[key] for key in expected} == expected, cycle
        for pin in pins:
            if pin in inputs:
                assert got[f"receiver.{pin}"] == now[f"pins.{pin}"]
            else:
                assert got[f"pins.{pin}"] == now[f"receiver.{pin}"]
        before = now


def joined(given, kind, now, before, bits):
    """Return what the ports see in a cycle, by what was driven in it and in the one before."""
    mask = (1 << bits) - 1
    wires = {
        "watch.i.valid": now["receiver.o.valid"],
        "watch.i.payload": now["receiver.o.payload"] & mask,
        "feed.run": now["run"],
        "overruns": now["feed.overruns"],
        "faults": now["watch.stuck"] * SensorFault.STUCK
        | now["watch.clipped"] * SensorFault.CLIPPED
        | now["receiver.absent"] * SensorFault.ABSENT
        | now["feed.lost"] * SensorFault.LOST,
    }
    last = "overlap" if kind == "overlap" else "feed"
    wires |= {
        "samples.valid": now[f"{last}.o.valid"],
        "samples.payload": now[f"{last}.o.payload"],
        f"{last}.o.ready": now["samples.ready"],
    }
    if kind == "overlap":
        wires |= {
            "overlap.i.valid": now["feed.o.valid"],
            "overlap.i.payload": now["feed.o.payload"],
            "feed.o.ready": now["overlap.i.ready"],
        }
    if kind == "decimated":
        wires |= {
            "decimator.i.valid": now["receiver.o.valid"],
            "decimator.i.payload": now["receiver.o.payload"],
            "feed.i.valid": now["decimator.o.valid"],
            "feed.i.payload": now["decimator.o.payload"],
        }
    elif before is not None:
        raw = before["receiver.o.payload"]
        value = raw & mask
        value -= (value >> (bits - 1)) << bits
        fitting = saturate(shift_half_up(np.array(value), bits - 12), -2048, 2047)
        first = raw >> bits & 1
        wires |= {
            "feed.i.valid": before["receiver.o.valid"],
            "feed.i.payload": int(fitting) % 4096 | first << 12,
        }
    return wires


@pytest.mark.parametrize(("window", "clips"), [(16, 1), (256, 1), (257, 2), (4096, 16), (4097, 17)])
def test_a_window_of_many_samples_may_clip_a_little(stubs, window, clips):
    """One sample in 256, and one at least."""
    Fragment.get(Sensor(a_core(input_samples=window), plan()), None)
    assert stubs["watch"].given == (12, window, clips)


@pytest.mark.parametrize("name", ["mcp3201", "ics43434"])
def test_pins_are_joined_to_the_board_s(monkeypatch, name):
    given = plan(name=name, model_rate=48_000.0, clock_mhz=100.0)
    part = given.part
    ways = {pin: way for pin, way in BUSES[part.bus].items() if pin in part.pins}
    direction = {"i": io.Direction.Input, "o": io.Direction.Output}
    ports = {pin: io.SimulationPort(direction[way], 1) for pin, way in ways.items()}
    asked = []
    monkeypatch.setattr(
        module, "request", lambda *given: asked.append(given) or SimpleNamespace(**ports)
    )
    connection = Connection("bus")
    dut = Sensor(a_core(), given, connection=connection)
    pins = SimpleNamespace(**{pin: Signal(name=pin) for pin in part.pins})
    m = Module()
    dut.attach(m, "platform", pins)
    assert asked == [("platform", connection)]

    async def process(ctx):
        for step in range(1 << len(ways)):
            levels = {pin: step >> at & 1 for at, pin in enumerate(ways)}
            for pin, way in ways.items():
                ctx.set(ports[pin].i if way == "i" else getattr(pins, pin), levels[pin])
            await ctx.delay(1e-9)
            for pin, way in ways.items():
                got = ctx.get(getattr(pins, pin) if way == "i" else ports[pin].o)
                assert got == levels[pin]

    simulator = Simulator(m)
    simulator.add_testbench(process)
    simulator.run()


def test_paces_at_their_edges():
    """A core that just keeps up, by each of the rules: 125 cycles a sample."""
    fine = plan()
    assert fine.cycles == 125
    for core, hop in (
        (a_core(pause=125), None), (a_core(interval=2000), None), (a_core(), 1),
        (a_core(pause=40), 6), (a_core(), 16), (a_core(hop=4, interval=500), 4),
        (a_core(closed=125), None), (a_core(closed=126), 15),
    ):  # fmt: skip
        module.check_pace(core, fine, hop)
    for core, hop in (
        (a_core(pause=126), None), (a_core(interval=2001), None), (a_core(), 0), (a_core(), 17),
        (a_core(pause=40), 5), (a_core(hop=4, interval=501), 4), (a_core(hop=4), 5),
        (a_core(closed=126), None),
    ):  # fmt: skip
        with pytest.raises(CannotMeetError):
            module.check_pace(core, fine, hop)


def test_a_part_with_a_clock_of_its_own_may_be_fast():
    own = plan(name="iis3dwb", model_rate=80_000 / 3, clock_mhz=100.0, full_scale=16.0)
    assert own.own_clock
    assert own.cycles == int(3750 * 0.9)
    slower = plan(name="iis3dwb", model_rate=80_000 / 9, clock_mhz=100.0, full_scale=16.0)
    assert slower.cycles == int(3 * 3750 * 0.9)
    assert not plan().own_clock
    # 187.5 cycles of this clock: the part's own does not mind.
    assert plan(name="iis3dwb", model_rate=80_000 / 3, clock_mhz=5.0, full_scale=16.0).own_clock
    assert plan(model_rate=RATE / 4, sensor_rate=RATE).cycles == 500


def test_what_the_report_says():
    told = plan(model_rate=RATE / 2, sensor_rate=RATE).to_json()
    part = find_part("mcp3201")
    assert told == {
        "source": "mcp3201", "part": part.title, "data_sheet": part.sheet,
        "sensor_rate_hz": RATE, "decimation": 2, "sensor_bits": 12,
    }  # fmt: skip
