"""The layers behind the front-end: features in memory to class, on one MAC array."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.heads.argmax import ArgMax
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.shared.collector import Collector
from hwgen.hardware.shared.mac_array import MacArray
from hwgen.hardware.shared.packer import Packer
from hwgen.hardware.shared.sequencer import Sequencer
from hwgen.plans.shared import SharedPlan


class Engine(wiring.Component):
    """Runs all sweeps of one window after the other.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    start, busy
        Begin a window whose features are in memory; ignored while ``busy``.
    read_address, read_data
        Of the feature memory; 2 cycles' latency.
    consumed
        High for a cycle when the features are no longer needed.
    proceed
        Whether the last sweep may begin: the result before has been taken.
    result_begin
        High for a cycle when it does; from then on `class_` and `logits` change.
    class_, logits, done
        As in `ArgMax`.

    Latency
    -------
    The plan's: cycles from ``start`` to ``done``, when ``proceed`` is high.
    """

    def __init__(self, plan: SharedPlan):
        self.plan = plan
        self._sweeps = plan.sweeps
        self._mac = MacArray(
            plan.array,
            plan.value_width,
            plan.weight_width,
            plan.sum_width,
            dsp=plan.multipliers_dsp,
        )
        self._sequencer = Sequencer(plan.sweeps)
        self._argmax = ArgMax(plan.classes, plan.logit_bits)
        super().__init__(
            {
                "start": In(1),
                "busy": Out(1),
                "read_address": Out(self._sequencer.address.shape()),
                "read_data": In(plan.array.lanes * plan.value_width),
                "consumed": Out(1),
                "proceed": In(1),
                "result_begin": Out(1),
                "class_": Out(self._argmax.class_.shape()),
                "logits": Out(data.ArrayLayout(*_parts(self._argmax.logits))),
                "done": Out(1),
            }
        )

    def elaborate(self, platform):
        """Return sequencer, memories, MAC array, collector and arg-max."""
        m = Module()
        plan = self.plan
        m.submodules.sequencer = sequencer = self._sequencer
        m.submodules.mac = mac = self._mac
        m.submodules.argmax = argmax = self._argmax
        m.submodules.collector = collector = Collector(
            plan.sweeps, plan.sum_width, plan.value_width, plan.logit_bits
        )
        m.d.comb += [
            sequencer.start.eq(self.start),
            self.busy.eq(sequencer.busy),
            self.consumed.eq(sequencer.consumed),
            sequencer.proceed.eq(self.proceed),
            self.result_begin.eq(
                sequencer.begin & (sequencer.begin_sweep == len(self._sweeps) - 1)
            ),
            self.read_address.eq(sequencer.address),
            mac.valid.eq(pulse_delayed(m, sequencer.valid, BlockRam.latency, "valid")),
            mac.first.eq(delayed(m, sequencer.first, BlockRam.latency, "first")),
            mac.last.eq(delayed(m, sequencer.last, BlockRam.latency, "last")),
            mac.values.eq(self._values(m, sequencer, collector)),
            mac.weights.eq(self._weights(m, sequencer)),
            collector.valid.eq(mac.o_valid),
            collector.sums.eq(mac.sums),
            collector.tag.eq(delayed(m, sequencer.tag, BlockRam.latency + mac.latency, "tag")),
            argmax.valid.eq(collector.logit_valid),
            argmax.logit.eq(collector.logit),
            argmax.last.eq(collector.logit_last),
            self.class_.eq(argmax.class_),
            self.logits.eq(argmax.logits),
            self.done.eq(argmax.done),
        ]
        return m

    def _weights(self, m: Module, sequencer: Sequencer):
        """Return the current word of weights from ROM."""
        weight_width = self.plan.weight_width
        mask = (1 << weight_width) - 1
        words = []
        for sweep in self._sweeps:
            for word in sweep.weight_words.reshape(len(sweep.weight_words), -1):
                bits = 0
                for place, weight in enumerate(word):
                    bits |= (int(weight) & mask) << (place * weight_width)
                words.append(bits)
        width = self.plan.array.size * weight_width
        m.submodules.weights = rom = BlockRam(width, len(words), words)
        m.d.comb += rom.read_address.eq(sequencer.weight_address)
        return rom.read_data

    def _values(self, m: Module, sequencer: Sequencer, collector: Collector):
        """Return the current word of values: features or an earlier layer's; padding is zero."""
        in_range = delayed(m, sequencer.in_range, BlockRam.latency, "in_range")
        if len(self._sweeps) == 1:
            return Mux(in_range, self.read_data, 0)
        layouts, starts, width = self.plan.between, self.plan.regions, self.plan.value_width
        m.submodules.packer = packer = Packer(layouts, width)
        m.submodules.values = ram = BlockRam(width * layouts[0].lanes, starts[-1])
        row = Signal(range(max(2, len(layouts))))
        with m.If(sequencer.begin):
            m.d.sync += row.eq(sequencer.begin_sweep)
        target = Signal(range(max(2, starts[-1])))
        source = Signal(range(max(2, starts[-1])))
        with m.Switch(row):
            for number in range(len(layouts)):
                with m.Case(number):
                    m.d.comb += target.eq(starts[number])
        with m.Switch(sequencer.sweep):
            for number in range(len(layouts)):
                with m.Case(number + 1):
                    m.d.comb += source.eq(starts[number])
        m.d.comb += [
            packer.begin.eq(sequencer.begin),
            packer.row.eq(sequencer.begin_sweep),
            packer.valid.eq(collector.value_valid),
            packer.value.eq(collector.value),
            packer.last.eq(collector.value_last),
            ram.write_enable.eq(packer.write.enable),
            ram.write_address.eq(target + packer.write.address),
            ram.write_data.eq(packer.write.data),
            ram.read_address.eq(source + sequencer.address),
            sequencer.written.eq(
                pulse_delayed(m, collector.value_valid & collector.value_last, 1, "written")
            ),
        ]
        features = delayed(m, sequencer.sweep == 0, BlockRam.latency, "features")
        return Mux(in_range, Mux(features, self.read_data, ram.read_data), 0)


def _parts(logits):
    layout = logits.shape()
    return layout.elem_shape, layout.length
