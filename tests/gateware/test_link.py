"""Frames bit by bit through the serial line, the core and back."""

from __future__ import annotations

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import protocol
from hwgen.errors import CannotMeetError
from hwgen.gateware import top
from hwgen.gateware.flash.plan import plan_flash
from hwgen.gateware.top import LinkedCore
from hwgen.hardware.contract import result_layout, sample_layout
from hwgen.protocol import ErrorCode, Learn, Origin, State, Threshold, Type
from tests.gateware.stand_in import ScoreCore, SumCore, ValueCore, expected

DIVISOR = 8
CLOCK_MHZ = 8.0
BAUD = 1_000_000
TIMEOUT_BYTES = 6
DIGEST = "0123456789abcdef" * 4
A = [1, -2, 300, -400, 32767, -32768, 7, 8]
B = [-5, 5, -6, 6, -7, 7, -8, 9]


TIMEOUT_S = TIMEOUT_BYTES * 10 / BAUD
LOW = "low"
"""A break: the line is low for 12 bits."""


def exchange(*pieces, core=None, answers=1, button=None, **sensor):
    """Send bytes (an int is a pause in byte times); return the frames that come back.

    `button` is whether the one for learning is held, where there is one.
    """
    core = core or SumCore()
    dut = LinkedCore(
        core, clock_mhz=CLOCK_MHZ, baud=BAUD, digest=DIGEST, frame_timeout_s=TIMEOUT_S, **sensor
    )
    received = bytearray()
    decoder = protocol.Decoder()
    frames = []
    results = []

    async def host(ctx):
        if button is not None:
            ctx.set(dut.learn, button)
        for piece in pieces:
            if isinstance(piece, int):
                await ctx.tick().repeat(piece * 10 * DIVISOR)
                continue
            if piece is LOW:
                ctx.set(dut.rx, 0)
                await ctx.tick().repeat(12 * DIVISOR)
                ctx.set(dut.rx, 1)
                await ctx.tick().repeat(DIVISOR)
                continue
            for byte in piece:
                for bit in [0, *((byte >> i) & 1 for i in range(8)), 1]:
                    ctx.set(dut.rx, bit)
                    await ctx.tick().repeat(DIVISOR)
        for _ in range(answers * 60):
            if len(frames) < answers:
                await ctx.tick().repeat(10 * DIVISOR)
        await ctx.tick().repeat(4 * 10 * DIVISOR)  # an answer too many would begin here

    async def line(ctx):
        while True:
            while ctx.get(dut.tx):
                await ctx.tick()
            await ctx.tick().repeat(DIVISOR // 2)
            byte = 0
            for index in range(9):
                await ctx.tick().repeat(DIVISOR)
                byte |= ctx.get(dut.tx) << index
            assert byte & 0x100, "stop bit"
            received.append(byte & 0xFF)
            frames.extend(decoder.feed(bytes([byte & 0xFF])))

    async def watch(ctx):
        async for *_, happened in ctx.tick().sample(core.result.valid & core.result.ready):
            if happened:
                results.append(True)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6 / CLOCK_MHZ)
    simulator.add_testbench(host)
    simulator.add_testbench(line, background=True)
    simulator.add_testbench(watch, background=True)
    simulator.run()
    assert decoder.skipped == 0
    return frames, len(results)


def assert_result(frame, sequence, samples):
    assert frame.sequence == sequence
    result = protocol.decode_result(frame)
    assert (result.class_, result.logits) == expected(samples)
    assert result.cycles == 6


def refused(frame):
    assert frame.type == Type.ERROR
    return ErrorCode(frame.payload[0])


def test_window_gives_result():
    frames, _ = exchange(protocol.encode_window(0x1234, A))
    assert len(frames) == 1
    assert_result(frames[0], 0x1234, A)


def test_hello_tells_the_design():
    frames, results = exchange(protocol.encode_hello(7))
    assert results == 0
    assert [frame.sequence for frame in frames] == [7]
    assert protocol.decode_hello(frames[0]) == protocol.Hello(
        bytes.fromhex(DIGEST)[:8], input_samples=8, clock_khz=8000, classes=3, adc_bits=16,
        timeout_us=round(TIMEOUT_S * 1e6),
    )  # fmt: skip


def test_bad_crc_gives_error_and_no_result_then_a_good_window_is_right():
    bad = bytearray(protocol.encode_window(1, A))
    bad[-1] ^= 0x10
    frames, results = exchange(bytes(bad), 10, protocol.encode_window(2, B), answers=2)
    assert results == 1
    assert refused(frames[0]) == ErrorCode.BAD_CRC
    assert_result(frames[1], 2, B)
    assert len(frames) == 2


@pytest.mark.parametrize("length", [3, 11, 20, 27, 29])
def test_truncated_frame_then_good_frame(length):
    frames, results = exchange(
        protocol.encode_window(1, A)[:length], 10, protocol.encode_window(2, B), answers=2
    )
    assert results == 1
    assert refused(frames[0]) == ErrorCode.TIMEOUT
    assert_result(frames[1], 2, B)


def test_lone_sync_byte_is_forgotten():
    frames, _ = exchange(b"\xa5", 10, protocol.encode_window(2, B))
    assert len(frames) == 1
    assert_result(frames[0], 2, B)


def test_noise_before_a_frame_is_ignored():
    frames, _ = exchange(b"\x00\xff\xa5\x13\xa5\xa5" + protocol.encode_window(3, A)[1:])
    assert len(frames) == 1
    assert_result(frames[0], 3, A)


def _with(frame, offset, value):
    changed = bytearray(frame)
    changed[offset] = value
    return bytes(changed)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (protocol.encode_window(1, [1] * 9), ErrorCode.BAD_LENGTH),
        (protocol.encode_window(1, [1] * 7), ErrorCode.BAD_LENGTH),
        (protocol.encode(Type.HELLO, 1, b"x"), ErrorCode.BAD_LENGTH),
        (protocol.encode(0x33, 1), ErrorCode.UNKNOWN_TYPE),
        (_with(protocol.encode_hello(1), 2, 9), ErrorCode.BAD_VERSION),
        (_with(protocol.encode_hello(1), 13, 9), ErrorCode.BAD_CRC),
    ],
)
def test_refusals(frame, code):
    frames, results = exchange(frame, 10, protocol.encode_window(2, B), answers=2)
    assert results == 1
    assert refused(frames[0]) == code
    assert frames[0].sequence == 1
    assert_result(frames[1], 2, B)


def test_sample_wider_than_the_converter_is_refused():
    core = SumCore(adc_bits=12)
    fits = [2047, -2048, 0, 1, 2, 3, 4, 5]
    frames, results = exchange(
        protocol.encode_window(1, [0, 2048, 0, 0, 0, 0, 0, 0]),
        10,
        protocol.encode_window(2, fits),
        core=core,
        answers=2,
    )
    assert results == 1
    assert refused(frames[0]) == ErrorCode.BAD_SAMPLE
    assert_result(frames[1], 2, fits)


def test_windows_back_to_back_keep_their_sequence():
    # the answer to the first is still being sent when the second's samples come
    frames, results = exchange(
        protocol.encode_window(1, A), protocol.encode_window(2, B), answers=2
    )
    assert results == len(frames) == 2
    assert_result(frames[0], 1, A)
    assert_result(frames[1], 2, B)


def test_core_that_is_too_slow_overruns():
    # it takes no sample while it computes
    core = SumCore(delay=3000)
    frames, results = exchange(
        protocol.encode_window(1, A), protocol.encode_window(2, B), core=core, answers=3
    )
    assert results == 1
    assert refused(frames[0]) == ErrorCode.OVERRUN
    assert frames[0].sequence == 2
    assert protocol.decode_result(frames[1]).logits == expected(A)[1]
    assert frames[1].sequence == 1


def test_break_in_mid_window_then_good_window():
    window = protocol.encode_window(1, A)
    frames, results = exchange(
        window[:15], LOW, window[15:], 10, protocol.encode_window(2, B), answers=2
    )
    assert results == 1
    assert refused(frames[0]) == ErrorCode.FRAMING
    assert_result(frames[1], 2, B)


def counted(status, **expected):
    counters = {counter.name.lower(): n for counter, n in status.counters.items() if n}
    assert counters == expected


def test_status_counts_what_happened():
    bad = bytearray(protocol.encode_window(1, A))
    bad[-1] ^= 0x10
    frames, _ = exchange(
        bytes(bad), 10, b"\x00\x11", protocol.encode_window(2, A)[:9], LOW, 10,
        protocol.encode_window(3, A), 20, protocol.encode_status(4), answers=4,
    )  # fmt: skip
    assert [frame.sequence for frame in (frames[0], *frames[2:])] == [1, 3, 4]
    status = protocol.decode_status(frames[3])
    assert status.state == State.STORED
    # the frame that asks is counted too
    counted(status, bad_crc=1, framing=1, **{"break": 1}, stray=2, frames=2, results=1)


def test_replay_answers_once_for_all():
    frames, results = exchange(
        protocol.encode_window(1, A), 20, protocol.encode_replay(2, 5), answers=2
    )
    replayed = protocol.decode_replayed(frames[1])
    assert frames[1].sequence == 2
    assert (replayed.windows, replayed.differing) == (5, 0)
    assert (replayed.last.class_, replayed.last.logits) == expected(A)
    # 8 samples and 6 cycles to the result, which is taken in the cycle after; at the end it stands
    assert replayed.cycles == pytest.approx(5 * (8 + 6), abs=10)
    assert results == 1 + 5


def test_replay_needs_a_window_and_a_count():
    window = protocol.encode_window(2, A)
    frames, _ = exchange(
        protocol.encode_replay(1, 5), 10, window, 20, protocol.encode_replay(3, 1), 100,
        protocol.encode(Type.REPLAY, 4, bytes(2)), answers=4,
    )  # fmt: skip
    assert refused(frames[0]) == ErrorCode.NO_WINDOW
    assert protocol.decode_replayed(frames[2]).windows == 1
    assert refused(frames[3]) == ErrorCode.BAD_LENGTH


def test_replay_of_a_window_that_broke_is_refused():
    broken = bytearray(protocol.encode_window(2, B))
    broken[-1] ^= 1
    frames, _ = exchange(
        protocol.encode_window(1, A), bytes(broken), 10, protocol.encode_replay(3, 5), answers=3
    )
    assert refused(frames[2]) == ErrorCode.NO_WINDOW


def test_window_during_a_replay_is_refused_and_does_not_disturb():
    core = SumCore(delay=200)
    frames, results = exchange(
        protocol.encode_window(1, A), 40, protocol.encode_replay(2, 20),
        protocol.encode_window(3, B), 10, core=core, answers=3,
    )  # fmt: skip
    assert refused(frames[1]) == ErrorCode.BUSY
    assert frames[1].sequence == 3
    assert protocol.decode_replayed(frames[2]).last.logits == expected(A)[1]
    assert results == 21


@pytest.mark.parametrize("pause", [2, 30])
def test_replay_into_a_core_that_needs_pauses(pause):
    core = SumCore(pause=pause)
    frames, _ = exchange(
        protocol.encode_window(1, A), 20, protocol.encode_replay(2, 3), core=core, answers=2
    )
    replayed = protocol.decode_replayed(frames[1])
    assert (replayed.last.logits, replayed.differing) == (expected(A)[1], 0)
    assert replayed.cycles == pytest.approx(3 * (7 * pause + 7), abs=3 * pause)


def test_line_that_is_too_fast_for_the_core_is_refused(refusing):
    core = SumCore(pause=161)
    with pytest.raises(CannotMeetError, match=r"baud must be at most 993788 .* every 161 cycles"):
        LinkedCore(core, clock_mhz=CLOCK_MHZ, baud=BAUD, digest=DIGEST)


def test_live_is_unknown_without_a_sensor():
    frames, _ = exchange(protocol.encode_live(1, on=False))
    assert refused(frames[0]) == ErrorCode.UNKNOWN_TYPE


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.lists(st.integers(-32768, 32767), min_size=8, max_size=8), st.integers(0, 65535))
def test_any_window(samples, sequence):
    frames, _ = exchange(protocol.encode_window(sequence, samples))
    assert_result(frames[0], sequence, samples)


@pytest.mark.parametrize("attribute", [{"adc_bits": 17}, {"logit_bits": 33}])
def test_core_that_does_not_fit_the_protocol_is_refused(attribute, refusing):
    with pytest.raises(ValueError, match=r"must be [01] to"):
        LinkedCore(SumCore(**attribute), clock_mhz=8.0, baud=BAUD, digest=DIGEST)


LOW_SCORE, HIGH_SCORE = [10, 0, 0, 0, 5, 0, 0, 0], [200, 0, 0, 0, 60, 0, 0, 0]
"""Windows of the scores 15 and 260."""


def told(frame):
    """Return how the threshold stands."""
    return protocol.decode_threshold(frame)


def scored(frame):
    """Return class, threshold and score."""
    result = protocol.decode_result(frame)
    return (result.class_, *result.logits)


def test_the_host_changes_the_threshold():
    frames, _ = exchange(
        protocol.encode_hello(1), protocol.encode_window(2, HIGH_SCORE),
        20, protocol.encode_threshold(3, 260), 20, protocol.encode_window(4, HIGH_SCORE), 20,
        protocol.encode_threshold(5), core=ScoreCore(), answers=5,
    )  # fmt: skip
    assert [frame.sequence for frame in frames] == [1, 2, 3, 4, 5]
    assert protocol.decode_hello(frames[0]).features == protocol.Feature.SCORE
    assert scored(frames[1]) == (1, 100, 260)
    assert told(frames[2]) == told(frames[4]) == Threshold(260, Origin.HOST)
    assert scored(frames[3]) == (0, 260, 260)


@pytest.mark.parametrize("button", [True, False])
def test_a_button_that_is_held_at_power_up_has_the_board_learn(button, monkeypatch):
    """Without a host: whoever asks later is told. The host's own orders are as ever."""
    monkeypatch.setattr(top, "HELD_S", 1e-4)
    frames, _ = exchange(
        30, protocol.encode_threshold(1), 20, protocol.encode_window(2, HIGH_SCORE), 20,
        protocol.encode_window(3, LOW_SCORE), 60, protocol.encode_threshold(4), 20,
        protocol.encode_learn(5, Learn(9)), core=ScoreCore(), answers=5, button=button,
        at_start=Learn(2, 1, 512),
    )  # fmt: skip
    before, _, _, after, last = frames
    assert told(before) == Threshold(100, Origin.MODEL, button, 0, 2 * button)
    wanted = Threshold(30, Origin.LEARNT, False, 2, 2) if button else Threshold(100)
    assert told(after) == wanted
    assert told(last) == Threshold(wanted.value, wanted.origin, True, 0, 9)


def test_a_button_without_a_threshold_is_a_programmers_mistake(refusing):
    with pytest.raises(ValueError, match="at_start must come with a core that has a threshold"):
        LinkedCore(SumCore(), clock_mhz=8.0, baud=BAUD, digest=DIGEST, at_start=Learn(20))


def test_a_flash_without_a_threshold_is_a_programmers_mistake(refusing):
    with pytest.raises(ValueError, match="flash must come with a core that has a threshold"):
        LinkedCore(SumCore(), clock_mhz=8.0, baud=BAUD, digest=DIGEST, flash=plan_flash(1 << 24, 8))


def test_a_damaged_threshold_is_refused_and_changes_nothing():
    bad = bytearray(protocol.encode_threshold(1, 300))
    bad[11] ^= 0x40
    frames, _ = exchange(
        bytes(bad), 10, protocol.encode_threshold(2), 20, protocol.encode_window(3, HIGH_SCORE),
        core=ScoreCore(), answers=3,
    )  # fmt: skip
    assert refused(frames[0]) == ErrorCode.BAD_CRC
    assert told(frames[1]) == Threshold(100)
    assert scored(frames[2]) == (1, 100, 260)


def test_a_learn_phase_of_the_host_s_windows():
    """A replay's windows do not count; results go on with the threshold before."""
    frames, _ = exchange(
        protocol.encode_learn(1, Learn(3, 1)), 60,
        protocol.encode_window(2, HIGH_SCORE), 20, protocol.encode_replay(3, 5), 60,
        protocol.encode_window(4, LOW_SCORE), 20, protocol.encode_threshold(5), 20,
        protocol.encode_window(6, LOW_SCORE), 60, protocol.encode_window(7, HIGH_SCORE), 20,
        protocol.encode_threshold(8), core=ScoreCore(), answers=8,
    )  # fmt: skip
    assert [frame.sequence for frame in frames] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert told(frames[0]) == Threshold(100, Origin.MODEL, True, 0, 3)
    assert scored(frames[1]) == (1, 100, 260)
    assert protocol.decode_replayed(frames[2]).windows == 5
    assert told(frames[4]) == Threshold(100, Origin.MODEL, True, 2, 3)
    assert scored(frames[5]) == (0, 100, 15)
    assert scored(frames[6]) == (1, 15, 260)
    assert told(frames[7]) == Threshold(15, Origin.LEARNT, False, 3, 3)


@pytest.mark.parametrize("classes", [0, 3])
def test_values_come_with_their_window(classes):
    """Also behind a window whose check sum is wrong, which has none."""
    bad = bytearray(protocol.encode_window(2, B))
    bad[-1] ^= 4
    frames, results = exchange(
        protocol.encode_window(1, A), 90, bytes(bad), 10, protocol.encode_window(3, B),
        core=ValueCore(classes), answers=3,
    )  # fmt: skip
    assert results == 2
    assert refused(frames[1]) == ErrorCode.BAD_CRC
    for frame, samples in ((frames[0], A), (frames[2], B)):
        told = protocol.decode_result(frame, numbers=8)
        assert list(told.numbers) == samples
        assert told.logits == (expected(samples)[1] if classes else ())


@pytest.mark.parametrize(("classes", "wavers"), [(3, False), (3, True), (0, False), (0, True)])
def test_values_of_a_replay_are_the_last_window_s(classes, wavers):
    """Without a class, what tells windows from each other is all of their values."""
    count = 4
    frames, results = exchange(
        protocol.encode_window(1, A), 90, protocol.encode_replay(2, count), 100,
        protocol.encode_window(3, B), core=ValueCore(classes, wavers=wavers), answers=3,
    )  # fmt: skip
    replayed = protocol.decode_replayed(frames[1], numbers=8)
    assert results == 1 + count + 1
    assert replayed.windows == count
    # Windows 1, 3, and so on have another first value.
    assert replayed.differing == (2 if wavers and not classes else 0)
    assert list(replayed.last.numbers) == [A[0], *A[1:]]
    # Samples, the way to the result, and at most as many values that are in the next one's way.
    assert replayed.cycles <= count * (8 + 6 + 8 + 4)
    told = protocol.decode_result(frames[2], numbers=8)
    assert list(told.numbers) == [B[0] ^ wavers, *B[1:]]


class Rows(wiring.Component):
    """A sensor whose window n has the samples 16 n, 16 n + 1, and so on, `apart` cycles apart."""

    def __init__(self, apart: int, windows: int, size: int = 8):
        self._apart, self._windows, self._size = apart, windows, size
        super().__init__(
            {
                "samples": Out(stream.Signature(sample_layout(16))),
                "run": In(1),
                "overruns": Out(32),
                "faults": Out(8),
            }
        )

    def elaborate(self, platform):
        m = Module()
        row, place, wait = Signal(12), Signal(range(self._size)), Signal(range(self._apart))
        m.d.comb += [
            self.samples.valid.eq(self.run & (wait == 0) & (row != self._windows)),
            self.samples.p.first.eq(place == 0),
            self.samples.p.value.eq((row << 4) + place),
        ]
        with m.If(wait != 0):
            m.d.sync += wait.eq(wait - 1)
        with m.If(self.samples.valid & self.samples.ready):
            m.d.sync += [wait.eq(self._apart - 1), place.eq(place + 1)]
            with m.If(place == self._size - 1):
                m.d.sync += [place.eq(0), row.eq(row + 1)]
        return m


class Judge(wiring.Component):
    """Takes each result three cycles after it has come."""

    def __init__(self, core):
        super().__init__(
            {
                "result": In(stream.Signature(result_layout(core))),
                "class_": Out(16),
                "flags": Out(8),
                "restart": In(1),
                "alarm": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        wait = Signal(2)
        m.d.comb += self.result.ready.eq(wait == 3)
        m.d.sync += wait.eq(wait + 1)
        with m.If(~self.result.valid):
            m.d.sync += wait.eq(0)
        return m


@pytest.mark.parametrize(("apart", "windows"), [(4, 220), (40, 22), (1000, 2)])
def test_a_diagnosis_has_its_own_window_s_values(apart, windows):
    """Whether the line has time for all of them or leaves most out; the core waits for none."""
    core = ValueCore(3)
    frames, results = exchange(
        200, core=core, answers=2, source=Rows(apart, windows), decision=Judge(core.plan)
    )
    assert results == windows
    told = [protocol.decode_diagnosis(frame, numbers=8).result for frame in frames]
    rows = [each.numbers[0] // 16 for each in told]
    # The first one, and the next one that comes when that has been sent.
    assert rows[0] == 0 < rows[1] < windows
    assert len(rows) == 2
    for row, each in zip(rows, told, strict=True):
        assert list(each.numbers) == [16 * row + i for i in range(8)]
        assert each.logits[0] == sum(each.numbers)


def test_a_sensor_needs_a_class(refusing):
    core = ValueCore(0)
    with pytest.raises(ValueError, match="source must come with a core that gives a class"):
        LinkedCore(
            core, clock_mhz=CLOCK_MHZ, baud=BAUD, digest=DIGEST,
            source=Rows(4, 1), decision=Judge(core.plan),
        )  # fmt: skip
