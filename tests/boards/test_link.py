"""Frames bit by bit through the serial line, the core and back."""

from __future__ import annotations

import pytest
from amaranth.sim import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import protocol
from hwgen.boards.top import LinkedCore
from hwgen.protocol import ErrorCode, Type
from tests.boards.stand_in import SumCore, expected

DIVISOR = 8
CLOCK_MHZ = 8.0
BAUD = 1_000_000
TIMEOUT_BYTES = 6
DIGEST = "0123456789abcdef" * 4
A = [1, -2, 300, -400, 32767, -32768, 7, 8]
B = [-5, 5, -6, 6, -7, 7, -8, 9]


def exchange(*pieces, core=None, answers=1):
    """Send bytes (an int is a pause in byte times); return the frames that come back."""
    core = core or SumCore()
    timeout_s = TIMEOUT_BYTES * 10 / BAUD
    dut = LinkedCore(core, clock_mhz=CLOCK_MHZ, baud=BAUD, digest=DIGEST, frame_timeout_s=timeout_s)
    received = bytearray()
    decoder = protocol.Decoder()
    frames = []
    results = []

    async def host(ctx):
        for piece in pieces:
            if isinstance(piece, int):
                await ctx.tick().repeat(piece * 10 * DIVISOR)
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
        bytes.fromhex(DIGEST)[:8], input_samples=8, clock_khz=8000, classes=3, adc_bits=16
    )


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


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.lists(st.integers(-32768, 32767), min_size=8, max_size=8), st.integers(0, 65535))
def test_any_window(samples, sequence):
    frames, _ = exchange(protocol.encode_window(sequence, samples))
    assert_result(frames[0], sequence, samples)


@pytest.mark.parametrize("attribute", [{"adc_bits": 17}, {"logit_bits": 33}])
def test_core_that_does_not_fit_the_protocol_is_refused(attribute, refusing):
    with pytest.raises(ValueError, match="must be 1 to"):
        LinkedCore(SumCore(**attribute), clock_mhz=8.0, baud=BAUD, digest=DIGEST)
