"""Normalised windows: kept until they are complete, then given value by value."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring

from hwgen.hardware.contract import source_members
from hwgen.hardware.primitives.memory import BlockRam, pulse_delayed
from hwgen.hardware.shared.packer import Packer
from hwgen.hardware.sources.intake import counted
from hwgen.hardware.sources.normalise.numbers import Numbers
from hwgen.hardware.sources.normalise.spread import Spread
from hwgen.hardware.sources.normalise.statistics import Statistics, measured
from hwgen.plans import depths
from hwgen.plans.sources.normalise import NormalisePlan


class Normalise(wiring.Component):
    """Keeps a window, measures it while it comes, and gives its values when it is complete.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    samples, abandon, permit, complete, room, begin, write, done
        As every source's (`hwgen.hardware.contract.source_members`). ``samples.ready`` is low from
        a window's last sample to where its values begin to leave, for which there must be room.
        Within a window it is never low.

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to ``done`` high, when there
    is room.
    """

    def __init__(self, plan: NormalisePlan):
        self.plan, self._op = plan, plan.op
        super().__init__(source_members(plan))

    def elaborate(self, platform):
        """Return the memory of a window, its statistics, and the values' pipeline."""
        m = Module()
        op = self._op
        m.submodules.statistics = statistics = Statistics(op)
        m.submodules.numbers = numbers = Numbers(op)
        m.submodules.memory = memory = BlockRam(op.sample.width, self.plan.elements)
        busy = Signal()
        self._take(m, memory, statistics, busy)
        self._measure(m, statistics, numbers, busy)
        self._leave(m, memory, numbers)
        self._pack(m, numbers)
        return m

    def _take(self, m: Module, memory: BlockRam, statistics: Statistics, busy) -> None:
        """Take samples; know which completes a window."""
        taken, head, _, count = counted(m, self, self.permit & ~busy)
        sample = self.samples.p.value
        m.d.comb += [
            memory.write_enable.eq(taken),
            memory.write_address.eq(Mux(head, 0, count)),
            memory.write_data.eq(sample),
        ]
        fresh = Signal(reset_less=True)
        value = Signal.like(sample, reset_less=True)
        m.d.sync += [fresh.eq(head | (count < self._op.channels)), value.eq(sample)]
        m.d.comb += [
            statistics.valid.eq(pulse_delayed(m, taken, 1, "taken")),
            statistics.fresh.eq(fresh),
            statistics.value.eq(value),
        ]

    def _measure(self, m: Module, statistics: Statistics, numbers: Numbers, busy) -> None:
        """Find what each channel's numbers meet, one after the other; then begin, with room."""
        channels = self._op.channels
        wait = Signal(range(depths.NORMALISE_SETTLE), reset_less=True)
        channel = Signal(range(channels + 1), reset_less=True)
        m.d.comb += [statistics.turn.eq(numbers.load), numbers.centre.eq(self._centre(statistics))]
        m.d.sync += wait.eq(wait - 1)
        with m.FSM():
            with m.State("COLLECT"), m.If(self.complete):
                m.d.sync += [wait.eq(depths.NORMALISE_SETTLE - 1), channel.eq(channels - 1)]
                m.next = "SETTLE"
            with m.State("SETTLE"):
                m.d.comb += busy.eq(1)
                with m.If(wait == 0):
                    m.next = "CHANNEL"
            with m.State("CHANNEL"):
                m.d.comb += busy.eq(1)
                self._channel(m, statistics, numbers)
                with m.If(numbers.load):
                    m.d.sync += channel.eq(channel - 1)
                    with m.If(channel == 0):
                        m.next = "ROOM"
            with m.State("ROOM"):
                m.d.comb += [busy.eq(1), self.begin.eq(self.room)]
                with m.If(self.room):
                    m.next = "COLLECT"

    def _channel(self, m: Module, statistics: Statistics, numbers: Numbers) -> None:
        """Let what is found of a channel be met by its numbers."""
        if not self._op.divided:
            m.d.comb += numbers.load.eq(1)
            return
        m.submodules.spread = spread = Spread(self._op)
        begun = Signal()
        m.d.sync += begun.eq(~spread.done)
        m.d.comb += [
            spread.start.eq(~begun),
            numbers.load.eq(spread.done),
            numbers.shifts.eq(spread.shifts),
            numbers.entry.eq(spread.entry),
            *(getattr(spread, name).eq(getattr(statistics, name)) for name in measured(self._op)),
        ]

    def _centre(self, statistics: Statistics):
        """Return what is added to each sample's multiple, the half of a rounding included."""
        op = self._op
        half = (1 << op.mean_shift) >> 1
        if op.centred:
            return half - statistics.sum
        if op.method == "max-abs":
            return 0
        return -statistics.low if op.method == "min-max" else -statistics.low - statistics.high

    def _leave(self, m: Module, memory: BlockRam, numbers: Numbers) -> None:
        """Read a window, a sample a cycle; the next one's first comes a cycle later at least."""
        running, last = Signal(), Signal()
        index = Signal(range(self.plan.elements))
        reading = Signal()
        m.d.comb += [
            reading.eq(self.begin | running),
            last.eq(reading & (index == self.plan.elements - 1)),
            memory.read_address.eq(index),
            numbers.value.eq(memory.read_data.as_signed()),
            numbers.valid.eq(pulse_delayed(m, reading, memory.latency, "reading")),
            numbers.last.eq(pulse_delayed(m, last, memory.latency, "last")),
        ]
        m.d.sync += running.eq(reading & ~last)
        with m.If(reading):
            m.d.sync += index.eq(Mux(last, 0, index + 1))

    def _pack(self, m: Module, numbers: Numbers) -> None:
        m.submodules.packer = packer = Packer((self.plan.layout,), self.plan.value_width)
        wiring.connect(m, packer.write, wiring.flipped(self.write))
        m.d.comb += [
            packer.begin.eq(self.begin),
            packer.valid.eq(numbers.o_valid),
            packer.values.eq(numbers.o_value),
            packer.last.eq(numbers.o_last),
            self.done.eq(pulse_delayed(m, numbers.o_last, packer.latency, "done")),
        ]


PART = Normalise
