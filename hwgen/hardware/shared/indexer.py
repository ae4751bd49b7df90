"""Which word comes next, where words do not simply follow each other: looked up in a memory."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed
from hwgen.plans import depths
from hwgen.plans.shared import SharedPlan
from hwgen.plans.step import Fetch, Step


class Indexer(wiring.Component):
    """Names a word of values for every word of weights.

    Parameters
    ----------
    plan
        Of the steps.
    address
        Shape of a word's address.

    Members
    -------
    weight_address, step
        Word of weights, and number of its step.
    bases
        For each read of the step the word in which the position begins.
    address, in_range, read, shift
        As the sequencer gives them out.

    Latency
    -------
    `hwgen.plans.depths.INDEX` cycles.
    """

    latency = depths.INDEX

    def __init__(self, plan: SharedPlan, address):
        self._plan = plan
        reads = max(len(step.reads) for step in plan.steps)
        super().__init__(
            {
                "weight_address": In(range(max(2, sum(s.weight_depth for s in plan.steps)))),
                "step": In(range(max(2, len(plan.steps)))),
                "bases": In(data.ArrayLayout(address, reads)),
                "address": Out(address),
                "in_range": Out(1),
                "read": Out(range(max(2, reads))),
                "shift": Out(range(max(2, len(plan.shifts)))),
            }
        )

    def elaborate(self, platform):
        """Return the memory, the sum of base and distance, and the comparison with the ends."""
        m = Module()
        plan = self._plan
        reads, shifts = len(self.read), len(self.shift)
        words = [self._packed(step, f, reads, shifts) for step in plan.steps for f in fetched(step)]
        width = max(1, max(words).bit_length())
        m.submodules.index = rom = BlockRam(width, len(words), words)
        m.d.comb += rom.read_address.eq(self.weight_address)
        which = rom.read_data[:reads]
        base = Signal.like(self.address)
        late = delayed(m, self.bases, rom.latency, "bases")
        with m.Switch(which):
            for number in range(len(late)):
                with m.Case(number):
                    m.d.comb += base.eq(late[number])
        far = rom.read_data[reads + shifts :]
        address, read = Signal.like(self.address), Signal.like(self.read)
        shift = Signal.like(self.shift)
        m.d.sync += [
            address.eq(base + far),
            read.eq(which),
            shift.eq(rom.read_data[reads : reads + shifts]),
        ]
        step = delayed(m, self.step, rom.latency + 1, "step")
        held = Signal.like(self.address)
        in_range = Signal()
        m.d.sync += [held.eq(address), in_range.eq(self._inside(m, step, read, address))]
        m.d.comb += [
            self.address.eq(held),
            self.in_range.eq(in_range),
            self.read.eq(delayed(m, read, 1, "read")),
            self.shift.eq(delayed(m, shift, 1, "shift")),
        ]
        return m

    def _inside(self, m: Module, step, read, address):
        """Return whether a read has the word at all: others are padding."""
        first, last = Signal.like(self.address), Signal.like(self.address)
        with m.Switch(step):
            for number, each in enumerate(self._plan.steps):
                with m.Case(number), m.Switch(read):
                    for which, read_of in enumerate(each.reads):
                        with m.Case(which):
                            m.d.comb += [
                                first.eq(read_of.source.first_word),
                                last.eq(read_of.source.last_word),
                            ]
        # Without padding anywhere nothing is before the first: simulators warn of a comparison that
        # is always true.
        sources = [read_of.source for each in self._plan.steps for read_of in each.reads]
        behind = address >= first if any(each.first_word for each in sources) else 1
        return behind & (address <= last)

    def _packed(self, step: Step, fetch: Fetch, reads: int, shifts: int) -> int:
        shift = self._plan.shifts.index(step.reads[fetch.read].shift)
        return fetch.read | shift << reads | fetch.word << reads + shifts


def fetched(step: Step) -> list[Fetch]:
    """Return the fetch of every word of weights, in their order.

    Where a sum takes fewer words than others its last one is read again, with weights of zero.
    """
    return [
        each[min(word, len(each) - 1)] if each else Fetch(0, 0)
        for phase in step.fetches
        for each in phase
        for word in range(step.words)
    ]
