"""The layers behind the front-end: features in memory to class, on one MAC array."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.fixedpoint import signed_width
from hwgen.hardware.heads.argmax import ArgMax
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.shared.collector import Collector
from hwgen.hardware.shared.mac_array import MacArray
from hwgen.hardware.shared.packer import Packer
from hwgen.hardware.shared.sequencer import Sequencer
from hwgen.plans.layout import Layout
from hwgen.plans.sweep import Sweep

_ISSUE = 2
"""Cycles from the sequencer's step to the address it gives out."""


class Engine(wiring.Component):
    """Runs all sweeps of one window after the other.

    Parameters
    ----------
    sweeps
        In order; the last gives the logits.
    value_width
        Bits of a value in memory, signed.
    logit_width
        Bits of a logit, signed.
    dsp
        How many of the MAC array's multipliers are DSP cells.

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
    `latency` cycles from ``start`` to ``done``, when ``proceed`` is high.
    """

    def __init__(self, sweeps: tuple[Sweep, ...], value_width: int, logit_width: int, *, dsp: int):
        self._sweeps = sweeps
        self._value_width = value_width
        self._logit_width = logit_width
        array = sweeps[0].array
        self._sum_width = sum_width(sweeps)
        self._weight_width = weight_width(sweeps)
        self._mac = MacArray(
            array, value_width, self._weight_width, self._sum_width, dsp=min(dsp, array.size)
        )
        self._sequencer = Sequencer(sweeps)
        self._argmax = ArgMax(sweeps[-1].outputs, logit_width)
        super().__init__(
            {
                "start": In(1),
                "busy": Out(1),
                "read_address": Out(self._sequencer.address.shape()),
                "read_data": In(array.lanes * value_width),
                "consumed": Out(1),
                "proceed": In(1),
                "result_begin": Out(1),
                "class_": Out(self._argmax.class_.shape()),
                "logits": Out(data.ArrayLayout(*_parts(self._argmax.logits))),
                "done": Out(1),
            }
        )

    @property
    def _pipeline(self) -> int:
        """Cycles from the step that issues a sum's last word to the sum."""
        return _ISSUE + BlockRam.latency + self._mac.latency

    def _behind(self, sweep: Sweep) -> int:
        """Cycles from a sweep's last step to its last value in memory, or to ``done``.

        Less than 0 where the last word is followed by more steps than the pipeline is long.
        """
        rows = sweep.array.rows
        # The last group may use few of the rows, the last word may be followed by waiting.
        tail = sweep.outputs - (sweep.groups - 1) * rows - 1 - (sweep.steps - sweep.words)
        if sweep is self._sweeps[-1]:
            return self._pipeline + Collector.logit_latency + tail + ArgMax.latency
        return self._pipeline + Collector.value_latency + tail + Packer.latency

    @property
    def breakdown(self) -> dict[str, int]:
        """Cycles of each sweep from its beginning to its last value or to ``done``."""
        return {
            sweep.name: 1
            + sweep.cycles
            # The sequencer waits a cycle at least before the next sweep.
            + (self._behind(sweep) if sweep is self._sweeps[-1] else max(1, self._behind(sweep)))
            for sweep in self._sweeps
        }

    @property
    def latency(self) -> int:
        """Cycles from ``start`` to ``done``."""
        return sum(self.breakdown.values())

    @property
    def interval(self) -> int:
        """Cycles from one window's ``start`` to the next possible one, results taken at once."""
        run = self.latency - self._behind(self._sweeps[-1]) + 1
        # The only sweep is also the last, which waits until the result before is out of its way.
        return max(run, self.latency + 2) if len(self._sweeps) == 1 else run

    def elaborate(self, platform):
        """Return sequencer, memories, MAC array, collector and arg-max."""
        m = Module()
        m.submodules.sequencer = sequencer = self._sequencer
        m.submodules.mac = mac = self._mac
        m.submodules.argmax = argmax = self._argmax
        m.submodules.collector = collector = Collector(
            self._sweeps, self._sum_width, self._value_width, self._logit_width
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
        mask = (1 << self._weight_width) - 1
        words = []
        for sweep in self._sweeps:
            for word in sweep.weight_words.reshape(len(sweep.weight_words), -1):
                bits = 0
                for place, weight in enumerate(word):
                    bits |= (int(weight) & mask) << (place * self._weight_width)
                words.append(bits)
        width = self._sweeps[0].array.size * self._weight_width
        m.submodules.weights = rom = BlockRam(width, len(words), words)
        m.d.comb += rom.read_address.eq(sequencer.weight_address)
        return rom.read_data

    def _values(self, m: Module, sequencer: Sequencer, collector: Collector):
        """Return the current word of values: features or an earlier layer's; padding is zero."""
        in_range = delayed(m, sequencer.in_range, BlockRam.latency, "in_range")
        if len(self._sweeps) == 1:
            return Mux(in_range, self.read_data, 0)
        layouts = tuple(sweep.source for sweep in self._sweeps[1:])
        starts = regions(layouts)
        m.submodules.packer = packer = Packer(layouts, self._value_width)
        m.submodules.values = ram = BlockRam(self._value_width * layouts[0].lanes, starts[-1])
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


def sum_width(sweeps: tuple[Sweep, ...]) -> int:
    """Return the bits of a sum that holds any partial sum of any sweep, signed."""
    ranges = [sweep.accumulator for sweep in sweeps]
    return signed_width(min(low for low, _ in ranges), max(high for _, high in ranges))


def weight_width(sweeps: tuple[Sweep, ...]) -> int:
    """Return the bits of a weight in memory."""
    return max(sweep.weight_bits for sweep in sweeps)


def regions(layouts: tuple[Layout, ...]) -> list[int]:
    """Return where each layer's words begin in the memory between layers, and its size."""
    starts = [0]
    for layout in layouts:
        starts.append(starts[-1] + layout.last_word + 1)
    return starts


def _parts(logits):
    layout = logits.shape()
    return layout.elem_shape, layout.length
