"""The threshold that is kept in a flash: over power cycles, cuts and faults."""

from __future__ import annotations

import random

import pytest
from amaranth.hdl import Module, ResetInserter, Signal
from amaranth.lib.crc.catalog import CRC32_MPEG_2
from amaranth.sim import Simulator

from hwgen.gateware.flash.kept import MAGIC, RECORD_BYTES, KeptThreshold
from hwgen.gateware.flash.plan import FlashPlan
from hwgen.gateware.learning import Learning
from hwgen.protocol import Keeping, Origin
from tests.gateware.flash.nor import SECTOR_BYTES, Flash

SEED = 5
BITS = 20
MODEL = 1000
DIGEST = bytes.fromhex("0123456789abcdef")
PLAN = FlashPlan(0xFFE000, 4, 3000)
BEGUN = 9000
"""Cycles by which a board has read both records, at most."""
WRITTEN = 6000
"""Cycles that a change takes, at most."""
_LOOK = 8
COUNT = 4
"""Power cuts of each kind."""


def record(value, sequence=0, digest=DIGEST, origin=Origin.HOST):
    """Return a record's bytes."""
    body = MAGIC + digest + bytes([sequence, origin]) + value.to_bytes(4, "big")
    return body + CRC32_MPEG_2(8).compute(body).to_bytes(4, "big")


def flash_with(*records, **named):
    """Return a flash that holds them, each in its sector."""
    flash = Flash(**named)
    for place, each in enumerate(records):
        flash.data[place * SECTOR_BYTES : place * SECTOR_BYTES + len(each)] = each
    return flash


class Board:
    """A board that a test talks to."""

    def __init__(self, ctx, learning, kept, reset):
        self.ctx, self.learning, self.kept, self.reset = ctx, learning, kept, reset
        self.last = None

    async def run(self, cycles):
        await self.ctx.tick().repeat(cycles)

    async def pulse(self, port):
        self.ctx.set(port, 1)
        await self.ctx.tick()
        self.ctx.set(port, 0)

    async def set(self, value):
        """Set another one: from the first cycle on it is told that it is not kept yet."""
        self.ctx.set(self.learning.value, value)
        await self.pulse(self.learning.set)
        if value != self.last:
            assert self.stands() == (value, Origin.HOST, Keeping.WRITING)
        self.last = value

    def stands(self):
        status = self.ctx.get(self.learning.status)
        return status.value, Origin(status.origin), Keeping(self.ctx.get(self.kept.state))

    async def settled(self, cycles):
        """Wait until nothing is being written; return how it stands."""
        for _ in range(0, cycles, _LOOK):
            if self.stands()[2] != Keeping.WRITING:
                break
            await self.run(_LOOK)
        return self.stands()


def power_up(flash, script, digest=DIGEST, bits=BITS, plan=PLAN):
    """Run a board from power-up on until the script ends; return the thresholds given the core."""
    learning = Learning(bits, MODEL, kept=True)
    kept = KeptThreshold(bits, digest, plan)
    m = Module()
    reset, sets = Signal(), []
    m.submodules.learning = ResetInserter(reset)(learning)
    m.submodules.kept = ResetInserter(reset)(kept)
    m.d.comb += [
        kept.stands.eq(learning.status),
        kept.changed.eq(learning.threshold.set),
        learning.load.eq(kept.load),
        learning.kept.eq(kept.value),
        learning.kept_origin.eq(kept.origin),
    ]

    async def part(ctx):
        pins = kept.pins
        while True:
            _, _, cs, sck, copi, given, value = await ctx.tick().sample(
                pins.cs, pins.sck, pins.copi, learning.threshold.set, learning.threshold.value
            )
            ctx.set(pins.cipo, flash.step(cs, sck, copi))
            if given:
                sets.append(value)

    async def process(ctx):
        await script(Board(ctx, learning, kept, reset))

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.add_testbench(part, background=True)
    simulator.run()
    # The power is off: the next board finds the flash with all its state but the data lost.
    flash.busy, flash.job, flash.enabled, flash.cs, flash.sck = 0, None, False, 0, 0
    return sets


def found(flash, **named):
    """Return how a board stands some time after it is switched on."""
    stands = []

    async def script(board):
        stands.append(await board.settled(BEGUN))

    power_up(flash, script, **named)
    return stands[0]


def change(*values):
    """Return a script that sets values one behind the other."""

    async def script(board):
        await board.settled(BEGUN)
        for value in values:
            await board.set(value)
            assert await board.settled(WRITTEN) == (value, Origin.HOST, Keeping.FLASH)

    return script


def test_an_erased_flash_leaves_the_model_s_threshold():
    flash = Flash()
    assert found(flash) == (MODEL, Origin.MODEL, Keeping.FLASH)
    assert (flash.erased, flash.programmed) == ([0, 0], 0)
    assert flash.least >= PLAN.half
    assert flash.clocks > 32


def test_a_threshold_outlives_the_power():
    flash = Flash()
    assert power_up(flash, change(5200)) == [5200]
    assert flash.data[:RECORD_BYTES] == record(5200, 1)
    assert set(flash.addresses) == {PLAN.base}
    assert power_up(flash, change(7, 8, (1 << BITS) - 1)) == [5200, 7, 8, (1 << BITS) - 1]
    assert flash.erased == [2, 2]
    assert set(flash.addresses) == {PLAN.base, PLAN.base + SECTOR_BYTES}
    assert found(flash) == ((1 << BITS) - 1, Origin.HOST, Keeping.FLASH)
    assert flash.erased == [2, 2], "a power cycle writes nothing"


def test_the_same_threshold_again_is_not_written_again():
    flash = Flash()

    async def script(board):
        await change(33)(board)
        await board.set(33)
        await board.run(50)
        assert board.stands() == (33, Origin.HOST, Keeping.FLASH)

    assert power_up(flash, script) == [33, 33]
    assert flash.erased == [1, 0]


def test_of_changes_that_come_fast_the_last_is_kept():
    flash = Flash()

    async def script(board):
        for value in range(100, 400):  # from before the records are read
            await board.set(value)
            await board.run(29)
        assert (await board.settled(2 * WRITTEN))[2] == Keeping.FLASH

    power_up(flash, script)
    assert sum(flash.erased) < 20
    assert found(flash) == (399, Origin.HOST, Keeping.FLASH)


def test_what_was_learnt_is_kept_as_learnt():
    flash = flash_with(record(77, origin=Origin.LEARNT))
    assert found(flash) == (77, Origin.LEARNT, Keeping.FLASH)


@pytest.mark.parametrize("sequences", [(0, 1), (1, 0), (255, 0), (0, 255), (127, 128), (200, 199)])
def test_the_newer_record_counts(sequences):
    flash = flash_with(*(record(10 + place, each) for place, each in enumerate(sequences)))
    newer = int((sequences[1] - sequences[0]) % 256 == 1)
    assert found(flash)[0] == 10 + newer
    power_up(flash, change(99))
    assert flash.erased == [newer, 1 - newer]
    assert found(flash)[0] == 99


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("bit", [0, 31, 32, 95, 96, 111, 143, 144, 175])
def test_a_record_with_a_flipped_bit_is_none(place, bit):
    records = [bytearray(record(10, 5)), bytearray(record(11, 6))]
    records[place][bit // 8] ^= 128 >> bit % 8
    assert found(flash_with(*records))[:2] == (11 - place, Origin.HOST)


def test_another_design_s_records_do_not_count_and_the_newer_of_them_stays():
    other = bytes(range(8))
    flash = flash_with(record(10, 5), record(11, 6))
    assert found(flash, digest=other)[:2] == (MODEL, Origin.MODEL)
    power_up(flash, change(500), digest=other)
    assert found(flash) == (11, Origin.HOST, Keeping.FLASH)
    assert found(flash, digest=other)[0] == 500
    power_up(flash, change(501), digest=other)  # of two sectors the other design's is now used
    assert found(flash)[:2] == (MODEL, Origin.MODEL)
    assert found(flash, digest=other)[0] == 501


@pytest.mark.parametrize("origin", [0, 3, 4, 255])
def test_nobody_s_record_does_not_count(origin):
    assert found(flash_with(record(10, 5, origin=origin)))[:2] == (MODEL, Origin.MODEL)


def test_a_reset_keeps_what_stands_and_writes_it_if_it_was_not_yet():
    flash = Flash(erase_cycles=1500)

    async def script(board):
        await change(40)(board)
        await board.set(41)
        while not flash.busy:
            await board.run(1)
        await board.pulse(board.reset)
        assert board.stands() == (41, Origin.HOST, Keeping.WRITING)
        assert await board.settled(BEGUN + WRITTEN) == (41, Origin.HOST, Keeping.FLASH)
        await board.pulse(board.reset)
        assert await board.settled(BEGUN) == (41, Origin.HOST, Keeping.FLASH)

    assert power_up(flash, script) == [40, 41]
    assert found(flash)[0] == 41


@pytest.mark.parametrize("cut", range(COUNT))
@pytest.mark.parametrize("times", [(3000, 100), (100, 3000)], ids=["erase", "program"])
def test_a_power_cut_at_any_time_leaves_the_threshold_before_or_after(cut, times):
    """One cut in a write, and one more in the next: what a board then finds is one of two."""
    rng = random.Random(f"{SEED}/{cut}/{times}")
    flash = flash_with(record(20, 3), erase_cycles=times[0], program_cycles=times[1])
    stands = 20
    for value in (21, 22, 23):
        cycles = rng.randrange(8000)

        async def script(board, value=value, cycles=cycles):
            await board.settled(BEGUN)
            await board.set(value)
            await board.run(cycles)
            flash.cut(cycles)

        power_up(flash, script, plan=FlashPlan(PLAN.base, PLAN.half, 10_000))
        after = found(flash)
        assert after in {(stands, Origin.HOST, Keeping.FLASH), (value, Origin.HOST, Keeping.FLASH)}
        stands = after[0]


@pytest.mark.parametrize("fault", ["high", "low", "busy", "locked"])
def test_a_flash_that_does_nothing_is_told_and_tried_again_when_somebody_sets(fault):
    flash = Flash(fault=fault)
    begun = PLAN.timeout_cycles + 2 * WRITTEN

    async def script(board):
        first = await board.settled(begun)
        told = Keeping.FAILED if fault in ("high", "busy") else Keeping.FLASH
        assert first == (MODEL, Origin.MODEL, told)  # the model's is there again in any case
        await board.set(60)
        assert await board.settled(2 * begun) == (60, Origin.HOST, Keeping.FAILED)
        await board.run(begun)
        assert board.stands() == (60, Origin.HOST, Keeping.FAILED)
        assert flash.programmed == 0
        flash.fault = None  # somebody has put it right
        await board.set(60)
        assert board.stands()[2] == Keeping.WRITING
        assert await board.settled(begun) == (60, Origin.HOST, Keeping.FLASH)

    assert power_up(flash, script) == [60, 60]
    assert found(flash) == (60, Origin.HOST, Keeping.FLASH)


def test_a_write_that_went_wrong_is_told():
    """A bit that sticks: the record before stays, and counts after the next power-up."""
    flash = flash_with(record(20, 3))

    async def script(board):
        await board.settled(BEGUN)
        await board.set(0xFFFFF)
        while not flash.programmed:
            await board.run(1)
        flash.data[SECTOR_BYTES + 16] &= 0x7F
        assert await board.settled(WRITTEN) == (0xFFFFF, Origin.HOST, Keeping.FAILED)

    power_up(flash, script)
    assert found(flash) == (20, Origin.HOST, Keeping.FLASH)
    assert flash.data[:RECORD_BYTES] == record(20, 3)


def test_a_flash_that_sleeps_is_woken():
    flash = flash_with(record(20), fault="asleep")
    assert found(flash)[0] == 20


@pytest.mark.parametrize("bits", [12, 31])
def test_scores_of_any_width(bits):
    flash = flash_with(record(1))
    most = (1 << bits) - 1
    plan = FlashPlan(0, 5, 3000)
    power_up(flash, change(most), bits=bits, plan=plan)
    assert found(flash, bits=bits, plan=plan) == (most, Origin.HOST, Keeping.FLASH)
