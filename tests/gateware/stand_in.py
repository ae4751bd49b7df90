"""A core with the accelerator's ports that sums its window: what the link tests talk to."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.contract import core_members
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing


class SumCore(wiring.Component):
    """Logits are (sum, -sum, 7 * first sample); the class is 0, 1 by the sum's sign."""

    def __init__(self, input_samples=8, adc_bits=16, classes=3, logit_bits=24, delay=5, pause=1):
        timing = Timing(delay + 1, input_samples * pause + delay, pause)
        self.plan = KnownCore(input_samples, adc_bits, input_samples, classes, logit_bits, timing)
        self._delay = delay
        sample = data.StructLayout({"value": signed(adc_bits), "first": 1})
        result = data.StructLayout(
            {
                "class_": unsigned(2),
                "logits": data.ArrayLayout(signed(logit_bits), classes),
                "cycles": unsigned(32),
            }
        )
        super().__init__(
            {
                "samples": In(stream.Signature(sample)),
                "abandon": In(1),
                "result": Out(stream.Signature(result)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        plan = self.plan
        total = Signal(signed(plan.logit_bits))
        head = Signal(signed(plan.adc_bits))
        left = Signal(range(plan.input_samples + 1))
        wait = Signal(range(self._delay + 1))
        inside = Signal()
        busy = Signal()
        sample = self.samples.p
        rest = Signal(range(plan.timing.pause + 1))
        m.d.comb += self.samples.ready.eq(~busy & (rest == 0))
        with m.If(self.samples.valid & self.samples.ready):
            m.d.sync += rest.eq(plan.timing.pause - 1)
        with m.Elif(rest != 0):
            m.d.sync += rest.eq(rest - 1)
        with m.If(self.samples.valid & self.samples.ready & ~self.abandon):
            with m.If(sample.first):
                m.d.sync += [
                    total.eq(sample.value),
                    head.eq(sample.value),
                    inside.eq(1),
                    left.eq(plan.input_samples - 1),
                ]
            with m.Elif(inside):
                m.d.sync += [total.eq(total + sample.value), left.eq(left - 1)]
                with m.If(left == 1):
                    m.d.sync += [inside.eq(0), busy.eq(1), wait.eq(self._delay)]
        with m.If(self.abandon):
            m.d.sync += inside.eq(0)
        # The result has a register of its own: the next window may come while it waits.
        result = self.result.p
        with m.If(self.result.valid & self.result.ready):
            m.d.sync += self.result.valid.eq(0)
        with m.If(busy & (wait != 0)):
            m.d.sync += wait.eq(wait - 1)
        with m.Elif(busy & ~self.result.valid):
            m.d.sync += [
                busy.eq(0),
                self.result.valid.eq(1),
                result.class_.eq(total < 0),
                result.logits[0].eq(total),
                result.logits[1].eq(-total),
                result.logits[2].eq(head * Const(7)),
                result.cycles.eq(self._delay + 1),
            ]
        return m


class ScoreCore(wiring.Component):
    """The score is the sum of the samples, at least 0, and the class whether it is above."""

    def __init__(self, threshold=100, bits=20):
        self._inner = SumCore()
        known = self._inner.plan
        self.plan = KnownCore(
            known.input_samples, known.adc_bits, known.hop, 2, bits, known.timing,
            threshold=threshold,
        )  # fmt: skip
        super().__init__(core_members(self.plan))

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = inner = self._inner
        threshold = Signal(self.plan.logit_bits - 1, init=self.plan.threshold, reset_less=True)
        with m.If(self.threshold.set):
            m.d.sync += threshold.eq(self.threshold.value)
        total = inner.result.p.logits[0]
        score = Mux(total < 0, 0, total.as_unsigned())
        m.d.comb += [
            inner.abandon.eq(self.abandon),
            inner.samples.valid.eq(self.samples.valid),
            inner.samples.p.eq(self.samples.p),
            self.samples.ready.eq(inner.samples.ready),
            inner.result.ready.eq(~self.result.valid | self.result.ready),
        ]
        with m.If(inner.result.ready):
            m.d.sync += [
                self.result.valid.eq(inner.result.valid),
                self.result.p.class_.eq(score > threshold),
                self.result.p.logits[0].eq(threshold),
                self.result.p.logits[1].eq(score),
                self.result.p.cycles.eq(inner.result.p.cycles),
            ]
        return m


def expected(samples):
    total = sum(samples)
    return int(total < 0), (total, -total, 7 * samples[0])
