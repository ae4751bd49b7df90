"""Which word comes next, where words do not simply follow each other: looked up in a memory."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed
from hwgen.plans import depths
from hwgen.plans.index import index_of
from hwgen.plans.shared import SharedPlan
from hwgen.plans.weights.flash import FlashPlan


def index_members(flash: FlashPlan | None) -> dict[str, wiring.Member]:
    """Return the ports towards the entries that come with streamed weights; none without."""
    if flash is None or not flash.index_bits:
        return {}
    return {
        "streamed": In(1),
        "index_address": Out(range(flash.ring)),
        "index_data": In(flash.index_bits),
    }


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
    streamed, index_address, index_data
        Only where weights are streamed: whether ``weight_address`` is of the ring, and the entry
        that came with that word.

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
                "weight_address": In(range(max(2, plan.weight_depth))),
                "step": In(range(max(2, len(plan.steps)))),
                "bases": In(data.ArrayLayout(address, reads)),
                "address": Out(address),
                "in_range": Out(1),
                "read": Out(range(max(2, reads))),
                "shift": Out(range(max(2, len(plan.shifts)))),
            }
            | index_members(plan.flash)
        )

    def elaborate(self, platform):
        """Return the memory, the sum of base and distance, and the comparison with the ends."""
        m = Module()
        reads, shifts = len(self.read), len(self.shift)
        entry = self._entry(m)
        which = entry[:reads]
        base = Signal.like(self.address)
        late = delayed(m, self.bases, BlockRam.latency, "bases")
        with m.Switch(which):
            for number in range(len(late)):
                with m.Case(number):
                    m.d.comb += base.eq(late[number])
        far = entry[reads + shifts :]
        address, read = Signal.like(self.address), Signal.like(self.read)
        shift = Signal.like(self.shift)
        m.d.sync += [
            address.eq(base + far),
            read.eq(which),
            shift.eq(entry[reads : reads + shifts]),
        ]
        step = delayed(m, self.step, BlockRam.latency + 1, "step")
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

    def _entry(self, m: Module):
        """Return what is looked up of a word: in a memory, or what came with the word."""
        plan = self._plan
        kept = zip(plan.steps, index_of(plan.steps, plan.shifts), strict=True)
        words = [int(entry) for step, each in kept if not step.streamed for entry in each]
        entry = None
        if words:
            width = max(1, max(words).bit_length())
            m.submodules.index = rom = BlockRam(width, len(words), words)
            m.d.comb += rom.read_address.eq(self.weight_address)
            entry = rom.read_data
        if plan.flash is None:
            return entry
        m.d.comb += self.index_address.eq(self.weight_address)
        if entry is None:
            return self.index_data
        streamed = delayed(m, self.streamed, BlockRam.latency, "streamed")
        # Entries that stay may be narrower than those that come.
        both = Signal.like(self.index_data)
        m.d.comb += both.eq(Mux(streamed, self.index_data, entry))
        return both

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
