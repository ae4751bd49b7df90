"""A core with the accelerator's ports that sums its window: what the link tests talk to."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.contract import core_members
from hwgen.hardware.heads.value_stream import ValueStream
from hwgen.plans.facts import KnownCore
from hwgen.plans.timing import Timing
from hwgen.plans.value_stream import ValueStreamPlan


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


class ValueCore(wiring.Component):
    """Gives a window's samples as values, and with `classes` what `SumCore` says of them.

    Parameters
    ----------
    wavers
        Whether the first value of every other window has its lowest bit changed.
    """

    def __init__(self, classes=3, *, wavers=False, samples=8, bits=16):
        self._inner, self._wavers = SumCore(samples, bits), wavers
        known = self._inner.plan
        self.plan = KnownCore(
            samples, bits, samples, classes, known.logit_bits if classes else 0, known.timing,
            numbers=samples, number_bits=bits,
        )  # fmt: skip
        super().__init__(core_members(self.plan))

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = inner = self._inner
        plan = ValueStreamPlan((self.plan.numbers,), self.plan.number_bits)
        m.submodules.stream = values = ValueStream(plan)
        wiring.connect(m, wiring.flipped(self.values), values.o)
        sample, odd, within, before = self.samples, Signal(), Signal(), Signal()
        taken = sample.valid & sample.ready & ~self.abandon
        m.d.sync += before.eq(inner.result.valid)
        m.d.comb += [
            inner.abandon.eq(self.abandon),
            inner.samples.valid.eq(sample.valid & (values.room | ~sample.p.first)),
            inner.samples.p.eq(sample.p),
            sample.ready.eq(inner.samples.ready & (values.room | ~sample.p.first)),
            values.begin.eq(taken & sample.p.first),
            values.write.eq(taken & (sample.p.first | within)),
            values.values[0].eq(sample.p.value ^ (odd & sample.p.first)),
            values.known.eq(inner.result.valid & ~before),
            # What is given up here has not been complete.
            values.abort.eq(within & self.abandon),
            self.result.valid.eq(inner.result.valid),
            inner.result.ready.eq(self.result.ready),
            self.result.p.cycles.eq(inner.result.p.cycles),
        ]
        left = Signal(range(self.plan.numbers + 1))
        with m.If(taken & sample.p.first):
            m.d.sync += [left.eq(self.plan.numbers - 1), within.eq(1)]
        with m.Elif(taken & within):
            m.d.sync += [left.eq(left - 1), within.eq(left != 1)]
        with m.If(self.abandon):
            m.d.sync += within.eq(0)
        if self._wavers:
            m.d.sync += odd.eq(odd ^ (taken & sample.p.first))
        if self.plan.classes:
            m.d.comb += [
                self.result.p[name].eq(inner.result.p[name]) for name in ("class_", "logits")
            ]
        return m
