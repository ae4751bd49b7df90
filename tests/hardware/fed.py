"""A core whose weights are streamed, beside what streams them: bytes at a steady pace."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, unsigned
from amaranth.lib import memory, wiring

from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.contract import core_members
from hwgen.plans.core import CorePlan


class Fed(wiring.Component):
    """An accelerator, and the stream of its weights, again and again.

    Parameters
    ----------
    plan
        Of the accelerator.
    content
        The stream; None: as it should be.
    """

    def __init__(self, plan: CorePlan, content: bytes | None = None) -> None:
        assert plan.flash is not None
        self.plan = plan
        self._core: Any = generate(plan)
        self._content = plan.flash.content if content is None else content
        members = core_members(plan)
        del members["weights"]
        super().__init__(members)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.core = core = self._core
        for name in self.signature.members:
            mine, its = getattr(self, name), getattr(core, name)
            if hasattr(mine, "signature"):
                wiring.connect(m, wiring.flipped(mine), its)
            elif self.signature.members[name].flow is wiring.Out:
                m.d.comb += mine.eq(its)
            else:
                m.d.comb += its.eq(mine)
        assert self.plan.flash is not None
        pace = self.plan.flash.pace
        m.submodules.content = content = memory.Memory(
            shape=unsigned(8), depth=len(self._content), init=list(self._content)
        )
        read = content.read_port(domain="comb")
        wait = Signal(range(pace.byte + pace.again + 1), init=1)
        last = read.addr == len(self._content) - 1
        m.d.comb += [core.weights.payload.eq(read.data), core.weights.valid.eq(wait <= 1)]
        with m.If(core.weights.valid):
            with m.If(core.weights.ready):
                m.d.sync += [read.addr.eq(read.addr + 1), wait.eq(pace.byte)]
                with m.If(last):
                    m.d.sync += [read.addr.eq(0), wait.eq(pace.byte + pace.again)]
        with m.Else():
            m.d.sync += wait.eq(wait - 1)
        return m
