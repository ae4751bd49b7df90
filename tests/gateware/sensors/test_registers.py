"""Transfers over SPI, mode 3, as a part sees them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from amaranth.sim import Simulator

from hwgen.gateware.sensors.registers import SpiExchange


@dataclass
class Slave:
    """Takes bits as SCK rises, and gives its own as SCK falls; notes when pins change."""

    reply: int
    bits: int
    taken: list[int] = field(default_factory=list)
    edges: list[tuple[int, int]] = field(default_factory=list)
    selected: list[tuple[int, int]] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    cs: int = 1
    sck: int = 1
    copi: int = 0
    fell: int = 0

    def step(self, ctx, dut, cycle):
        cs, sck, copi = ctx.get(dut.cs), ctx.get(dut.sck), ctx.get(dut.copi)
        if cs != self.cs:
            self.selected.append((cycle, cs))
        if copi != self.copi:
            self.moved.append(cycle)
        if sck != self.sck:
            assert not cs, "SCK rests with CS high"
            self.edges.append((cycle, sck))
            if sck:
                self.taken.append(copi)
            else:
                self.fell += 1
                ctx.set(dut.cipo, self.reply >> (self.bits - self.fell) & 1)
        self.cs, self.sck, self.copi = cs, sck, copi


def exchange(half, head, word, reply, *, long, then=0):
    """Do a transfer; return the part, and (busy, done, read) of every cycle since its start."""
    dut, part, seen = SpiExchange(half), Slave(reply, 24 if long else 16), []

    async def process(ctx):
        for cycle in range(-5, (60 + then) * half):
            part.step(ctx, dut, cycle)
            going = cycle == 0
            ctx.set(dut.start, going or cycle == 7)  # the second one comes while it is busy
            ctx.set(dut.head, head if going else 0x5A)
            ctx.set(dut.word, word if going else 0xA5)
            ctx.set(dut.long, long if going else not long)
            seen.append(tuple(ctx.get(port) for port in (dut.busy, dut.done, dut.read)))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return part, seen[5:], seen[:5]


@pytest.mark.parametrize("half", [3, 4, 5])
@pytest.mark.parametrize("long", [0, 1])
@pytest.mark.parametrize(
    ("head", "word", "reply"), [(0x8F, 0x00, 0xC35A96), (0x12, 0xED, 0x3CA569)]
)
def test_transfer(half, long, head, word, reply):
    bits = 24 if long else 16
    part, seen, before = exchange(half, head, word, reply, long=long)
    assert before == [(0, 0, 0)] * 5
    sent = (head << 8 | word) << (bits - 16)
    assert part.taken == [sent >> (bits - 1 - at) & 1 for at in range(bits)]
    # One half period of lead, two a bit; the last bit is read as CS rises, half a period late.
    falls = [cycle for cycle, level in part.edges if not level]
    rises = [cycle for cycle, level in part.edges if level]
    first = 1 + half
    assert falls == [first + 2 * half * at for at in range(bits)]
    assert rises == [first + half + 2 * half * at for at in range(bits)]
    ends = first + 2 * half * bits
    assert part.selected == [(1, 0), (ends, 1)]
    assert set(part.moved) <= set(falls)
    done = [cycle for cycle, (_, level, _) in enumerate(seen) if level]
    assert done == [ends]
    came = reply & ((1 << bits) - 1)
    assert seen[ends][2] == seen[-1][2] == came & 0xFFFF
    # Busy until CS has been high for a period.
    assert [busy for busy, *_ in seen] == [0] + [1] * (ends + 2 * half - 1) + [0] * (
        len(seen) - ends - 2 * half
    )


def test_transfers_follow_each_other():
    dut, words = SpiExchange(3), []

    async def process(ctx):
        ctx.set(dut.start, 1)
        ctx.set(dut.cipo, 1)
        for cycle in range(3 * 2 * 3 * 20):
            ctx.set(dut.head, cycle % 256)
            if ctx.get(dut.done):
                words.append((cycle, ctx.get(dut.read)))
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    # 35 half periods from the start to the end of CS and the rest, and a cycle to begin.
    assert [cycle for cycle, _ in words] == [
        1 + 33 * 3 + number * (1 + 35 * 3) for number in range(3)
    ]
    assert {word for _, word in words} == {0xFFFF}


def test_widths_and_levels_at_rest():
    dut = SpiExchange(3)
    widths = {"start": 1, "head": 8, "word": 8, "long": 1, "busy": 1, "done": 1, "read": 16,
              "cs": 1, "sck": 1, "copi": 1, "cipo": 1}  # fmt: skip
    assert {name: len(getattr(dut, name)) for name in widths} == widths
    inits = {name: dut.signature.members[name].init for name in ("cs", "sck", "copi")}
    assert (inits["cs"], inits["sck"]) == (1, 1)
    assert not inits["copi"]


def test_half_leaves_the_synchroniser_room(refusing):
    with pytest.raises(ValueError, match="half must be at least 3, not 2"):
        SpiExchange(2)
