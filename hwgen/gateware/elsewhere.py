"""A core whose Verilog is in another file, as those around it see one."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import ClockSignal, Instance, Module, ResetSignal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from hwgen.hardware.contract import core_members
from hwgen.plans.facts import CoreFacts


class CoreElsewhere(wiring.Component):
    """An instance of a module that `hwgen.hardware.emit.write_verilog` has written.

    Parameters
    ----------
    plan
        Its numbers.
    module
        Its name.

    Members
    -------
    samples, abandon, result, threshold
        As every accelerator's (`hwgen.hardware.contract.core_members`).
    """

    def __init__(self, plan: CoreFacts, module: str) -> None:
        self.plan, self._module = plan, module
        super().__init__(core_members(plan))

    def elaborate(self, platform: Any) -> Module:
        """Connect the instance's ports, named as Amaranth names those of a top."""
        m = Module()
        ports: dict[str, Any] = {"i_clk": ClockSignal(), "i_rst": ResetSignal()}
        for path, member, value in self.signature.flatten(self):
            direction = "i" if member.flow is In else "o"
            ports[f"{direction}_{'__'.join(map(str, path))}"] = Value.cast(value)
        m.submodules.instance = Instance(self._module, **ports)
        return m
