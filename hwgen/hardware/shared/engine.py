"""The layers behind the front-end: features in memory to an answer, on one MAC array."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, ResetInserter, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.contract import (
    answer_fields,
    threshold_member,
    value_member,
    weight_members,
)
from hwgen.hardware.heads.argmax import ArgMax
from hwgen.hardware.heads.score import Score
from hwgen.hardware.heads.value_stream import ValueStream
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.shared.collector import Collector
from hwgen.hardware.shared.mac_array import MacArray
from hwgen.hardware.shared.packer import Across, Packer
from hwgen.hardware.shared.sequencer import Sequencer
from hwgen.hardware.weights.store import store
from hwgen.plans import depths
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Step


class Engine(wiring.Component):
    """Runs all steps of one window after the other.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    start, busy
        Begin a window whose features are in memory; ignored while ``busy``. So it is until there
        is room for the window's values.
    read_address, read_data
        Of the feature memory; 2 cycles' latency.
    consumed
        High for a cycle when the features are no longer needed.
    ready, abort
        Only where tasks do not wait for all features: how many words are there, and whether the
        window is given up before all were.
    proceed
        Whether the last step may begin: the result before has been taken.
    result_begin
        High for a cycle when it does; from then on `class_` and `logits` change.
    class_, logits, threshold
        As in `ArgMax` where there are logits, as in `Score` where values are squared.
    values, drop
        Only where values leave: their stream (`hwgen.hardware.contract.value_member`), and that
        those of the window that is ``done`` in this cycle are not to.
    done
        High for a cycle when all of that is there.
    weights, weights_wrong
        Only where weights are streamed (`hwgen.hardware.contract.weight_members`).

    Latency
    -------
    The plan's: cycles from ``start`` to ``done``, when ``proceed`` is high.
    """

    def __init__(self, plan: SharedPlan):
        self.plan = plan
        self._mac = MacArray(
            plan.array,
            plan.value_width,
            plan.weight_width,
            plan.sum_width,
            dsp=plan.array_dsp,
            shifts=plan.shifts,
            two=plan.two_products,
        )
        self._sequencer = Sequencer(plan)
        early = {"ready": In(self._sequencer.ready.shape()), "abort": In(1)} if plan.ahead else {}
        super().__init__(
            early
            | {
                "start": In(1),
                "busy": Out(1),
                "read_address": Out(self._sequencer.address.shape()),
                "read_data": In(plan.array.lanes * plan.value_width),
                "consumed": Out(1),
                "proceed": In(1),
                "result_begin": Out(1),
                "done": Out(1),
            }
            | {name: Out(shape) for name, shape in answer_fields(plan).items()}
            | value_member(plan)
            | ({"drop": In(1)} if plan.value_stream else {})
            | threshold_member(plan)
            | weight_members(plan)
        )

    def elaborate(self, platform):
        """Return sequencer, memories, MAC array, collector, and what keeps the answer."""
        m = Module()
        sequencer, mac = self._sequencer, self._mac
        m.submodules.sequencer, m.submodules.mac = map(self._ended, (sequencer, mac))
        collector = Collector(self.plan)
        m.submodules.collector = self._ended(collector)
        last = len(self.plan.tasks) - 1
        begin = self.start & ~self.busy
        m.d.comb += [
            sequencer.start.eq(begin),
            self.consumed.eq(sequencer.consumed),
            sequencer.proceed.eq(self.proceed),
            self.result_begin.eq(sequencer.begin & (sequencer.begin_task == last)),
            self.read_address.eq(sequencer.address),
            mac.valid.eq(self._pulse(m, sequencer.valid, BlockRam.latency, "valid")),
            mac.first.eq(delayed(m, sequencer.first, BlockRam.latency, "first")),
            mac.last.eq(delayed(m, sequencer.last, BlockRam.latency, "last")),
            mac.values.eq(self._values(m, sequencer, collector)),
            mac.weights.eq(self._weights(m, sequencer)),
            collector.valid.eq(mac.o_valid),
            collector.sums.eq(mac.sums),
            collector.tag.eq(delayed(m, sequencer.tag, BlockRam.latency + mac.latency, "tag")),
        ]
        last_value = self._written(m, sequencer, collector)
        if self.plan.value_stream:
            self._stream_values(m, sequencer, collector, begin)
        else:
            m.d.comb += self.busy.eq(sequencer.busy)
        if self.plan.squares:
            self._keep_score(m, collector)
        elif self.plan.has_logits:
            self._keep_logits(m, collector)
        else:
            m.d.sync += self.done.eq(last_value)
        if self.plan.ahead:
            m.d.comb += sequencer.ready.eq(self.ready)
        if len(self.plan.shifts) > 1:
            m.d.comb += mac.shift.eq(delayed(m, sequencer.shift, BlockRam.latency, "shift"))
        return m

    def _keep_logits(self, m: Module, collector: Collector) -> None:
        """Find the class, and with it the answer is there: logits are what comes last."""
        m.submodules.argmax = argmax = ArgMax(self.plan.classes, self.plan.logit_bits)
        m.d.comb += [
            argmax.valid.eq(collector.logit_valid),
            argmax.logit.eq(collector.logit),
            argmax.last.eq(collector.logit_last),
            self.class_.eq(argmax.class_),
            self.logits.eq(argmax.logits),
            self.done.eq(argmax.done),
        ]

    def _keep_score(self, m: Module, collector: Collector) -> None:
        """Square the last step's values, and add them up: the score is there with the last one."""
        plan = self.plan
        assert plan.squares is not None
        score = Score(
            plan.squares,
            plan.value_width,
            plan.logit_bits,
            at_once=plan.array.drain,
            dsp=plan.squares_dsp,
        )
        m.submodules.score = self._ended(score)
        wiring.connect(m, wiring.flipped(self.threshold), score.threshold)
        m.d.comb += [
            score.valid.eq(collector.value_valid & (collector.value_step == len(plan.steps) - 1)),
            score.values.eq(collector.values),
            score.last.eq(collector.value_last),
            self.class_.eq(score.class_),
            self.logits.eq(score.logits),
            self.done.eq(score.done),
        ]

    def _stream_values(self, m: Module, sequencer: Sequencer, collector: Collector, begin) -> None:
        """Keep the values that leave, each output's by itself, until they have."""
        plan = self.plan
        assert plan.value_stream is not None
        m.submodules.value_stream = values = ValueStream(plan.value_stream)
        wiring.connect(m, wiring.flipped(self.values), values.o)
        m.d.comb += [
            self.busy.eq(sequencer.busy | ~values.room),
            values.begin.eq(begin),
            values.known.eq(self.done),
            values.drop.eq(self.drop),
        ]
        if plan.ahead:
            m.d.comb += values.abort.eq(self.abort)
        for mine, value in zip(values.values, collector.values, strict=True):
            m.d.comb += mine.eq(value)
        for place, number in enumerate(plan.outputs):
            its = collector.value_valid & (collector.value_step == number)
            m.d.comb += values.write[place].eq(its)

    def _written(self, m: Module, sequencer: Sequencer, collector: Collector):
        """Say when a task's values are all there; return whether these are a window's last."""
        done = collector.value_valid & collector.value_last
        final = Const(0)
        if not self.plan.has_logits:
            final = collector.value_step == len(self.plan.steps) - 1
            done = done & ~final
        m.d.comb += sequencer.written.eq(self._pulse(m, done, 1, "written"))
        return collector.value_valid & collector.value_last & final

    def _ended(self, part: wiring.Component):
        """Return a part that begins anew when a window is given up."""
        return ResetInserter(self.abort)(part) if self.plan.ahead else part

    def _pulse(self, m: Module, signal, cycles: int, name: str):
        """Return a control bit as it was, none of a window that was given up."""
        if not self.plan.ahead:
            return pulse_delayed(m, signal, cycles, name)
        for step in range(cycles):
            signal = pulse_delayed(m, signal & ~self.abort, 1, f"{name}_{step}")
        return signal

    def _weights(self, m: Module, sequencer: Sequencer):
        """Return the current word of weights from their store."""
        m.submodules.weights = weights = store(self.plan.weights, BlockRam.latency)
        late = depths.spread(self.plan.array.rows, self.plan.array.lanes)
        m.d.comb += weights.read_address.eq(
            delayed(m, sequencer.weight_address, late, "weight_address")
        )
        if self.plan.flash is not None:
            self._stream_weights(m, sequencer, weights, late)
        return weights.read_data

    def _stream_weights(self, m: Module, sequencer: Sequencer, weights, late: int) -> None:
        """Let the sequencer know of the ring, and the stream fill it."""
        wiring.connect(m, wiring.flipped(self.weights), weights.i)
        m.d.comb += [
            weights.streamed.eq(delayed(m, sequencer.streamed, late, "weight_streamed")),
            weights.release.eq(sequencer.release),
            sequencer.filled.eq(weights.filled),
            self.weights_wrong.eq(weights.wrong),
        ]
        if self.plan.indexed:
            m.d.comb += [
                weights.index_address.eq(sequencer.index_address),
                sequencer.index_data.eq(weights.index_data),
            ]

    def _values(self, m: Module, sequencer: Sequencer, collector: Collector):
        """Return the current word of values: features or an earlier layer's; padding is zero."""
        in_range = delayed(m, sequencer.in_range, BlockRam.latency, "in_range")
        memory = self.plan.memory
        if not memory.size:
            return Mux(in_range, self.read_data, 0)
        width = self.plan.array.lanes * self.plan.value_width
        m.submodules.values = ram = BlockRam(width, memory.size)
        self._write(m, sequencer, collector, ram)
        source = Signal(range(max(2, memory.size)))
        features = Signal()
        with m.Switch(sequencer.step):
            for number, step in enumerate(self.plan.steps):
                with m.Case(number):
                    self._read_from(m, step, sequencer.read, source, features)
        m.d.comb += ram.read_address.eq(source + sequencer.address)
        from_source = delayed(m, features, BlockRam.latency, "features")
        return Mux(in_range, Mux(from_source, self.read_data, ram.read_data), 0)

    def _read_from(self, m: Module, step: Step, read, source, features) -> None:
        """Say where a step's current read lies: its first word, or that it is of the features."""

        def at(value: str) -> None:
            if value == self.plan.memory.features:
                m.d.comb += features.eq(1)
            else:
                m.d.comb += source.eq(self.plan.memory.regions[value].start)

        if len(step.reads) == 1:
            at(step.reads[0].value)
            return
        with m.Switch(read):
            for number, each in enumerate(step.reads):
                with m.Case(number):
                    at(each.value)

    def _write(self, m: Module, sequencer: Sequencer, collector: Collector, ram: BlockRam) -> None:
        """Pack the values of the current step and write them where they belong."""
        plan, drain, lanes = self.plan, self.plan.array.drain, self.plan.array.lanes
        steps = [plan.steps[task.step] for task in plan.tasks]
        written = [plan.memory.regions.get(step.writes) for step in steps]
        layouts = tuple(None if region is None else region.layout for region in written)
        begins = tuple(t.begin * s.width for t, s in zip(plan.tasks, steps, strict=True))
        across = tuple(
            Across(s.width // lanes, s.array.rows // lanes, s.positions // s.pool)
            if s.crosswise
            else None
            for s in steps
        )
        packer = Packer(layouts, plan.value_width, at_once=drain, begins=begins, across=across)
        m.submodules.packer = self._ended(packer)
        row = Signal(range(max(2, len(written))))
        with m.If(sequencer.begin):
            m.d.sync += row.eq(sequencer.begin_task)
        target = Signal(range(max(2, plan.memory.size)))
        with m.Switch(row):
            for number, region in enumerate(written):
                if region is not None:
                    with m.Case(number):
                        m.d.comb += target.eq(region.start)
        m.d.comb += [
            packer.begin.eq(sequencer.begin),
            packer.row.eq(sequencer.begin_task),
            packer.valid.eq(collector.value_valid & self._stored(collector)),
            packer.values.eq(collector.values),
            packer.last.eq(collector.value_last),
            ram.write_enable.eq(packer.write.enable),
            ram.write_address.eq(target + packer.write.address),
            ram.write_data.eq(packer.write.data),
        ]

    def _stored(self, collector: Collector):
        """Return whether a layer reads the values that come: others only leave."""
        regions = self.plan.memory.regions
        steps = [step for step in self.plan.steps if not step.exact]
        if all(step.writes in regions for step in steps):
            return Const(1)
        numbers = [n for n, step in enumerate(self.plan.steps) if step.writes in regions]
        return Cat(*(collector.value_step == number for number in numbers)).any()
