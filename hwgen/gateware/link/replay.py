"""A stored window into the core, time after time: as fast as the core takes it."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen import protocol
from hwgen.gateware.link.receiver import store_port
from hwgen.hardware.contract import sample_layout
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.primitives.queue import Queue
from hwgen.targets import Turns

_QUEUE = 4
"""Samples between memory and core: two on their way, one arriving, one being taken."""
CYCLE_BITS = 40
COUNT_BITS = protocol.MAX_REPLAY.bit_length()


class Replay(wiring.Component):
    """Keep a window, and replay it back to back when asked to.

    Parameters
    ----------
    input_samples
        Samples of a window.
    adc_bits
        Width of a sample.
    mark_bits
        Width of what tells a result from another.
    streamed
        Whether marks come by themselves, as results do, and not with these.

    Members
    -------
    store : In
        Writes a sample (`store_port`).
    start : In(1)
        Begin. The core must be free.
    count : In(16)
        With `start`: how often, 1 or more.
    active : Out(1)
        From the cycle after `start` until `done`.
    samples : Out(stream of value, first)
        To the core, one each cycle if it takes them.
    result : In(1)
        The core presents a result.
    mark : In
        What tells it from another: its class, where it has one.
    marked : In(1)
        Only of marks that come by themselves: one does, once for each result.
    take : Out(1)
        The result is to be taken: it is not the last.
    finished : Out(1)
        The last result is presented, and has been compared.
    done : In(1)
        It has been taken.
    cycles : Out(40)
        From offering the first sample to the last result.
    windows : Out(16)
        Results, the last one among them.
    differing : Out(16)
        Results of another mark than the first; 2 cycles behind a mark that comes by itself.

    Latency
    -------
    5 cycles from `start` to the first sample; 2 from the last result to `finished`.
    """

    def __init__(
        self, input_samples: int, adc_bits: int, mark_bits: int, *, streamed: bool = False
    ) -> None:
        self._input_samples = input_samples
        self._adc_bits = adc_bits
        self._streamed = streamed
        super().__init__(
            {
                "store": In(store_port(input_samples, adc_bits)),
                "start": In(1),
                "count": In(COUNT_BITS),
                "active": Out(1),
                "samples": Out(stream.Signature(sample_layout(adc_bits))),
                "result": In(1),
                "mark": In(mark_bits),
                "take": Out(1),
                "finished": Out(1),
                "done": In(1),
                "cycles": Out(CYCLE_BITS),
                "windows": Out(COUNT_BITS),
                "differing": Out(COUNT_BITS),
            }
            | ({"marked": In(1)} if streamed else {})
        )

    def elaborate(self, platform: Any) -> Module:
        """Return the memory, what reads it and what counts the results."""
        m = Module()
        with m.If(self.start):
            m.d.sync += self.active.eq(1)
        with m.Elif(self.done):
            m.d.sync += self.active.eq(0)
        self._feed(m)
        self._count(m)
        return m

    def _feed(self, m: Module) -> None:
        """Read the memory as long as there is room for what comes out of it."""
        # A read that is waited for finds nothing being written.
        m.submodules.ram = ram = BlockRam(self._adc_bits, self._input_samples, turns=Turns())
        left = Signal(COUNT_BITS)
        more = Signal()  # `left` is not 0
        at = Signal(range(self._input_samples))
        m.submodules.queue = queue = Queue(self._adc_bits + 1, _QUEUE)
        issue = Signal()
        free = Signal()  # the register at the end is
        m.d.comb += [
            free.eq(~self.samples.valid | self.samples.ready),
            ram.write_enable.eq(self.store.enable),
            ram.write_address.eq(self.store.address),
            ram.write_data.eq(self.store.value),
            ram.read_address.eq(at),
            issue.eq(more & queue.room & ~self.store.enable),
            queue.claim.eq(issue),
            queue.take.eq(free & queue.there),
        ]
        with m.If(self.start):
            m.d.sync += [left.eq(self.count), more.eq(1), at.eq(0)]
        with m.Elif(issue):
            m.d.sync += at.eq(at + 1)
            with m.If(at == self._input_samples - 1):
                m.d.sync += [at.eq(0), left.eq(left - 1), more.eq(left != 1)]

        m.d.comb += [
            queue.put.eq(pulse_delayed(m, issue, BlockRam.latency, "coming")),
            queue.value.eq(Cat(delayed(m, at == 0, BlockRam.latency, "first"), ram.read_data)),
        ]
        # The core's clock must not wait for the queue.
        with m.If(free):
            m.d.sync += [
                self.samples.valid.eq(queue.there),
                self.samples.p.first.eq(queue.word[0]),
                self.samples.p.value.eq(queue.word[1:].as_signed()),
            ]

    def _count(self, m: Module) -> None:
        """Take all results but the last; compare marks; count cycles."""
        owed = Signal(COUNT_BITS)
        last, further = Signal(), Signal()  # what is owed is one, or more
        ended, over = Signal(), Signal()  # the last one is presented; has been
        counted = Signal()  # it has been compared
        begun = Signal()
        reference = Signal(len(self.mark))
        fresh = Signal()
        m.d.comb += [
            ended.eq(self.active & self.result & last & ~over),
            self.finished.eq(self.active & self.result & counted),
            self.take.eq(self.active & self.result & further),
        ]
        settled = ~self.start & ~self.take  # `owed` does not change
        m.d.sync += counted.eq(over & ~self.start)
        m.d.sync += [last.eq(settled & (owed == 1)), further.eq(settled & (owed != 1))]
        with m.If(self.start):
            m.d.sync += [
                owed.eq(self.count),
                self.windows.eq(self.count),
                self.differing.eq(0),
                self.cycles.eq(0),
                begun.eq(0),
                over.eq(0),
                fresh.eq(1),
            ]
        with m.Elif(self.active & self.samples.valid):
            m.d.sync += begun.eq(1)
        with m.If(ended & ~self.start):
            m.d.sync += over.eq(1)
        with m.If(self.active & (begun | self.samples.valid) & ~ended & ~over):
            m.d.sync += self.cycles.eq(self.cycles + 1)
        with m.If(self.take):
            m.d.sync += owed.eq(owed - 1)
        judged, mark = Signal(), Signal.like(self.mark, name="mark_late", reset_less=True)
        comes = self.active & self.marked if self._streamed else self.take | ended
        m.d.sync += [judged.eq(comes), mark.eq(self.mark)]
        with m.If(judged & fresh):
            m.d.sync += [reference.eq(mark), fresh.eq(0)]
        with m.Elif(judged & (mark != reference)):
            m.d.sync += self.differing.eq(self.differing + 1)
