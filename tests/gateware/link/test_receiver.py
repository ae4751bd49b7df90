"""The sample register: what the core sees when frames are broken and when it stalls."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from amaranth.sim import Simulator

from hwgen import protocol
from hwgen.gateware.link.receiver import FrameReceiver
from hwgen.protocol import Counter, ErrorCode, Type

GAP = 8
TIMEOUT = 100


def run(data, stall_until=0, done_at=(), samples=4):
    """Feed bytes; return what the core saw as (cycle, valid, ready, value, first, abandon)."""
    dut = FrameReceiver(samples, 16, TIMEOUT)
    seen = []
    cycles = len(data) * GAP + 2 * TIMEOUT

    async def feed(ctx):
        for byte in data:
            ctx.set(dut.i.payload, byte)
            ctx.set(dut.i.valid, 1)
            await ctx.tick()
            ctx.set(dut.i.valid, 0)
            await ctx.tick().repeat(GAP - 1)
        await ctx.tick().repeat(2 * TIMEOUT)

    async def core(ctx):
        for cycle in range(cycles):
            ctx.set(dut.samples.ready, cycle >= stall_until)
            ctx.set(dut.done, cycle in done_at)
            seen.append((
                cycle, ctx.get(dut.samples.valid), cycle >= stall_until,
                ctx.get(dut.samples.p.value), ctx.get(dut.samples.p.first), ctx.get(dut.abandon),
            ))  # fmt: skip
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(feed)
    simulator.add_testbench(core, background=True)
    simulator.run()
    return seen


def taken(seen):
    return [(value, first) for _, valid, ready, value, first, _ in seen if valid and ready]


def assert_offers_are_held(seen):
    for now, then in itertools.pairwise(seen):
        _, valid, ready, *payload, _ = now
        if valid and not ready:
            assert then[1] == 1
            assert list(then[3:5]) == payload


def test_good_window_passes_whole():
    seen = run(protocol.encode_window(1, [5, -6, 7, -8]))
    assert taken(seen) == [(5, 1), (-6, 0), (7, 0), (-8, 0)]
    assert not any(abandon for *_, abandon in seen)


def test_bad_check_sum_withholds_the_last_sample_and_abandons():
    frame = bytearray(protocol.encode_window(1, [5, -6, 7, -8]))
    frame[-1] ^= 1
    seen = run(bytes(frame))
    assert taken(seen) == [(5, 1), (-6, 0), (7, 0)]
    assert sum(abandon for *_, abandon in seen) == 1


def test_break_before_the_first_sample_does_not_abandon():
    seen = run(protocol.encode_window(1, [5, -6, 7, -8])[:10])
    assert taken(seen) == []
    assert not any(abandon for *_, abandon in seen)


def test_offered_sample_is_held_and_void_when_the_frame_breaks():
    data = protocol.encode_window(1, [5, -6, 7, -8])[:12]  # one sample
    stall = 12 * GAP + TIMEOUT + 30
    seen = run(data, stall_until=stall)
    assert_offers_are_held(seen)
    voided = [abandon for _, valid, ready, *_, abandon in seen if valid and ready]
    assert voided == [1]  # taken once, while it is void
    assert seen[-1][-1] == 0  # and then it is over


def test_slow_core_is_offered_samples_until_it_takes_them():
    seen = run(protocol.encode_window(1, [5, -6, 7, -8]), stall_until=13 * GAP)
    assert_offers_are_held(seen)
    assert taken(seen) == [(5, 1), (-6, 0), (7, 0), (-8, 0)]


def test_the_next_window_s_last_sample_waits_for_the_result_to_go():
    frames = protocol.encode_window(1, [5, -6, 7, -8]) + protocol.encode_window(2, [1, 2, 3, 4])
    assert taken(run(frames))[4:] == [(1, 1), (2, 0), (3, 0)]
    done = len(frames) * GAP + 50
    seen = run(frames, done_at=(done,))
    assert taken(seen)[4:] == [(1, 1), (2, 0), (3, 0), (4, 0)]
    assert min(cycle for cycle, valid, *_ in seen[done - 20 :] if valid) > done


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0, 16, 10), ValueError),
        ((8, 17, 10), ValueError),
        ((8, 0, 10), ValueError),
        ((8, 16, 0), ValueError),
        ((8.0, 16, 10), TypeError),
    ],
)
def test_parameters_are_checked(arguments, error, refusing):
    with pytest.raises(error, match="must be"):
        FrameReceiver(*arguments)


@dataclass
class Heard:
    """All that a receiver says, by kind."""

    events: dict[str, int] = field(default_factory=dict)
    refusals: list[tuple[ErrorCode, int]] = field(default_factory=list)
    answers: list[tuple[Type, int]] = field(default_factory=list)
    replays: list[int] = field(default_factory=list)
    lives: list[int] = field(default_factory=list)
    orders: list[tuple[str, int]] = field(default_factory=list)
    stores: list[tuple[int, int]] = field(default_factory=list)
    samples: list[tuple[int, int]] = field(default_factory=list)
    states: list[tuple[int, int, int]] = field(default_factory=list)
    """Sequence, busy and stored, as they change."""


BROKEN, LOW, QUIET, DONE, ENGAGE, FREE, DEAF, LISTEN, STALL, GO = (
    "broken", "low", "quiet", "done", "engage", "free", "deaf", "listen", "stall", "go",
)  # fmt: skip
"""Steps between bytes: what else happens."""


def hear(*steps, samples=4, adc_bits=16, sensor=False, score_bits=None):
    """Feed bytes, steps, and numbers of cycles to wait; return what was said.

    Between DEAF and LISTEN nobody takes answers and refusals; between STALL and GO no samples.
    """
    dut = FrameReceiver(samples, adc_bits, TIMEOUT, sensor=sensor, score_bits=score_bits)
    heard = Heard()
    flags = {"ready": 1, "taking": 1}

    async def watch(ctx):
        last = None
        while True:
            for counter in Counter:
                if ctx.get(dut.events) >> counter & 1:
                    name = counter.name.lower()
                    heard.events[name] = heard.events.get(name, 0) + 1
            if ctx.get(dut.refusal.valid) and flags["ready"]:
                refusal = ctx.get(dut.refusal.p)
                heard.refusals.append((ErrorCode(refusal["code"]), refusal["sequence"]))
            if ctx.get(dut.answer.valid) and flags["ready"]:
                answer = ctx.get(dut.answer.p)
                heard.answers.append((Type(answer["type"]), answer["sequence"]))
            if ctx.get(dut.replay):
                heard.replays.append(ctx.get(dut.argument))
            if ctx.get(dut.live):
                heard.lives.append(ctx.get(dut.argument))
            for name in ("threshold", "learn") if score_bits else ():
                if ctx.get(getattr(dut, name)):
                    heard.orders.append((name, ctx.get(dut.order)))
            if ctx.get(dut.store.enable):
                heard.stores.append((ctx.get(dut.store.address), ctx.get(dut.store.value)))
            if ctx.get(dut.samples.valid) and flags["taking"] and not ctx.get(dut.abandon):
                sample = ctx.get(dut.samples.p)
                heard.samples.append((sample["value"], sample["first"]))
            state = tuple(ctx.get(port) for port in (dut.sequence, dut.busy, dut.stored))
            if state != last:
                heard.states.append(state)
            last = state
            await ctx.tick()

    async def feed(ctx):
        ctx.set(dut.samples.ready, 1)
        ctx.set(dut.answer.ready, 1)
        ctx.set(dut.refusal.ready, 1)
        for step in steps:
            if isinstance(step, bytes | bytearray):
                for byte in step:
                    ctx.set(dut.i.payload, byte)
                    ctx.set(dut.i.valid, 1)
                    await ctx.tick()
                    ctx.set(dut.i.valid, 0)
                    await ctx.tick().repeat(GAP - 1)
            elif step in (BROKEN, LOW):
                ctx.set(dut.broken, 1)
                ctx.set(dut.low, step == LOW)
                await ctx.tick()
                ctx.set(dut.broken, 0)
                ctx.set(dut.low, 0)
                await ctx.tick().repeat(GAP - 1)
            elif step == DONE:
                ctx.set(dut.done, 1)
                await ctx.tick()
                ctx.set(dut.done, 0)
                await ctx.tick().repeat(3)
            elif step in (ENGAGE, FREE):
                ctx.set(dut.engaged, step == ENGAGE)
            elif step in (DEAF, LISTEN):
                flags["ready"] = int(step == LISTEN)
                ctx.set(dut.answer.ready, flags["ready"])
                ctx.set(dut.refusal.ready, flags["ready"])
            elif step in (STALL, GO):
                flags["taking"] = int(step == GO)
                ctx.set(dut.samples.ready, flags["taking"])
            else:
                await ctx.tick().repeat(TIMEOUT + 10 if step == QUIET else step)
        await ctx.tick().repeat(2 * TIMEOUT)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(feed)
    simulator.add_testbench(watch, background=True)
    simulator.run()
    return heard


A, B = [5, -6, 7, -8], [32767, -32768, 0, -1]
FIRSTS = [1, 0, 0, 0]


def changed(frame, offset, value):
    """Return a frame with another byte, and a check sum that is right again."""
    body = bytearray(frame[2:-4])
    body[offset - 2] = value
    return frame[:2] + bytes(body) + protocol.check_sum(bytes(body))


def test_a_window_is_passed_stored_and_answered_for():
    heard = hear(protocol.encode_window(0x1234, B), 20, DONE)
    assert heard.samples == list(zip(B, FIRSTS, strict=True))
    assert heard.stores == [(at, value & 0xFFFF) for at, value in enumerate(B)]
    assert heard.events == {"frames": 1}
    assert heard.refusals == heard.answers == heard.replays == heard.lives == []
    assert heard.states == [(0, 0, 0), (0, 0, 1), (0x1234, 1, 1), (0x1234, 0, 1)]


def test_questions_are_answered():
    heard = hear(protocol.encode_hello(7), protocol.encode_status(0xFFFE))
    assert heard.answers == [(Type.HELLO_REPLY, 7), (Type.STATUS_REPLY, 0xFFFE)]
    assert heard.events == {"frames": 2}
    assert heard.refusals == []
    assert heard.states == [(0, 0, 0)]


def test_a_replay():
    heard = hear(
        protocol.encode_window(1, A), 20, DONE, protocol.encode_replay(2, 0xABCD),
        protocol.encode_status(3),
    )  # fmt: skip
    assert heard.replays == [0xABCD]
    assert heard.states[-1] == (2, 0, 1)
    assert heard.answers == [(Type.STATUS_REPLY, 3)]
    assert heard.events == {"frames": 3}
    assert heard.samples == list(zip(A, FIRSTS, strict=True))


@pytest.mark.parametrize("on", [True, False])
def test_the_sensor_s_turn(on):
    frame = protocol.encode_live(5, on=on)
    heard = hear(frame, sensor=True)
    assert heard.lives == [int(on)]
    assert heard.answers == [(Type.STATUS_REPLY, 5)]
    assert heard.replays == []
    assert hear(frame).refusals == [(ErrorCode.UNKNOWN_TYPE, 5)]


LEARN = protocol.Learn(0x01020304, 0x05060708, 0x090A)


@pytest.mark.parametrize("samples", [1, 4])
def test_orders_about_the_threshold(samples):
    heard = hear(
        protocol.encode_threshold(1), protocol.encode_threshold(2, 0x7FFFF),
        protocol.encode_learn(3, LEARN), protocol.encode_threshold(4, 0),
        protocol.encode_status(5), score_bits=19, samples=samples,
    )  # fmt: skip
    assert [order[0] for order in heard.orders] == ["threshold", "learn", "threshold"]
    (_, first), (_, order), (_, last) = heard.orders
    assert (first >> 64, last >> 64) == (0x7FFFF, 0)
    assert order == 0x090A_05060708_01020304
    assert heard.answers == [
        *((Type.THRESHOLD_REPLY, number) for number in (1, 2, 3, 4)), (Type.STATUS_REPLY, 5)
    ]  # fmt: skip
    assert heard.events == {"frames": 5}
    assert heard.refusals == heard.replays == heard.lives == heard.samples == heard.stores == []


@pytest.mark.parametrize(
    "frame", [protocol.encode_threshold(9), protocol.encode_threshold(9, 1),
              protocol.encode_learn(9, LEARN)],
)  # fmt: skip
def test_orders_about_a_threshold_that_is_not_there(frame):
    assert hear(frame).refusals == [(ErrorCode.UNKNOWN_TYPE, 9)]


SET = protocol.encode_threshold(9, 0x1234)
BROKEN_ORDERS = {
    "sum": (changed(SET, 10, 0x35)[:-4] + SET[-4:], ErrorCode.BAD_CRC),
    "sum of a learn phase": (protocol.encode_learn(9, LEARN)[:-1] + b"?", ErrorCode.BAD_CRC),
    "one bit too many": (protocol.encode_threshold(9, 1 << 19), ErrorCode.BAD_SAMPLE),
    "all bits": (protocol.encode(Type.THRESHOLD, 9, b"\xff" * 4), ErrorCode.BAD_SAMPLE),
    "short": (protocol.encode(Type.THRESHOLD, 9, bytes(2)), ErrorCode.BAD_LENGTH),
    "long": (protocol.encode(Type.THRESHOLD, 9, bytes(12)), ErrorCode.BAD_LENGTH),
    "learn nothing": (protocol.encode(Type.LEARN, 9), ErrorCode.BAD_LENGTH),
    "learn too little": (protocol.encode(Type.LEARN, 9, bytes(4)), ErrorCode.BAD_LENGTH),
}


@pytest.mark.parametrize("case", BROKEN_ORDERS)
def test_an_order_that_is_refused_does_nothing(case):
    frame, code = BROKEN_ORDERS[case]
    heard = hear(frame, QUIET, protocol.encode_threshold(2, 7), score_bits=19)
    assert heard.refusals == [(code, 9)]
    assert [(name, order >> 64) for name, order in heard.orders] == [("threshold", 7)]
    assert heard.events[code.name.lower()] == 1


@pytest.mark.parametrize("length", range(10, 18))
@pytest.mark.parametrize("how", [QUIET, BROKEN])
def test_an_order_that_breaks_off_does_nothing(length, how):
    heard = hear(SET[:length], how, QUIET, protocol.encode_learn(2, LEARN), score_bits=19)
    assert [name for name, _ in heard.orders] == ["learn"]
    assert heard.orders[0][1] == 0x090A_05060708_01020304
    assert heard.answers == [(Type.THRESHOLD_REPLY, 2)]


WINDOW = protocol.encode_window(9, A)
REFUSED = {
    "sum": (WINDOW[:-1] + bytes([WINDOW[-1] ^ 0x40]), ErrorCode.BAD_CRC),
    "sum of a question": (
        protocol.encode_hello(9)[:-4] + bytes(4), ErrorCode.BAD_CRC
    ),
    "version": (changed(WINDOW, 2, 3), ErrorCode.BAD_VERSION),
    "version 0": (changed(WINDOW, 2, 0), ErrorCode.BAD_VERSION),
    "type": (protocol.encode(0x42, 9), ErrorCode.UNKNOWN_TYPE),
    "board's type": (protocol.encode(Type.RESULT, 9), ErrorCode.UNKNOWN_TYPE),
    "short": (protocol.encode_window(9, A[:3]), ErrorCode.BAD_LENGTH),
    "long": (protocol.encode_window(9, [*A, 0]), ErrorCode.BAD_LENGTH),
    "very long": (changed(WINDOW, 9, 1), ErrorCode.BAD_LENGTH),
    "hello with something": (protocol.encode(Type.HELLO, 9, b"x"), ErrorCode.BAD_LENGTH),
    "status with something": (protocol.encode(Type.STATUS, 9, b"xy"), ErrorCode.BAD_LENGTH),
    "replay without a count": (protocol.encode(Type.REPLAY, 9), ErrorCode.BAD_LENGTH),
    "replay without a window": (protocol.encode_replay(9, 1), ErrorCode.NO_WINDOW),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    """Nothing is done; nothing is heard until the line was quiet, and then all is."""
    frame, code = REFUSED[case]
    after = protocol.encode_status(1)
    heard = hear(frame, after, QUIET, protocol.encode_status(2))
    assert heard.refusals == [(code, 9)]
    assert heard.answers == [(Type.STATUS_REPLY, 2)]
    stray = heard.events.pop("stray")
    assert heard.events == {code.name.lower(): 1, "frames": 1}
    # Bytes of the refused frame behind the point, and the whole frame that nobody heard.
    assert stray >= len(after)
    assert heard.replays == heard.lives == []
    assert heard.states[-1] == (0, 0, 0)
    expected = {"sum": 3}.get(case, 0)
    assert len(heard.samples) == expected


@pytest.mark.parametrize("adc_bits", [1, 4, 12, 15, 16])
def test_samples_that_fit_and_that_do_not(adc_bits):
    low, high = -(1 << (adc_bits - 1)), (1 << (adc_bits - 1)) - 1
    fine = [low, high, 0, -1]
    heard = hear(protocol.encode_window(1, fine), 20, DONE, adc_bits=adc_bits)
    assert heard.samples == list(zip(fine, FIRSTS, strict=True))
    assert [value for _, value in heard.stores] == [value % (1 << adc_bits) for value in fine]
    for value in {low - 1, high + 1, 32767, -32768} - {low, high}:
        if not -32768 <= value <= 32767:
            continue
        heard = hear(protocol.encode_window(1, [0, value, 0, 0]), adc_bits=adc_bits)
        assert heard.refusals == [(ErrorCode.BAD_SAMPLE, 1)]
        assert heard.samples == [(0, 1)]
        assert heard.events["bad_sample"] == 1


@pytest.mark.parametrize("length", [1, 2, 3, 9, 10, 11, 13, 17, 18, 21])
@pytest.mark.parametrize("how", [QUIET, BROKEN, LOW])
def test_a_frame_that_breaks_off(length, how):
    """At any place: in the sync nobody minds; behind it the host is told."""
    heard = hear(WINDOW[:length], how, QUIET, protocol.encode_window(3, B), 20, DONE)
    code = ErrorCode.TIMEOUT if how == QUIET else ErrorCode.FRAMING
    inside = length >= 2
    # The sequence number may not have come yet.
    sequence = [told for _, told in heard.refusals]
    assert [code for code, _ in heard.refusals] == [code] * inside
    if length >= 10:
        assert sequence == [9]
    events = {"frames": 1}
    if how == QUIET and inside:
        events["timeout"] = 1
    if how in (BROKEN, LOW):
        events["framing"] = 1
    if how == LOW:
        events["break"] = 1
    assert heard.events == events
    assert heard.samples[-4:] == list(zip(B, FIRSTS, strict=True))
    assert heard.states[-1] == (3, 0, 1)


def test_noise_is_counted_and_passed_over():
    frame = protocol.encode_status(1)
    heard = hear(b"\x00\x5a\xff", b"\xa5\x11", b"\xa5\xa5" + frame[1:])
    assert heard.answers == [(Type.STATUS_REPLY, 1)]
    # Three bytes, the one behind the first A5, and the second A5 of the last.
    assert heard.events == {"stray": 5, "frames": 1}


def test_bytes_without_a_stop_bit_between_frames_are_counted():
    heard = hear(BROKEN, LOW, protocol.encode_status(1))
    assert heard.events == {"framing": 2, "break": 1, "frames": 1}
    assert heard.refusals == []


def test_windows_and_replays_while_the_core_is_not_free():
    window = protocol.encode_window(1, A)
    heard = hear(
        window, 20, DONE, ENGAGE, protocol.encode_window(2, B), QUIET,
        protocol.encode_replay(3, 1), QUIET, FREE, protocol.encode_replay(4, 7),
    )  # fmt: skip
    assert heard.refusals == [(ErrorCode.BUSY, 2), (ErrorCode.BUSY, 3)]
    assert heard.events["busy"] == 2
    assert heard.replays == [7]
    assert heard.samples == list(zip(A, FIRSTS, strict=True))
    assert heard.states[-1] == (4, 0, 1)


def test_a_replay_while_a_result_is_to_come():
    heard = hear(protocol.encode_window(1, A), 20, protocol.encode_replay(2, 1), QUIET, DONE,
                 protocol.encode_replay(3, 1))  # fmt: skip
    assert heard.refusals == [(ErrorCode.BUSY, 2)]
    assert heard.replays == [1]
    assert heard.states[-1] == (3, 0, 1)


def test_a_replay_of_no_times():
    heard = hear(protocol.encode_window(1, A), 20, DONE, protocol.encode(Type.REPLAY, 2, bytes(2)))
    assert heard.refusals == [(ErrorCode.BAD_LENGTH, 2)]
    assert heard.replays == []


@pytest.mark.parametrize("count", [1, 0x100, 0x8000])
def test_a_replay_of_any_times(count):
    heard = hear(protocol.encode_window(1, A), 20, DONE, protocol.encode_replay(2, count))
    assert heard.replays == [count]


def test_a_window_that_broke_is_not_stored():
    bad = bytearray(protocol.encode_window(2, B))
    bad[-2] ^= 1
    heard = hear(protocol.encode_window(1, A), 20, DONE, bytes(bad), QUIET,
                 protocol.encode_replay(3, 1))  # fmt: skip
    assert heard.refusals == [(ErrorCode.BAD_CRC, 2), (ErrorCode.NO_WINDOW, 3)]
    assert heard.states[-1] == (1, 0, 0)


def test_a_window_stays_stored_whatever_else_comes():
    heard = hear(
        protocol.encode_window(1, A), 20, DONE, protocol.encode_status(2),
        protocol.encode(0x33, 3), QUIET, protocol.encode_replay(4, 2),
    )  # fmt: skip
    assert heard.replays == [2]
    assert heard.refusals == [(ErrorCode.UNKNOWN_TYPE, 3)]


def test_samples_that_the_core_does_not_take():
    heard = hear(STALL, protocol.encode_window(1, A), QUIET, GO)
    assert heard.refusals == [(ErrorCode.OVERRUN, 1)]
    assert heard.events["overrun"] == 1
    assert heard.samples == []


def test_answers_that_nobody_takes_are_dropped_but_for_the_first():
    heard = hear(
        DEAF, protocol.encode_hello(1), protocol.encode_status(2), protocol.encode(0x33, 3), QUIET,
        protocol.encode(0x34, 4), QUIET, LISTEN, 5, protocol.encode_status(5),
    )  # fmt: skip
    assert heard.answers == [(Type.HELLO_REPLY, 1), (Type.STATUS_REPLY, 5)]
    assert heard.refusals == [(ErrorCode.UNKNOWN_TYPE, 3)]
    assert heard.events["dropped"] == 2
    assert heard.events["unknown_type"] == 2
    assert heard.events["frames"] == 3


def test_the_time_out_to_the_cycle():
    """Bytes that are almost too far apart are still one frame; a cycle more, and it has broken."""
    frame = protocol.encode_status(1)
    pieces = [piece for byte in frame for piece in (bytes([byte]), TIMEOUT - GAP)]
    heard = hear(*pieces)
    assert heard.answers == [(Type.STATUS_REPLY, 1)]
    assert hear(frame[:5], TIMEOUT - GAP + 4, frame[5:]).refusals[0][0] == ErrorCode.TIMEOUT


@pytest.mark.parametrize("late", [0, 1, 2])
@pytest.mark.parametrize("place", [5, 13, 18, 21])
def test_a_byte_in_the_very_cycle_of_the_time_out(place, late):
    """A frame is refused or obeyed, never both; and nothing of it vouches for the next one."""
    frame, wrong = protocol.encode_window(1, A), bytearray(protocol.encode_window(2, B))
    wrong[-1] ^= 1
    pause = TIMEOUT - GAP + late  # from the first that is in time to the first that is not
    heard = hear(frame[:place], pause, frame[place:], 20, DONE, QUIET, wrong, QUIET)
    refused = (ErrorCode.TIMEOUT in dict(heard.refusals), "frames" in heard.events)
    assert refused == (late == 2, late != 2)
    whole = list(zip(A, FIRSTS, strict=True))
    assert (whole == heard.samples[:4]) == (late != 2)
    assert (B[-1], 0) not in heard.samples
    assert heard.refusals[-1] == (ErrorCode.BAD_CRC, 2)


@pytest.mark.usefixtures("refusing")
def test_widths():
    dut = FrameReceiver(1000, 12, 10)
    ports = {"sequence": 16, "argument": 16, "events": 16, "busy": 1, "done": 1, "engaged": 1,
             "replay": 1, "live": 1, "stored": 1, "abandon": 1, "broken": 1, "low": 1}  # fmt: skip
    assert {name: len(getattr(dut, name)) for name in ports} == ports
    assert (len(dut.store.address), len(dut.store.value), len(dut.store.enable)) == (10, 12, 1)
    assert (len(dut.samples.p.value), len(dut.refusal.p.code)) == (12, 8)
    FrameReceiver(1, 1, 1)
    FrameReceiver(1 << 30, 16, 1 << 40)
    for given in ((1 << 30 | 1, 16, 1), (1, 16, 1 << 40 | 1)):
        with pytest.raises(ValueError, match="must be 1 to"):
            FrameReceiver(*given)
