"""The serial line by itself."""

from __future__ import annotations

import pytest
from amaranth.sim import Simulator

from hwgen.errors import CannotMeetError
from hwgen.gateware.link.uart import UartReceiver, UartTransmitter, check_pace, uart_divisor

DIVISOR = 32


def receive(line, divisor=DIVISOR):
    """Drive the line, one entry a clock cycle; return the bytes."""
    dut = UartReceiver(divisor)
    got = []

    async def drive(ctx):
        for level in line:
            ctx.set(dut.rx, level)
            _, _, valid, payload = await ctx.tick().sample(dut.o.valid, dut.o.payload)
            if valid:
                got.append(payload)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.run()
    return got


def wave(data, divisor=DIVISOR, stop=1):
    bits = [1, 1]
    for byte in data:
        bits += [0, *((byte >> i) & 1 for i in range(8)), stop]
    bits += [1, 1]
    return [bit for bit in bits for _ in range(divisor)]


def test_bytes_arrive():
    assert receive(wave([0x00, 0xFF, 0xA5, 0x5A])) == [0x00, 0xFF, 0xA5, 0x5A]


@pytest.mark.parametrize("divisor", [31, 33])
def test_sender_three_per_cent_off(divisor):
    data = [0x55, 0x80, 0x01, 0xFE]
    assert receive(wave(data, divisor)) == data


@pytest.mark.parametrize("offset", range(DIVISOR))
def test_a_spike_in_every_bit_does_not_matter(offset):
    line = wave([0x3C])
    for cycle in range(2 * DIVISOR + offset, 12 * DIVISOR, DIVISOR):
        line[cycle] ^= 1
    assert receive(line) == [0x3C]


def test_byte_without_stop_bit_is_dropped():
    broken = wave([0x12], stop=0)
    assert receive(broken + wave([0x34])) == [0x34]


def test_break_gives_nothing():
    assert receive([0] * (30 * DIVISOR) + wave([0x77])) == [0x77]


def test_transmitter_frames_and_rests_high():
    dut = UartTransmitter(8)
    levels = []

    async def drive(ctx):
        for byte in (0xA5, 0x01):
            ctx.set(dut.i.payload, byte)
            ctx.set(dut.i.valid, 1)
            await ctx.tick().until(dut.i.ready)
        ctx.set(dut.i.valid, 0)
        await ctx.tick().repeat(100)

    async def watch(ctx):
        async for *_, level in ctx.tick().sample(dut.tx):
            levels.append(level)

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.add_testbench(watch, background=True)
    simulator.run()
    assert receive([1] * 20 + levels, 8) == [0xA5, 0x01]
    assert levels[0] == 1
    assert levels[-1] == 1


def test_divisor():
    assert uart_divisor(100.0, 1_000_000) == 100
    assert uart_divisor(106.25, 1_000_000) == 106
    assert uart_divisor(25.0, 115200) == 217


@pytest.mark.parametrize("baud", [0, -5, 3_200_000, 25_000_000])
def test_divisor_refuses(baud):
    with pytest.raises(CannotMeetError, match="baud must be"):
        uart_divisor(25.0, baud)
    with pytest.raises(CannotMeetError, match="within 2 %"):
        uart_divisor(20.0, 2_350_000)


def test_parameters_are_checked(refusing):
    with pytest.raises(ValueError, match="divisor must be at least 8, not 7"):
        UartReceiver(7)
    with pytest.raises(TypeError, match="divisor must be an integer"):
        UartTransmitter(8.5)


def events(line, divisor=DIVISOR):
    """Drive the line; return (cycle, "byte", value) and (cycle, "broken", low) as they come."""
    dut = UartReceiver(divisor)
    got = []

    async def drive(ctx):
        for cycle, level in enumerate(line):
            ctx.set(dut.rx, level)
            if ctx.get(dut.o.valid):
                got.append((cycle, "byte", ctx.get(dut.o.payload)))
            if ctx.get(dut.broken):
                got.append((cycle, "broken", ctx.get(dut.low)))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.run()
    return got


@pytest.mark.parametrize(("divisor", "spread"), [(8, 1), (9, 1), (16, 1), (32, 2), (48, 3)])
def test_where_a_bit_is_looked_at(divisor, spread):
    """The majority of three cycles around its middle: two of them decide, and no others."""
    clean = wave([0x00], divisor)
    bit = 5 * divisor  # of the byte's third
    places = [(divisor - 1) // 2 + spread * step for step in (-1, 0, 1)]

    def read(flipped):
        line = list(clean)
        for place in flipped:
            line[bit + place] ^= 1
        return receive(line, divisor)

    for kept in places:
        assert read([place for place in places if place != kept]) == [0x04]
        assert read(
            [place for place in range(divisor) if place not in places or place == kept]
        ) == [0]


@pytest.mark.parametrize("divisor", [8, 13, 32])
def test_when_bytes_come(divisor):
    """Near the middle of the stop bit, whatever came before; the line may go on at once."""
    line = wave([0x81, 0x7E, 0xFF], divisor)
    got = events(line, divisor)
    assert [value for _, _, value in got] == [0x81, 0x7E, 0xFF]
    spread = max(1, divisor // 16)
    first = 11 * divisor + (divisor - 1) // 2 + spread + 3
    assert [cycle for cycle, *_ in got] == [first + 10 * divisor * number for number in range(3)]


@pytest.mark.parametrize(("byte", "low"), [(0x00, 1), (0x01, 0), (0x80, 0), (0x10, 0)])
def test_a_byte_without_a_stop_bit_is_told(byte, low):
    line = wave([byte], stop=0) + [1] * DIVISOR + wave([0x5A])
    got = events(line)
    assert [(kind, value) for _, kind, value in got] == [("broken", low), ("byte", 0x5A)]


def test_a_long_break_is_told_once():
    got = events([1] * 40 + [0] * (35 * DIVISOR) + wave([0x77]))
    assert [(kind, value) for _, kind, value in got] == [("broken", 1), ("byte", 0x77)]


def test_nothing_is_told_of_a_line_that_is_low_from_the_start():
    assert events([0] * (15 * DIVISOR) + wave([0x42]))[-1][1:] == ("byte", 0x42)


def test_a_spike_is_no_start_bit():
    line = [1] * 50 + [0] * 3 + [1] * (DIVISOR - 3) + wave([0xC3])
    assert [value for _, _, value in events(line)] == [0xC3]


def test_a_start_bit_right_behind_a_spike():
    line = [1] * 50 + [0] * 2 + [1] * (DIVISOR // 2 + 4) + wave([0x99])[2 * DIVISOR :]
    assert [value for _, _, value in events(line)] == [0x99]


@pytest.mark.parametrize("divisor", [8, 13, 100])
def test_a_byte_is_sent_to_the_cycle(divisor):
    dut = UartTransmitter(divisor)
    data, levels, taken = [0xA5, 0x00, 0xFF, 0x3C], [], []

    async def drive(ctx):
        left = list(data)
        for cycle in range(4 * (10 * divisor + 1) + 40):
            # The third one comes after a rest.
            ready = bool(left) and (len(left) != 2 or cycle > 2 * (10 * divisor + 1) + 17)
            ctx.set(dut.i.valid, ready)
            ctx.set(dut.i.payload, left[0] if left else 0x55)
            levels.append(ctx.get(dut.tx))
            if ready and ctx.get(dut.i.ready):
                taken.append(cycle)
                left.pop(0)
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.run()
    period = 10 * divisor + 1
    assert taken == [0, period, 2 * period + 18, 3 * period + 18]
    expected = [1] * len(levels)
    for start, byte in zip(taken, data, strict=True):
        bits = [0, *(byte >> at & 1 for at in range(8)), 1]
        for at, bit in enumerate(bits):
            begin = start + 1 + at * divisor
            expected[begin : begin + divisor] = [bit] * divisor
    assert levels == expected


def test_the_smallest_and_the_least_exact_divisors():
    assert uart_divisor(8.0, 1_000_000) == 8
    with pytest.raises(CannotMeetError, match="baud must be at most 999875 and a whole fraction"):
        uart_divisor(7.999, 1_050_000)
    # 2 % off, and a little more.
    assert uart_divisor(10.0, 1_018_000) == 10
    with pytest.raises(CannotMeetError, match="within 2 %, not 1021000"):
        uart_divisor(10.0, 1_021_000)
    assert uart_divisor(10.0, 981_500) == 10
    with pytest.raises(CannotMeetError, match="within 2 %, not 979000"):
        uart_divisor(10.0, 979_000)
    assert uart_divisor(0.001, 1) == 1000
    with pytest.raises(CannotMeetError, match="baud must be positive, not 0"):
        uart_divisor(1.0, 0)


@pytest.mark.parametrize(("pause", "fits"), [(1, True), (160, True), (161, False), (400, False)])
def test_the_pace_of_a_line(pause, fits):
    """A sample takes two bytes of ten bits."""
    if fits:
        check_pace(8, pause, 1_000_000)
        return
    highest = 160 * 1_000_000 // pause
    text = (
        f"baud must be at most {highest} for a design that takes a sample every {pause} cycles, "
        f"not 1000000; give --baud {highest // 1000 * 1000}"
    )
    with pytest.raises(CannotMeetError, match=text):
        check_pace(8, pause, 1_000_000)


def test_ports():
    receiver, sender = UartReceiver(8), UartTransmitter(8)
    ones = (receiver.rx, receiver.broken, receiver.low, sender.tx)
    assert [len(port) for port in ones] == [1] * 4
    assert (len(receiver.o.payload), len(sender.i.payload)) == (8, 8)
    assert receiver.signature.members["rx"].init == 1
    assert sender.signature.members["tx"].init == 1
