"""The accelerator for latency: hardware for each layer, which works while features come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.errors import CannotMeetError
from hwgen.hardware.accelerator.shared import COUNTER_BITS, result_layout
from hwgen.hardware.primitives.memory import pulse_delayed
from hwgen.hardware.sources.fft.intake import sample_layout
from hwgen.hardware.unrolled.conv import UnrolledConv
from hwgen.hardware.unrolled.dense import UnrolledDense
from hwgen.plans.design import Design
from hwgen.plans.unrolled import UnrolledPlan
from hwgen.quantized import QuantizedOp
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.quantized.ops.dense import QuantizedDense
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d

if TYPE_CHECKING:
    from hwgen.hardware.sources.dft.dft import DftFrontEnd


def parts(ops: tuple[QuantizedOp, ...]) -> tuple[QuantizedConv1d, int, QuantizedDense]:
    """Return the convolution, the size of its pooling, and the last layer.

    Raises
    ------
    CannotMeetError
        If the layers behind the spectrum are others.
    """
    pool, rest = 1, ops[1:]
    if rest and isinstance(rest[0], QuantizedMaxPool1d):
        pool, rest = rest[0].size, rest[1:]
    conv, last = ops[0], rest[0] if len(rest) == 1 else None
    if not (isinstance(conv, QuantizedConv1d) and isinstance(last, QuantizedDense) and last.last):
        raise CannotMeetError(
            f"unrolled layers must be conv1d, maxpool1d or none, and one dense layer, not "
            f"{', '.join(op.op for op in ops)}; ask for a MAC array with --parallel"
        )
    return conv, pool, last


def planned(ops: tuple[QuantizedOp, ...], lanes: int) -> UnrolledPlan:
    """Return how the convolution is unrolled over words of `lanes` features.

    Raises
    ------
    CannotMeetError
        If it cannot be.
    """
    conv, pool, _ = parts(ops)
    try:
        return UnrolledPlan(conv, pool, lanes)
    except ValueError as error:
        raise CannotMeetError(f"{conv.name} cannot be unrolled: {error}") from error


def at_once(ops: tuple[QuantizedOp, ...], lanes: int) -> list[int]:
    """Return how many values the dense layer may take at once: what divides a group of them."""
    group = planned(ops, lanes).group
    return [values for values in range(1, group + 1) if group % values == 0]


class UnrolledLayers(wiring.Component):
    """Convolution, pooling and dense layer in a row.

    Parameters
    ----------
    ops
        The layers behind the spectrum.
    design
        Features and values at once, and DSP cells.

    Members
    -------
    valid, first, last, values
        Words of features, as in `UnrolledConv`.
    o_valid, class_, logits
        As in `UnrolledDense`.

    Latency
    -------
    `latency` cycles from ``last`` to ``o_valid`` when a window's words come one a cycle.

    Raises
    ------
    CannotMeetError
        If the layers cannot be unrolled like that.
    """

    def __init__(self, ops: tuple[QuantizedOp, ...], design: Design):
        conv, pool, last = parts(ops)
        planned(ops, design.lanes)
        self._names = conv.name, last.name
        self._conv = UnrolledConv(conv, pool, design.lanes)
        self._dense = UnrolledDense(
            last,
            self._conv.order,
            self._conv.group,
            interval=self._conv.interval,
            values_at_once=design.values,
            dsp=design.dsp,
        )
        self.classes = self._dense.classes
        self.logit_bits = last.out.width
        super().__init__(
            {
                "valid": In(1),
                "first": In(1),
                "last": In(1),
                "values": In(self._conv.values.shape()),
                "o_valid": Out(1),
                "class_": Out(self._dense.class_.shape()),
                "logits": Out(data.ArrayLayout(signed(last.out.width), self.classes)),
            }
        )

    @property
    def breakdown(self) -> dict[str, int]:
        """Cycles of each layer behind the last word of features; they add up to `latency`."""
        conv, dense = self._names
        return {conv: self._conv.latency, dense: self._dense.latency}

    @property
    def latency(self) -> int:
        """Cycles from the last word of features to the class."""
        return self._conv.latency + self._dense.latency

    def elaborate(self, platform):
        """Connect the layers."""
        m = Module()
        m.submodules.conv = conv = self._conv
        m.submodules.dense = dense = self._dense
        m.d.comb += [
            conv.valid.eq(self.valid),
            conv.first.eq(self.first),
            conv.last.eq(self.last),
            conv.values.eq(self.values),
            dense.soon.eq(conv.o_soon),
            dense.soon_first.eq(conv.o_soon_first),
            dense.values.eq(conv.o_values),
            self.o_valid.eq(dense.o_valid),
            self.class_.eq(dense.class_),
            self.logits.eq(dense.logits),
        ]
        return m


class UnrolledAccelerator(wiring.Component):
    """The whole network; one window at a time is behind its last sample.

    Parameters
    ----------
    front
        The front-end.
    layers
        What is behind it.

    Members
    -------
    samples, abandon, result
        As in `hwgen.hardware.accelerator.shared.Accelerator`. A sample that completes a window
        waits until the result of the one before has been taken; when it is taken at once none
        ever waits.

    Latency
    -------
    `latency` cycles from the edge that takes a window's last sample to the edge that presents the
    result; one window every `interval` cycles, a sample every `pause`.
    """

    result_latency = 1
    """Cycles from the class to its presentation."""

    def __init__(self, front: DftFrontEnd, layers: UnrolledLayers):
        self._front = front
        self._layers = layers
        self.input_samples = front.input_samples
        self.adc_bits = front.adc_bits
        self.hop = front.hop
        self.classes = layers.classes
        self.logit_bits = layers.logit_bits
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(self.adc_bits))),
                "abandon": In(1),
                "result": Out(stream.Signature(result_layout(self.classes, self.logit_bits))),
            }
        )

    @property
    def breakdown(self) -> dict[str, int]:
        """Cycles of each step from last sample to class, in order; they add up to `latency`."""
        return {**self._front.breakdown, **self._layers.breakdown, "result": self.result_latency}

    @property
    def latency(self) -> int:
        """Cycles from taking a window's last sample to presenting its class."""
        return sum(self.breakdown.values())

    @property
    def pause(self) -> int:
        """Cycles from one sample to the next possible one."""
        return self._front.pause

    @property
    def interval(self) -> int:
        """Cycles from one window to the next when results are never held up from outside."""
        return self._front.interval

    def elaborate(self, platform):
        """Return front-end, layers, and the account of the window behind its last sample."""
        m = Module()
        m.submodules.front = front = self._front
        m.submodules.layers = layers = self._layers
        wiring.connect(m, wiring.flipped(self.samples), front.samples)
        m.d.comb += [
            front.abandon.eq(self.abandon),
            front.room.eq(1),
            layers.valid.eq(front.write.enable),
            layers.first.eq(front.first),
            layers.last.eq(front.done),
            layers.values.eq(front.write.data),
            self.result.p.class_.eq(layers.class_),
            self.result.p.logits.eq(layers.logits),
        ]
        self._account(m, front, layers)
        return m

    def _account(self, m: Module, front: DftFrontEnd, layers: UnrolledLayers) -> None:
        """Remember when the window was complete, and whether it was given up."""
        flying, dropped = Signal(), Signal()
        partial = self._partial(m, front)
        given_up, leave = Signal(), Signal()
        now = Signal(COUNTER_BITS)
        ended = Signal(COUNTER_BITS, reset_less=True)
        m.d.comb += [
            front.permit.eq(~flying),
            given_up.eq(dropped | (self.abandon & ~partial)),
            leave.eq(
                (self.result.valid & self.result.ready) | (layers.o_valid & flying & given_up)
            ),
        ]
        m.d.sync += now.eq(now + 1)
        # The time is noted a cycle late: what completes a window is known late in its cycle.
        with m.If(pulse_delayed(m, front.complete, 1, "complete")):
            m.d.sync += ended.eq(now)
        with m.If(front.complete):
            m.d.sync += [flying.eq(1), dropped.eq(0)]
        with m.Else():
            m.d.sync += dropped.eq(given_up)
            with m.If(leave):
                m.d.sync += flying.eq(0)
        with m.If(layers.o_valid):
            m.d.sync += self.result.p.cycles.eq(now - ended + 2)
        with m.If(layers.o_valid & flying & ~given_up):
            m.d.sync += self.result.valid.eq(1)
        with m.Elif(self.result.ready):
            m.d.sync += self.result.valid.eq(0)

    def _partial(self, m: Module, front: DftFrontEnd):
        """Return whether the window whose samples came last is not the complete one.

        Windows that overlap share their samples: they are given up together.
        """
        if self.hop < self.input_samples:
            return 0
        partial = Signal()
        with m.If(front.complete):
            m.d.sync += partial.eq(0)
        with m.Elif(self.samples.valid & self.samples.ready & self.samples.p.first):
            m.d.sync += partial.eq(1)
        return partial
