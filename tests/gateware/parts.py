"""Models of sensor parts, after their data sheets: they drive pins and complain of wrong timing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


def sequence(bits, count=64, seed=1):
    """Return signed values, the ends of the range first."""
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    drawn = np.random.default_rng(seed).integers(low, high + 1, count)
    return [low, high, 0, -1, 1, *drawn.tolist()]


def run_part(dut, part, cycles, clock_mhz):
    """Run a part's model beside its receiver; return (cycle, value, first) of each sample."""
    from amaranth.sim import Simulator

    samples = []

    async def process(ctx):
        for cycle in range(cycles):
            part.cycle = cycle
            part.step(ctx, dut)
            if ctx.get(dut.o.valid):
                sample = ctx.get(dut.o.p)
                samples.append((cycle, sample["value"], sample["first"]))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6 / clock_mhz)
    simulator.add_testbench(process)
    simulator.run()
    return samples


@dataclass
class Line:
    """An input of the part, with the cycles since it last changed."""

    level: int = 0
    since: int = 0
    edges: int = 0

    def look(self, level: int, cycle: int) -> int:
        """Return 1 for a rising, -1 for a falling edge, 0 for none."""
        if level == self.level:
            return 0
        edge = level - self.level
        self.level, self.since, self.edges = level, cycle, self.edges + 1
        return edge


@dataclass
class Microphone:
    """ICS-43434 and INMP441, left channel: 24 bits, MSB one SCK behind WS; SD floats elsewhere.

    Data sheets: 64 SCK a frame; SCK high and low at least 50 ns each; WS changes while SCK is low
    (set-up 0 ns, hold 20 ns around the rising edge). SD is taken to change 40 ns after SCK falls.
    """

    values: Callable[[int], int]
    clock_mhz: float
    highest_hz: float = 3.2e6
    cycle: int = 0
    frames: int = 0
    frame_cycles: list[int] = field(default_factory=list)
    sck: Line = field(default_factory=Line)
    ws: Line = field(default_factory=Line)
    pending: list[tuple[int, int]] = field(default_factory=list)
    bit: int = 99
    word: int = 0
    rose: int | None = None
    in_frame: int = 0

    def step(self, ctx, dut):
        """Look at SCK and WS, and drive SD."""
        ns = 1000 / self.clock_mhz
        before = self.sck.since
        if self.ws.look(ctx.get(dut.ws), self.cycle) == -1:
            self.frame_cycles.append(self.cycle)
            assert not self.frames or self.in_frame == 64, "64 periods of SCK a frame"
            self.in_frame = 0
        edge = self.sck.look(ctx.get(dut.sck), self.cycle)
        if edge and self.sck.edges > 2:
            assert (self.cycle - before) * ns >= 50, "SCK high and low"
        if edge == 1:
            assert (self.cycle - self.ws.since) * ns >= 20 or self.ws.edges == 0, "WS set-up"
            if self.rose is not None:
                assert (self.cycle - self.rose) * ns >= 1e9 / self.highest_hz - 0.01, "SCK period"
            self.rose = self.cycle
            self.in_frame += 1
        if edge == -1:
            # WS as the part saw it at the last rising edge tells a new frame.
            self.bit += 1
            if self.ws.level == 0 and self.ws.since == self.cycle:
                self.bit = 0
                self.word = self.values(self.frames) & 0xFFFFFF
                self.frames += 1
            inside = 1 <= self.bit <= 24
            level = self.word >> (24 - self.bit) & 1 if inside else self.cycle % 2
            self.pending.append((self.cycle + max(1, round(40 / ns)), level))
        while self.pending and self.pending[0][0] <= self.cycle:
            ctx.set(dut.sd, self.pending.pop(0)[1])


@dataclass
class Converter:
    """MCP3201 and ADS8320: clocked out by SCK, straight binary, after `lead` periods.

    `lead` counts periods before the one whose rising edge sees the MSB. A conversion samples its
    input when CS falls (more exactly a fixed number of SCK later).
    """

    codes: Callable[[int], int]
    clock_mhz: float
    bits: int
    lead: int
    highest_hz: float
    rest_ns: float
    delay_ns: float = 200
    setup_ns: float = 100
    cycle: int = 0
    conversions: list[int] = field(default_factory=list)
    cs: Line = field(default_factory=lambda: Line(1))
    sck: Line = field(default_factory=Line)
    falls: int = 0
    clocks: int = 0
    code: int = 0
    pending: list[tuple[int, int]] = field(default_factory=list)

    def step(self, ctx, dut):
        """Look at CS and SCK, and drive the output."""
        ns = 1000 / self.clock_mhz
        was_high_since, sck_since = self.cs.since, self.sck.since
        edge = self.cs.look(ctx.get(dut.cs), self.cycle)
        if edge == -1:
            if self.conversions:
                assert (self.cycle - was_high_since) * ns >= self.rest_ns, "CS high"
            assert not self.sck.level, "SCK idles low"
            self.code = self.codes(len(self.conversions))
            self.conversions.append(self.cycle)
            self.falls = 0
        tick = self.sck.look(ctx.get(dut.sck), self.cycle)
        if tick:
            assert not self.cs.level or edge == 1, "SCK rests with CS high"
            half = 0.5e9 / self.highest_hz
            if tick == 1 and self.falls == 0:
                assert (self.cycle - self.cs.since) * ns >= self.setup_ns, "CS set-up"
            else:
                assert (self.cycle - sck_since) * ns >= half - 0.01, "SCK high and low"
        if tick == -1:
            self.falls += 1
            place = self.falls - self.lead  # 0: the MSB comes
            if 0 <= place < self.bits:
                level = self.code >> (self.bits - 1 - place) & 1
            else:
                level = 0 if place == -1 else self.cycle % 2
            self.pending.append((self.cycle + max(1, round(self.delay_ns / ns)), level))
        if edge == 1 and self.conversions:
            assert self.falls == self.lead + self.bits, "periods of SCK in a conversion"
        while self.pending and self.pending[0][0] <= self.cycle:
            ctx.set(dut.cipo, self.pending.pop(0)[1])


@dataclass
class Iis3dwbModel:
    """IIS3DWB behind SPI mode 3: the registers that matter, samples by its own clock, INT1.

    INT1 is latched: it falls when the high byte of a sample is read. Registers keep their values
    until a reset by software, after which the part wants `boots` clock cycles for itself; a sample
    is only made while XL_EN is 101.
    """

    values: Callable[[int], int]
    clock_mhz: float
    boots: int
    rate_hz: float = 80_000 / 3
    who: int = 0x7B
    powered: Callable[[int], bool] = lambda cycle: True
    cycle: int = 0
    registers: dict[int, int] = field(default_factory=dict)
    resets: int = 0
    awake: int = 0
    reset: bool = False
    latched: int = 0
    made: int = 0
    read: list[int] = field(default_factory=list)
    lost: int = 0
    ready: bool = False
    sample: int = 0
    due: float = 0.0
    cs: Line = field(default_factory=lambda: Line(1))
    sck: Line = field(default_factory=lambda: Line(1))
    taken: int = 0
    received: int = 0
    reply: int = 0
    pending: list[tuple[int, int]] = field(default_factory=list)

    def step(self, ctx, dut):
        """Look at the pins, make a sample when it is due, and drive SDO and INT1."""
        if not self.powered(self.cycle):
            self.registers.clear()
            self.ready = False
            self.awake, self.reset = self.cycle + self.boots, False
            self.due = self.cycle
            ctx.set(dut.cipo, 0)
            ctx.set(dut.int, 0)
            self.cs.look(ctx.get(dut.cs), self.cycle)
            self.sck.look(ctx.get(dut.sck), self.cycle)
            return
        self._sample()
        self._bus(ctx, dut)
        ctx.set(dut.int, self.ready and bool(self.registers.get(0x0D, 0) & 1))

    def _sample(self):
        if self.registers.get(0x10, 0) >> 5 != 0b101:
            self.due = self.cycle + 4 * self.clock_mhz * 1e6 / self.rate_hz  # turning on
            return
        if self.cycle >= self.due:
            self.due += self.clock_mhz * 1e6 / self.rate_hz
            self.lost += self.ready
            self.sample = self.values(self.made) & 0xFFFF
            self.made += 1
            self.ready = True

    def _bus(self, ctx, dut):
        ns = 1000 / self.clock_mhz
        if self.cs.look(ctx.get(dut.cs), self.cycle):
            assert self.sck.level, "SCK idles high"
            self.taken = self.received = 0
        since = self.sck.since
        edge = self.sck.look(ctx.get(dut.sck), self.cycle)
        if edge and not self.cs.level:
            assert self.sck.edges < 2 or (self.cycle - since) * ns >= 45, "SCK high and low"
        if edge == 1 and not self.cs.level:
            self.received = self.received << 1 | ctx.get(dut.copi)
            self.taken += 1
            if self.taken % 8 == 0:
                self._byte(self.taken // 8)
        if edge == -1 and not self.cs.level:
            bit = self.reply >> (7 - self.taken % 8) & 1 if self.taken >= 8 else self.cycle % 2
            self.pending.append((self.cycle + max(1, round(50 / ns)), bit))
        while self.pending and self.pending[0][0] <= self.cycle:
            ctx.set(dut.cipo, self.pending.pop(0)[1])

    def _byte(self, count):
        """Take a byte: the first is the address, and those behind it go up from there."""
        if self.cycle < self.awake:
            assert not self.reset, "the registers may not be used yet"
            return  # nobody can know when the part's power came back
        head = self.received >> 8 * (count - 1) & 0xFF
        address = (head & 0x7F) + count - (1 if head & 0x80 else 2)
        if head & 0x80:
            if count > 1 and self.registers.get(0x12, 0) & 4 == 0:
                assert count == 2, "without IF_INC the address stays"
            self.reply = self._read(address)
        elif count == 2:
            self._write(address, self.received & 0xFF)

    def _read(self, address):
        if address == 0x0F:
            return self.who
        if address == 0x2C and self.registers.get(0x15, 0) & 3 == 3:
            self.latched = self.sample
            return self.latched & 0xFF
        if address == 0x2D:
            self.ready = False
            self.read.append(self.latched)
            return self.latched >> 8
        return self.registers.get(address, 0)

    def _write(self, address, value):
        if address == 0x12 and value & 1:
            self.registers.clear()
            self.resets += 1
            self.ready = False
            self.awake, self.reset = self.cycle + self.boots, True
            return
        self.registers[address] = value
