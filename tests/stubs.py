"""Parts without an inside: a test drives what they would give and reads what they are given."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockDomain, Const, Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import Flow
from amaranth.sim import Simulator


class Stub(wiring.Component):
    """The ports of a component, and nothing behind them.

    `given` keeps what the component was made with.
    """

    def __init__(self, signature: Any, *given: Any, **named: Any) -> None:
        self.given, self.named = given, named
        super().__init__(signature)

    def elaborate(self, platform):
        return Module()

    def ports(self, flow):
        """Yield path and value of every port that goes that way."""
        for path, member, value in self.signature.flatten(self):
            if member.flow is flow and not isinstance(value, Const):  # as what is always ready
                yield ".".join(map(str, path)), Value.cast(value)


def stub_of(kind):
    """Return what makes a stub instead of a component of that kind."""

    def make(*given, **named):
        return Stub(dict(kind(*given, **named).signature.members.items()), *given, **named)

    return make


def driven(**stubs):
    """Return the ports that stubs would drive: ``"name.path"`` to value."""
    return _all(stubs, Flow.Out)


def read(**stubs):
    """Return the ports that stubs would read."""
    return _all(stubs, Flow.In)


def _all(stubs, flow):
    return {f"{name}.{p}": value for name, stub in stubs.items() for p, value in stub.ports(flow)}


def play(dut, cycles, drive, watch):
    """Set what ``drive(cycle)`` gives, a value each name of `watch` knows; return what is read.

    `drive` gives ``{name: (value, number)}``, `watch` is ``{name: value}``.
    """
    seen = []

    async def process(ctx):
        for cycle in range(cycles):
            for value, number in drive(cycle).values():
                ctx.set(value, number)
            seen.append({name: ctx.get(value) for name, value in watch.items()})
            await ctx.tick()

    m = Module()
    m.domains.sync = ClockDomain()  # what is wired only has none
    m.submodules.dut = dut
    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(process)
    simulator.run()
    return seen
