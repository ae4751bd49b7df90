"""The accelerator: samples in, class and logits out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amaranth.hdl import Array as Choice
from amaranth.hdl import Cat, Module, Signal, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.shared.engine import Engine
from hwgen.hardware.sources.fft.intake import sample_layout
from hwgen.plans.sweep import Sweep

if TYPE_CHECKING:
    from hwgen.hardware.sources.dft.dft import DftFrontEnd
    from hwgen.hardware.sources.fft.spectrum import SpectrumFrontEnd

IN_FLIGHT = 4
"""Windows that may be on their way, as many as the tags below tell apart."""

COUNTER_BITS = 32


def result_layout(classes: int, logit_width: int) -> data.StructLayout:
    """Return the payload of the result stream.

    ``cycles`` counts clock cycles from the edge that took the window's last sample to the one that
    presents the result.
    """
    return data.StructLayout(
        {
            "class_": unsigned(max(1, (classes - 1).bit_length())),
            "logits": data.ArrayLayout(signed(logit_width), classes),
            "cycles": unsigned(COUNTER_BITS),
        }
    )


class Accelerator(wiring.Component):
    """The whole network.

    Parameters
    ----------
    front
        The front-end: samples to words of features.
    sweeps
        The layers behind it.
    value_width, logit_width
        Bits of a value in memory and of a logit, signed.
    dsp
        DSP cells for the MAC array.

    Members
    -------
    samples
        Stream of ADC samples, one marked ``first`` at the head of every window.
    abandon
        While high, the window whose samples came last is given up: in progress or complete, it
        has no result (unless that was presented already). Windows that overlap are given up
        together. Samples are then ignored until one is marked ``first``.
    result
        Stream of results, in the order of the windows.

    Latency
    -------
    `latency` cycles from the edge that takes a window's last sample to the edge that presents the
    result; one window every `interval` cycles.

    Handshake
    ---------
    ``samples.ready`` is low only between windows, when the ones before have not been dealt with.
    ``result`` stands until it is taken; meanwhile up to four windows wait inside.
    """

    def __init__(
        self,
        front: SpectrumFrontEnd | DftFrontEnd,
        sweeps: tuple[Sweep, ...],
        value_width: int,
        logit_width: int,
        *,
        dsp: int,
    ):
        self._front = front
        self._engine = Engine(sweeps, value_width, logit_width, dsp=dsp)
        self.input_samples = front.input_samples
        self.adc_bits = front.adc_bits
        self.hop = front.hop
        self.classes = sweeps[-1].outputs
        self.logit_bits = logit_width
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(self.adc_bits))),
                "abandon": In(1),
                "result": Out(stream.Signature(result_layout(self.classes, logit_width))),
            }
        )

    @property
    def latency(self) -> int:
        """Cycles from taking a window's last sample to presenting its class."""
        return self._front.latency + 1 + self._engine.latency + 1

    @property
    def breakdown(self) -> dict[str, int]:
        """Cycles of each step from last sample to class, in order; they add up to `latency`."""
        steps = dict(self._front.breakdown)
        before, total = self._front.latency, self.latency
        for name, cycles in self._engine.breakdown.items():
            steps[name] = cycles
            before += cycles
        steps["result"] = total - before
        return steps

    @property
    def in_flight(self) -> int:
        """Windows that may have been taken whole without their result having been taken."""
        return min(IN_FLIGHT, self._front.in_flight)

    @property
    def pause(self) -> int:
        """Cycles from one sample to the next possible one within a window."""
        return self._front.pause

    @property
    def interval(self) -> int:
        """Cycles a window when samples and results are never held up from outside."""
        waiting = -(-(self.latency + self._front.lead + 2) // self.in_flight)
        return max(self._front.interval, self._engine.interval, waiting)

    def elaborate(self, platform):
        """Return front-end, feature memory, engine, and the account of windows in flight."""
        m = Module()
        m.submodules.front = front = self._front
        m.submodules.engine = engine = self._engine
        wiring.connect(m, wiring.flipped(self.samples), front.samples)
        m.d.comb += front.abandon.eq(self.abandon)
        self._features(m, front, engine)
        present = self._result(m, engine)
        self._account(m, front, engine, present)
        return m

    def _features(self, m: Module, front: SpectrumFrontEnd, engine: Engine) -> None:
        """Feature memory for two windows: one is filled while the other is used."""
        bits = len(front.write.address)
        m.submodules.features = ram = BlockRam(len(front.write.data), 2 << bits)
        write_half, read_half = Signal(), Signal()
        used, full = Signal(range(3)), Signal(range(3))
        begin = Signal()
        m.d.comb += [
            ram.write_enable.eq(front.write.enable),
            ram.write_address.eq(Cat(front.write.address, write_half)),
            ram.write_data.eq(front.write.data),
            ram.read_address.eq(Cat(engine.read_address[:bits], read_half)),
            engine.read_data.eq(ram.read_data),
            front.room.eq(used != 2),
            engine.start.eq(full != 0),
            begin.eq(engine.start & ~engine.busy),
        ]
        m.d.sync += [
            used.eq(used + front.begin - engine.consumed),
            full.eq(full + front.done - begin),
        ]
        with m.If(front.done):
            m.d.sync += write_half.eq(~write_half)
        with m.If(engine.consumed):
            m.d.sync += read_half.eq(~read_half)

    def _result(self, m: Module, engine: Engine):
        """Hold a result until it is taken; return (finished, dropped, presented now)."""
        owed = Signal()
        dropped = Signal()
        leave = Signal()
        m.d.comb += [
            engine.proceed.eq(~owed),
            leave.eq((self.result.valid & self.result.ready) | (engine.done & dropped)),
            self.result.p.class_.eq(engine.class_),
            self.result.p.logits.eq(engine.logits),
        ]
        m.d.sync += [
            owed.eq(engine.result_begin | (owed & ~leave)),
            self.result.valid.eq(
                (engine.done & ~dropped) | (self.result.valid & ~self.result.ready)
            ),
        ]
        return dropped, leave

    def _account(self, m: Module, front: SpectrumFrontEnd, engine: Engine, present) -> None:
        """Count windows in flight; remember when each was complete and whether it was given up."""
        dropped, leave = present
        flying = Signal(range(IN_FLIGHT + 1))
        newest, oldest = Signal(2), Signal(2)
        now = Signal(COUNTER_BITS)
        began = Signal(COUNTER_BITS, reset_less=True)
        partial = Signal()
        completed = Choice(
            Signal(COUNTER_BITS, name=f"completed_{i}", reset_less=True) for i in range(4)
        )
        given_up = Choice(Signal(name=f"given_up_{i}") for i in range(4))
        # All of this is a cycle late, for what happens at the samples is late in its cycle. Two
        # less than now is what makes up for that and for the edge that presents the result.
        earlier = delayed(m, now, 2, "now")
        taken = self.samples.valid & self.samples.ready
        complete = pulse_delayed(m, front.complete, 1, "complete")
        started = pulse_delayed(m, taken & self.samples.p.first, 1, "started")
        abandon = pulse_delayed(m, self.abandon, 1, "abandon")
        m.d.comb += front.permit.eq((flying + complete) < self.in_flight)
        m.d.sync += [
            now.eq(now + 1),
            flying.eq(flying + complete - leave),
            began.eq(completed[delayed(m, oldest, 1, "oldest")]),
        ]
        # An abandoned window stays the last one that came, however long or often it is abandoned.
        with m.If(complete):
            m.d.sync += partial.eq(0)
        with m.Elif(started):
            m.d.sync += partial.eq(1)
        with m.If(complete):
            m.d.sync += [
                completed[newest].eq(earlier),
                given_up[newest].eq(0),
                newest.eq(newest + 1),
            ]
        # The newest complete window is the last one whose samples came unless one is in progress.
        shared = self.hop < self.input_samples  # windows that overlap are given up together
        give_up = abandon & ~partial  # no window is complete in a cycle that gives it up
        with m.If(give_up & (flying != 0)):
            if shared:
                m.d.sync += [each.eq(1) for each in given_up]
            else:
                m.d.sync += given_up[(newest - 1)[:2]].eq(1)
        only = (flying != 0) if shared else (flying == 1)
        m.d.comb += dropped.eq(given_up[oldest] | (give_up & only))
        with m.If(engine.done):
            m.d.sync += self.result.p.cycles.eq(now - began)
        with m.If(leave):
            m.d.sync += oldest.eq(oldest + 1)
