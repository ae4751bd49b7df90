"""An image is checked, then its stream comes again and again; nothing comes of any other."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.flash.reader import FlashReader, ImageState, ReaderPlan
from hwgen.plans.weights.image import HEADER_BYTES, base, header, image
from tests.gateware.flash.fast_read import FastFlash

BASE = 0x123400
BODY = bytes(np.random.default_rng(4).integers(0, 256, 23).tolist())
CONTENT = BODY + zlib.crc32(BODY).to_bytes(4, "little")


def at_base(data: bytes) -> dict[int, int]:
    return {BASE + place: byte for place, byte in enumerate(data)}


def read(plan: ReaderPlan, flash: FastFlash, cycles: int, ready=lambda cycle: True):
    """Return the bytes that came, the cycle of each, and the last state."""
    dut = FlashReader(CONTENT, plan)
    came, cycles_of, states = [], [], []
    simulator = Simulator(dut)
    simulator.add_clock(1e-8)

    async def process(ctx):
        for cycle in range(cycles):
            pins = dut.pins
            ctx.set(dut.o.ready, taking := bool(ready(cycle)))
            told = (ctx.get(pins.cs), ctx.get(pins.sck), ctx.get(pins.o), ctx.get(pins.oe))
            ctx.set(pins.i, flash.step(*told))
            if taking and ctx.get(dut.o.valid):
                came.append(ctx.get(dut.o.payload))
                cycles_of.append(cycle)
            states.append(ctx.get(dut.state))
            await ctx.tick()

    simulator.add_testbench(process)
    simulator.run()
    return bytes(came), cycles_of, ImageState(states[-1])


@pytest.mark.parametrize("lines", [1, 2, 4])
@pytest.mark.parametrize("half", [1, 3])
def test_a_stream_comes_at_its_pace(lines, half):
    plan = ReaderPlan(BASE, lines, half, settle=50)
    flash = FastFlash(at_base(image(CONTENT)))
    pace = plan.pace
    cycles = 300 + 6 * (len(CONTENT) + HEADER_BYTES) * pace.byte + 6 * pace.again
    came, at, state = read(plan, flash, cycles)
    assert state is ImageState.SOUND
    times = len(came) // len(CONTENT)
    assert times >= 3
    assert came == (CONTENT * (times + 1))[: len(came)]
    assert flash.reads[0] == BASE
    assert set(flash.reads[1:]) == {BASE + HEADER_BYTES}
    # Once it streams, bytes are as far apart as is said, and streams no farther.
    apart = np.diff(at)
    ends = np.arange(1, len(apart) + 1) % len(CONTENT) == 0
    assert (apart[~ends] == pace.byte).all()
    assert (apart[ends] <= pace.byte + pace.again).all()


@pytest.mark.parametrize("lines", [1, 2, 4])
def test_whoever_takes_bytes_may_wait(lines):
    plan = ReaderPlan(BASE, lines, 1, settle=3)
    stalls = np.repeat(np.random.default_rng(lines).random(400) < 0.3, 30)
    came, _, state = read(plan, FastFlash(at_base(image(CONTENT))), len(stalls), stalls.__getitem__)
    assert state is ImageState.SOUND
    assert len(came) > 2 * len(CONTENT)
    assert came == (CONTENT * (1 + len(came) // len(CONTENT)))[: len(came)]


def spoilt(place: int) -> bytes:
    data = bytearray(image(CONTENT))
    data[place] ^= 1 << place % 8
    return bytes(data)


OTHERS = b"another build" + zlib.crc32(b"another build").to_bytes(4, "little")

BAD = {
    "empty": (b"", None, ImageState.ABSENT),
    "no flash, high": (image(CONTENT), "high", ImageState.ABSENT),
    "no flash, low": (image(CONTENT), "low", ImageState.ABSENT),
    "a line stuck": (image(CONTENT), "stuck", ImageState.ABSENT),
    "another build's": (header(OTHERS) + OTHERS, None, ImageState.FOREIGN),
    "cut short": (image(CONTENT)[:-2], None, ImageState.CORRUPT),
    "its header alone": (header(CONTENT), None, ImageState.CORRUPT),
    **{f"mark, bit {n}": (spoilt(n), None, ImageState.ABSENT) for n in (0, 4)},
    **{f"header, bit {n}": (spoilt(n), None, ImageState.FOREIGN) for n in (8, 16, 23)},
    **{
        f"stream, bit {n}": (spoilt(n), None, ImageState.CORRUPT)
        for n in (HEADER_BYTES, HEADER_BYTES + 13, HEADER_BYTES + len(CONTENT) - 1)
    },
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_comes_of_what_is_not_the_image(name):
    data, fault, wanted = BAD[name]
    came, _, state = read(ReaderPlan(BASE, 2, 1, settle=9), FastFlash(at_base(data), fault), 1500)
    assert came == b""
    assert state is wanted


def test_an_image_lies_behind_a_bitstream():
    assert [base(size) for size in (1 << 21, 1 << 22, 1 << 23, 1 << 24)] == [
        1 << 20, 1 << 21, 1 << 22, 1 << 22,
    ]  # fmt: skip
    assert len(header(CONTENT)) == HEADER_BYTES


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ((1 << 24, 1, 1), "base must be below"),
        ((0, 3, 1), "lines must be 1, 2 or 4, not 3"),
        ((0, 1, 0), "half must be at least 1, not 0"),
        ((0, 1, 1, 0), "settle must be at least 1, not 0"),
    ],
)
def test_other_plans_are_refused(fields, text):
    with pytest.raises(ValueError, match=text):
        ReaderPlan(*fields)
