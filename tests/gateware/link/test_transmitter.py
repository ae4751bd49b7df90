"""Results and answers become frames, byte by byte."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen import protocol
from hwgen.gateware.link import transmitter
from hwgen.gateware.link.transmitter import (
    MAX_CLASS_BITS,
    MAX_NUMBER_BITS,
    STATE,
    TAIL_BITS,
    FrameTransmitter,
)
from hwgen.hardware.contract import result_layout
from hwgen.plans.facts import Answer
from hwgen.protocol import Counter, ErrorCode, Hello, State, Type

CLASSES, CLASS_BITS, LOGIT_BITS = 3, 2, 20
ANSWER = Answer(CLASSES, LOGIT_BITS, 0, 0)
HELLO = Hello(bytes(range(0x31, 0x39)), 4096, 123_456, CLASSES, 12, 98_765)


@dataclass(frozen=True)
class Ask:
    """Something to send: which port, and its fields; and the values that come beside it."""

    port: str
    fields: dict
    numbers: tuple[int, ...] = ()


def result(
    kind, sequence, *, class_=1, logits=(1, -2, 3), cycles=99, flags=0, faults=0, tail=0, numbers=()
):
    told = {"class_": class_, "logits": list(logits)} if logits else {}
    fields = {
        "result": told | {"cycles": cycles},
        "type": kind, "sequence": sequence, "flags": flags, "faults": faults, "tail": tail,
    }  # fmt: skip
    return Ask("result", fields, tuple(numbers))


def answer(kind, sequence):
    return Ask("answer", {"type": kind, "sequence": sequence})


def refusal(code, sequence):
    return Ask("refusal", {"code": code, "sequence": sequence})


def count_of(counter):
    """Return what the counters hold."""
    return 0x0302_0100 * counter + 0x10 + counter


def send(asks, *, dut=None, ready=lambda cycle: True, state=0b101, limit=6000, late=0):
    """Offer all at once, each port in turn; return bytes, their cycles, and when each was taken.

    Values come `late` cycles after the ones before them have been taken.
    """
    dut = dut or FrameTransmitter(HELLO, ANSWER)
    waiting = {port: [ask for ask in asks if ask.port == port] for port in
               ("result", "answer", "refusal")}  # fmt: skip
    sent, taken, reads = [], [], []
    values = [number for ask in waiting["result"] for number in ask.numbers]

    async def process(ctx):
        quiet, wait = 0, late
        for cycle in range(limit):
            for port, queue in waiting.items():
                ctx.set(getattr(dut, port).valid, bool(queue))
                if queue:
                    ctx.set(getattr(dut, port).p, queue[0].fields)
            ctx.set(dut.state, state)
            ctx.set(dut.o.ready, int(ready(cycle)))
            if hasattr(dut, "values"):
                wait = max(0, wait - 1)
                ctx.set(dut.values.valid, bool(values) and not wait)
                ctx.set(dut.values.payload, values[0] if values and not wait else -1)
                if ctx.get(dut.values.ready):
                    values.pop(0)
                    wait = late
            # The counter is there in the cycle of reading, and only then.
            reading = ctx.get(dut.read)
            ctx.set(dut.count, count_of(ctx.get(dut.counter)) if reading else 0xDEAD)
            if reading:
                reads.append(ctx.get(dut.counter))
            if ctx.get(dut.o.valid) and ready(cycle):
                sent.append((cycle, ctx.get(dut.o.payload)))
                quiet = 0
            for port, queue in waiting.items():
                if ctx.get(getattr(dut, port).ready) and queue:
                    taken.append((cycle, port))
                    queue.pop(0)
            quiet += 1
            if quiet > 30 + late and not any(waiting.values()) and ready is not None:
                return
            await ctx.tick()
        raise AssertionError("it never ended")

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return bytes(byte for _, byte in sent), [cycle for cycle, _ in sent], taken, reads


def frame(kind, sequence, payload):
    """Return a frame by the protocol's page."""
    body = struct.pack("<BBHI", 2, kind, sequence, len(payload)) + payload
    return b"\xa5\x5a" + body + struct.pack("<I", zlib.crc32(body))


def payload(fields, tail=b"", numbers=()):
    found = fields["result"]
    head = struct.pack(
        "<HBBI",
        found.get("class_", protocol.NO_CLASS),
        fields["flags"],
        fields["faults"],
        found["cycles"],
    )
    numbers = [*found.get("logits", []), *numbers]
    return head + struct.pack(f"<{len(numbers)}i", *numbers) + tail


ANY = 0x0F0E_0D0C_0B0A_0908_0706_0504_0302_0180


@pytest.mark.parametrize(
    ("kind", "size"), [(Type.RESULT, 0), (Type.REPLAYED, 16), (Type.DIAGNOSIS, 8)]
)
def test_results(kind, size):
    logits = (-(1 << 19), (1 << 19) - 1, -1)
    ask = result(kind, 0xBEEF, class_=2, logits=logits, cycles=0xFEDC_BA98, flags=0x5A, faults=0xC3,
                 tail=ANY)  # fmt: skip
    sent, cycles, taken, reads = send([ask])
    tail = ANY.to_bytes(16, "little")[:size]
    assert sent == frame(kind, 0xBEEF, payload(ask.fields, tail))
    # It is taken when it has been sent: with the last byte before the check sum.
    assert taken == [(cycles[-5], "result")]
    assert reads == []


@pytest.mark.parametrize(
    "shape",
    [
        (1, 1, 0, 0), (2, 32, 0, 0), (5, 17, 3, 9), (13, 24, 1, 32), (0, 0, 7, 8), (2, 9, 30, 9),
        (30, 9, 2, 4),
    ],
)  # fmt: skip
@pytest.mark.parametrize("late", [0, 40])
def test_widths_of_results(shape, late):
    """Logits, values, or both; without logits there is no class; a frame waits for its values."""
    classes, logit_bits, numbers, number_bits = shape
    rng = np.random.default_rng(classes)

    def some(count, bits):
        high = 1 << (bits - 1) if bits else 1
        return rng.integers(-high, high, count).tolist()

    hello = Hello(bytes(8), 1, 1, classes, 1, 1, numbers=numbers)
    dut = FrameTransmitter(hello, Answer(*shape))
    class_ = (1 << (classes - 1).bit_length()) - 1 if classes else protocol.NO_CLASS
    logits, values = some(classes, logit_bits), some(numbers, number_bits)
    asks = [
        result(kind, 1, class_=class_, logits=logits, tail=ANY << 1, numbers=values)
        for kind in (Type.RESULT, Type.REPLAYED, Type.DIAGNOSIS)
    ]
    sent, cycles, *_ = send(asks, dut=dut, limit=60_000, late=late)
    # Of many logits one is chosen in more cycles; values take one more to be told from them.
    body = 8 + 8 + 4 * (classes + numbers)
    apart = 5 + (classes + 6 > 32) + bool(numbers)
    steps = np.diff(cycles[1 : 2 + body]).tolist()
    if not late or numbers < 2:
        assert set(steps) == {apart}
    else:
        assert max(steps) > apart == min(steps)
    tail = (ANY << 1).to_bytes(17, "little")
    expected = [
        frame(ask.fields["type"], 1, payload(ask.fields, tail[:size], ask.numbers))
        for ask, size in zip(asks, (0, 16, 8), strict=True)
    ]
    assert sent == b"".join(expected)


@pytest.mark.parametrize(
    ("words", "sizes"), [(1, [4]), (32, [4]), (33, [4, 8]), (256, [4, 8]), (257, [4, 8, 8])]
)
def test_no_choice_of_a_cycle_is_among_many(words, sizes):
    assert transmitter._choices(words) == sizes
    left = words
    for size in sizes:
        left = -(-left // size)
    assert left <= 8


def test_hello_with_numbers():
    hello = Hello(HELLO.digest, 4096, 123_456, CLASSES, 12, 98_765, numbers=70_000)
    sent, *_ = send([answer(Type.HELLO_REPLY, 1)], dut=FrameTransmitter(hello, ANSWER))
    (told,) = protocol.Decoder().feed(sent)
    assert protocol.decode_hello(told) == hello


def test_hello():
    sent, _, taken, _ = send([answer(Type.HELLO_REPLY, 0x1234)])
    told = struct.pack("<8sIIIHBB", HELLO.digest, 4096, 123_456, 98_765, CLASSES, 12, 0)
    assert sent == frame(Type.HELLO_REPLY, 0x1234, told)
    assert taken == [(0, "answer")]


@pytest.mark.parametrize("state", range(8))
def test_status(state):
    sent, _, _, reads = send([answer(Type.STATUS_REPLY, 9)], state=state)
    words = [state, *(count_of(counter) for counter in Counter)]
    assert sent == frame(Type.STATUS_REPLY, 9, struct.pack(f"<{len(words)}I", *words))
    assert set(Counter) <= set(reads)


SCORED = Answer(2, LOGIT_BITS, 0, 0, threshold=5)
STANDS = {"value": 0x12345, "collected": 7, "wanted": 1 << 31, "origin": 2, "learning": 1}


def test_a_threshold_is_told_as_it_stood_when_it_was_asked():
    dut = FrameTransmitter(HELLO, SCORED)
    sent = []

    async def process(ctx):
        ctx.set(dut.threshold, STANDS)
        ctx.set(dut.answer.valid, 1)
        ctx.set(dut.answer.p, {"type": Type.THRESHOLD_REPLY, "sequence": 77})
        ctx.set(dut.o.ready, 1)
        await ctx.tick()
        ctx.set(dut.answer.valid, 0)
        ctx.set(dut.threshold, dict.fromkeys(STANDS, 0))
        for _ in range(400):
            if ctx.get(dut.o.valid):
                sent.append(ctx.get(dut.o.payload))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    (told,) = protocol.Decoder().feed(bytes(sent))
    assert (told.type, told.sequence) == (Type.THRESHOLD_REPLY, 77)
    assert protocol.decode_threshold(told) == protocol.Threshold(
        0x12345, protocol.Origin.LEARNT, True, 7, 1 << 31
    )


def test_what_else_a_board_with_a_score_sends():
    asks = [answer(Type.HELLO_REPLY, 1), answer(Type.STATUS_REPLY, 2), refusal(3, 4),
            result(Type.RESULT, 5, logits=(6, 7))]  # fmt: skip
    sent, *_ = send(asks, dut=FrameTransmitter(HELLO, SCORED))
    assert sent == send(asks, dut=FrameTransmitter(HELLO, Answer(2, LOGIT_BITS, 0, 0)))[0]


def test_refusal():
    sent, _, taken, _ = send([refusal(ErrorCode.BUSY, 0xFF01)])
    assert sent == frame(Type.ERROR, 0xFF01, bytes([ErrorCode.BUSY]))
    assert taken == [(0, "refusal")]


def test_refusals_go_first_and_results_last():
    asks = [
        result(Type.RESULT, 1), result(Type.REPLAYED, 2), answer(Type.HELLO_REPLY, 3),
        answer(Type.STATUS_REPLY, 4), refusal(7, 5), refusal(200, 6),
    ]  # fmt: skip
    sent, _, taken, _ = send(asks)
    frames = protocol.Decoder().feed(sent)
    assert [one.sequence for one in frames] == [5, 6, 3, 4, 1, 2]
    assert frames[1].payload == b"\xc8"
    assert [port for _, port in taken] == ["refusal"] * 2 + ["answer"] * 2 + ["result"] * 2


@pytest.mark.parametrize("seed", range(3))
def test_a_line_that_takes_bytes_when_it_likes(seed):
    rng = np.random.default_rng(seed)
    pattern = (rng.random(20_000) < (0.1, 0.5, 0.9)[seed]).tolist()
    asks = [
        result(Type.DIAGNOSIS, 3, tail=ANY), answer(Type.STATUS_REPLY, 4), refusal(1, 5),
        result(Type.RESULT, 6),
    ]  # fmt: skip
    sent, *_ = send(asks, ready=pattern.__getitem__, limit=20_000)
    assert sent == send(asks)[0]


def test_a_byte_every_few_cycles():
    """Five cycles a byte of the body, two a byte of the check sum: no line is that fast."""
    _, cycles, *_ = send([result(Type.RESULT, 1)])
    steps = np.diff(cycles).tolist()
    body = 8 + 8 + 4 * CLASSES
    assert steps == [1] + [5] * body + [2] * 4


def test_layout_and_names():
    assert STATE == (
        State.BUSY, State.LIVE, State.STORED, State.ABSENT, State.FOREIGN, State.CORRUPT,
    )  # fmt: skip
    assert TAIL_BITS == 128
    assert (MAX_NUMBER_BITS, MAX_CLASS_BITS) == (32, 16)
    layout = result_layout(Answer(5, 17, 0, 0))
    assert [(name, field.offset, field.width) for name, field in layout] == [
        ("class_", 0, 3), ("logits", 3, 85), ("cycles", 88, 32),
    ]  # fmt: skip
    assert layout["logits"].shape.elem_shape.signed
    dut = FrameTransmitter(HELLO, ANSWER)
    ports = (dut.state, dut.read, dut.counter, dut.count, dut.o.payload, dut.answer.p.sequence)
    assert [len(port) for port in ports] == [3, 1, 4, 32, 8, 16]
    assert [len(dut.result.p[name]) for name in ("sequence", "flags", "faults")] == [16, 8, 8]


@pytest.mark.parametrize("shape", [(1, 1, 0, 0), (1 << 16, 1, 0, 0), (2, 32, 2, 32)])
def test_the_ends_of_the_widths_are_taken(shape):
    FrameTransmitter(HELLO, Answer(*shape))


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        (("hello", ANSWER), TypeError, "hello must be a Hello"),
        ((HELLO, Answer(65_537, 8, 0, 0)), ValueError, "classes must be 0 to 65536, not 65537"),
        ((HELLO, Answer(2, 33, 0, 0)), ValueError, "logit_bits must be 0 to 32, not 33"),
        ((HELLO, Answer(2, 3, 1, 33)), ValueError, "number_bits must be 0 to 32, not 33"),
    ],
)
def test_parameters(given, error, text, refusing):
    with pytest.raises(error, match=text):
        FrameTransmitter(*given)
