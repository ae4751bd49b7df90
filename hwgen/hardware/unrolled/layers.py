"""Layers each of which has hardware of its own, and works while features come."""

from __future__ import annotations

from amaranth.hdl import Module
from amaranth.lib import wiring

from hwgen.hardware.contract import layers_members
from hwgen.hardware.unrolled.conv import UnrolledConv
from hwgen.hardware.unrolled.dense import UnrolledDense
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.unrolled.layers import UnrolledLayersPlan


class UnrolledLayers(wiring.Component):
    """Convolution, pooling and dense layer in a row.

    Parameters
    ----------
    plan
        What it is made of.
    front
        The plan of what gives the features: words in order, one a cycle.

    Members
    -------
    begin, write, done, first, room, known, class_, logits, leave
        As of all layers (`hwgen.hardware.contract.layers_members`). There is always room: words
        are worked off as they come, those of the next window when the result before has left.

    Latency
    -------
    The plan's: cycles from ``done`` to ``known`` when a window's words come one a cycle.
    """

    def __init__(self, plan: UnrolledLayersPlan, front: SourcePlan):
        self.plan = plan
        self._conv = UnrolledConv(plan.conv)
        self._dense = UnrolledDense(plan.dense)
        super().__init__(layers_members(front, plan))

    def elaborate(self, platform):
        """Connect the layers."""
        m = Module()
        m.submodules.conv = conv = self._conv
        m.submodules.dense = dense = self._dense
        m.d.comb += [
            self.room.eq(1),
            conv.valid.eq(self.write.enable),
            conv.first.eq(self.first),
            conv.last.eq(self.done),
            conv.values.eq(self.write.data),
            dense.soon.eq(conv.o_soon),
            dense.soon_first.eq(conv.o_soon_first),
            dense.values.eq(conv.o_values),
            self.known.eq(dense.o_valid),
            self.class_.eq(dense.class_),
            self.logits.eq(dense.logits),
        ]
        return m


LAYERS = UnrolledLayers
