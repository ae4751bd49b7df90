"""Functions of one value, looked up."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed
from hwgen.plans import depths
from hwgen.plans.shared import SharedPlan


class Table(wiring.Component):
    """Gives for a value what the table of its step has; the value itself where there is none.

    Parameters
    ----------
    plan
        Of the steps, some of which have tables.

    Members
    -------
    value, step
        A value, and the number of its step.
    o
        `latency` cycles later.
    """

    latency = depths.MEMORY

    def __init__(self, plan: SharedPlan):
        self._plan = plan
        value = signed(plan.value_width)
        super().__init__(
            {
                "value": In(value),
                "step": In(range(max(2, len(plan.steps)))),
                "o": Out(value),
            }
        )

    def elaborate(self, platform):
        """Return the memory of all tables, each from the least value on."""
        m = Module()
        plan = self._plan
        place = plan.table_depth // len(plan.tables)
        mask = (1 << plan.value_width) - 1
        words = [0] * plan.table_depth
        index = Signal(range(max(2, place)))
        table = Signal(range(max(2, len(plan.tables))))
        has = Signal()
        for number, step in enumerate(plan.tables):
            post = step.post
            assert post.table is not None
            assert post.given is not None
            for at, value in enumerate(post.table.tolist()):
                words[number * place + at] = value & mask
            with m.If(self.step == plan.steps.index(step)):
                m.d.comb += [index.eq(self.value - post.given.min), table.eq(number), has.eq(1)]
        m.submodules.rom = rom = BlockRam(plan.value_width, len(words), words)
        m.d.comb += [
            rom.read_address.eq(Cat(index, table)),
            self.o.eq(
                Mux(
                    delayed(m, has, rom.latency, "has"),
                    rom.read_data.as_signed(),
                    delayed(m, self.value, rom.latency, "value"),
                )
            ),
        ]
        return m
