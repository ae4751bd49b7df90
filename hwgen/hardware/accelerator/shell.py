"""The accelerator: samples in, answers out, whatever hardware the layers have."""

from __future__ import annotations

from amaranth.hdl import Module
from amaranth.lib import wiring

from hwgen.hardware.accelerator.account import Account
from hwgen.hardware.contract import (
    Layers,
    Source,
    answer_fields,
    core_members,
    feature_members,
)
from hwgen.plans.core import CorePlan


class Accelerator(wiring.Component):
    """The whole network.

    Parameters
    ----------
    plan
        Of the whole.
    front
        The source: samples to words of features.
    layers
        What is behind it: words of features to a class, logits, values.

    Members
    -------
    samples, abandon, result, values, threshold, weights, weights_wrong
        As every accelerator's (`hwgen.hardware.contract.core_members`).

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to the edge that presents the
    result, from one window to the next, and from one sample to the next.

    Handshake
    ---------
    ``samples.ready`` is low where the plan's pause asks for it, and where a window begins (of a
    source that accumulates: is completed) while as many as there is room for have not been dealt
    with. ``result`` stands until it is taken, and so does each of ``values``.
    """

    def __init__(self, plan: CorePlan, front: Source, layers: Layers):
        self.plan = plan
        self._front, self._layers = front, layers
        super().__init__(core_members(plan))

    def elaborate(self, platform):
        """Return source, layers, and the account of windows in flight."""
        m = Module()
        m.submodules.front = front = self._front
        m.submodules.layers = layers = self._layers
        overlapping = self.plan.hop < self.plan.input_samples
        m.submodules.account = account = Account(
            self.plan.timing.in_flight, overlapping=overlapping
        )
        wiring.connect(m, wiring.flipped(self.samples), front.samples)
        features = wiring.Signature(feature_members(self.plan.front))
        for path, member, _ in features.flatten(features.create()):
            sink, driver = (layers, front) if member.flow is wiring.Out else (front, layers)
            m.d.comb += _port(sink, path).eq(_port(driver, path))
        m.d.comb += [
            front.abandon.eq(self.abandon),
            front.permit.eq(account.permit),
            account.started.eq(self.samples.valid & self.samples.ready & self.samples.p.first),
            account.complete.eq(front.complete),
            account.abandon.eq(self.abandon),
            account.known.eq(layers.known),
            account.ready.eq(self.result.ready),
            layers.leave.eq(account.leave),
            self.result.valid.eq(account.valid),
            self.result.p.cycles.eq(account.cycles),
        ]
        if self.plan.threshold is not None:
            wiring.connect(m, wiring.flipped(self.threshold), layers.threshold)
        if self.plan.numbers:
            wiring.connect(m, wiring.flipped(self.values), layers.values)
        if self.plan.flash is not None:
            wiring.connect(m, wiring.flipped(self.weights), layers.weights)
            m.d.comb += self.weights_wrong.eq(layers.weights_wrong)
        for name in answer_fields(self.plan):
            m.d.comb += getattr(self.result.p, name).eq(getattr(layers, name))
        return m


def _port(part: object, path: tuple[str | int, ...]):
    """Return a part's port."""
    for name in path:
        part = getattr(part, str(name))
    return part
