"""The serial line by itself."""

from __future__ import annotations

import pytest
from amaranth.sim import Simulator

from hwgen.boards.uart import UartReceiver, UartTransmitter, uart_divisor
from hwgen.errors import CannotMeetError

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
