"""The accelerator for latency: hardware for each layer, which works while features come."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.contract import COUNTER_BITS, core_members
from hwgen.hardware.primitives.memory import pulse_delayed
from hwgen.hardware.unrolled.conv import UnrolledConv
from hwgen.hardware.unrolled.dense import UnrolledDense
from hwgen.plans.core import CorePlan
from hwgen.plans.unrolled.layers import UnrolledLayersPlan


class UnrolledLayers(wiring.Component):
    """Convolution, pooling and dense layer in a row.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    valid, first, last, values
        Words of features, as in `UnrolledConv`.
    o_valid, class_, logits
        As in `UnrolledDense`.

    Latency
    -------
    The plan's: cycles from ``last`` to ``o_valid`` when a window's words come one a cycle.
    """

    def __init__(self, plan: UnrolledLayersPlan):
        self.plan = plan
        self._conv = UnrolledConv(plan.conv)
        self._dense = UnrolledDense(plan.dense)
        super().__init__(
            {
                "valid": In(1),
                "first": In(1),
                "last": In(1),
                "values": In(self._conv.values.shape()),
                "o_valid": Out(1),
                "class_": Out(self._dense.class_.shape()),
                "logits": Out(data.ArrayLayout(signed(plan.logit_bits), plan.classes)),
            }
        )

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
    plan
        Of the whole.
    front
        The source, which accumulates.
    layers
        What is behind it.

    Members
    -------
    samples, abandon, result
        As every accelerator's (`hwgen.hardware.contract.core_members`). A sample that completes a
        window waits until the result of the one before has been taken; when it is taken at once
        none ever waits.

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to the edge that presents the
    result, from one window to the next, and from one sample to the next.
    """

    def __init__(self, plan: CorePlan, front: Any, layers: UnrolledLayers):
        self.plan = plan
        self._front, self._layers = front, layers
        super().__init__(core_members(plan))

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

    def _account(self, m: Module, front: Any, layers: UnrolledLayers) -> None:
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

    def _partial(self, m: Module, front: Any):
        """Return whether the window whose samples came last is not the complete one.

        Windows that overlap share their samples: they are given up together.
        """
        if self.plan.hop < self.plan.input_samples:
            return 0
        partial = Signal()
        with m.If(front.complete):
            m.d.sync += partial.eq(0)
        with m.Elif(self.samples.valid & self.samples.ready & self.samples.p.first):
            m.d.sync += partial.eq(1)
        return partial
