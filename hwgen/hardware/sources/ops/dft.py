"""The spectrum by accumulation: each sample is added to every bin as it comes."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring

from hwgen.hardware.contract import source_members
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.sources.dft.intake import DftIntake
from hwgen.hardware.sources.dft.lane import DftLane
from hwgen.hardware.sources.dft.phase import DftPhases
from hwgen.plans import depths
from hwgen.plans.sources.dft import DftPlan, sum_width


class DftFrontEnd(wiring.Component):
    """Sums of all bins in memory; a sweep a sample adds to them, and gives features at the end.

    After the last sample nothing is left to do but its own sweep.

    Parameters
    ----------
    plan
        What it is made of.

    Members
    -------
    samples, abandon, permit, complete
        As in `DftIntake`.
    room
        Whether the feature memory has room for a window: without, none is completed.
    begin
        High in the cycle in which that room is taken, which is that of ``complete``.
    write, first, done
        Words of features in consecutive cycles; ``first`` and ``done`` come with a window's
        first and last.

    Latency
    -------
    The plan's: cycles from the edge that takes a window's last sample to ``done`` high.

    Handshake
    ---------
    ``samples.ready`` is low for the pause less a cycle after every sample of a window, while a
    sample would complete a window without ``permit`` or ``room``, and for a few cycles where a
    stream begins other than behind a window.
    """

    def __init__(self, plan: DftPlan):
        self.plan = plan
        self._op, self._layout = plan.op, plan.layout
        self._intake = DftIntake(
            plan.op.window, plan.op.sample.width, plan.hop, plan.words, plan.timing.pause
        )
        super().__init__(source_members(plan))

    def elaborate(self, platform):
        """Return intake, phases, lanes, and the one memory of all their sums."""
        m = Module()
        m.submodules.intake = intake = self._intake
        lanes = [DftLane(self._op, len(intake.operand)) for _ in range(self.plan.bins)]
        for number, lane in enumerate(lanes):
            m.submodules[f"lane_{number}"] = lane
        wiring.connect(m, wiring.flipped(self.samples), intake.i)
        m.d.comb += [
            intake.abandon.eq(self.abandon),
            intake.permit.eq(self.permit & self.room),
            self.complete.eq(intake.complete),
            self.begin.eq(intake.complete),
        ]
        self._phases(m, lanes)
        self._sums(m, lanes)
        self._features(m, lanes)
        return m

    def _phases(self, m: Module, lanes: list[DftLane]) -> None:
        intake, layout = self._intake, self._layout
        # Feature i is element padding + i of the words, and turns once less than the one before.
        top = int(self._op.turns[0]) + layout.padding % layout.lanes
        m.submodules.phases = phases = DftPhases(
            self._op.window, layout.lanes, top % self._op.window, self.plan.words
        )
        m.d.comb += [phases.advance.eq(intake.advance), phases.rewind.eq(intake.rewind)]
        for number, lane in enumerate(lanes):
            m.d.comb += [
                lane.advance.eq(intake.advance),
                lane.phase.eq(phases.o[number]),
                lane.operand.eq(intake.operand),
            ]

    def _sums(self, m: Module, lanes: list[DftLane]) -> None:
        intake, width = self._intake, sum_width(self._op)
        m.submodules.sums = ram = BlockRam(
            2 * width * self.plan.bins, self.plan.words, turns=self.plan.turns
        )
        read_address = delayed(m, intake.word, depths.DFT_CLEAR - ram.latency, "read")
        write_address = delayed(
            m, read_address, depths.DFT_SUMS - (depths.DFT_CLEAR - ram.latency), "write"
        )
        m.d.comb += [
            ram.read_address.eq(read_address),
            ram.write_address.eq(write_address),
            ram.write_enable.eq(pulse_delayed(m, intake.valid, depths.DFT_SUMS, "enable")),
            ram.write_data.eq(Cat(*((lane.re, lane.im) for lane in lanes))),
        ]
        for number, lane in enumerate(lanes):
            re, im = (2 * number * width, (2 * number + 1) * width)
            m.d.comb += [
                lane.old_re.eq(ram.read_data[re : re + width].as_signed()),
                lane.old_im.eq(ram.read_data[im : im + width].as_signed()),
                lane.clear.eq(intake.clear),
            ]

    def _features(self, m: Module, lanes: list[DftLane]) -> None:
        """Give the words of a sweep that completes a window; elements of padding are zero."""
        intake, layout = self._intake, self._layout
        flags = {"valid": intake.valid, "first": intake.start, "last": intake.last}
        valid, first, last = (
            pulse_delayed(m, flag & intake.final, depths.DFT_FEATURES - 1, name)
            for name, flag in flags.items()
        )
        address = Signal.like(self.write.address, reset_less=True)
        m.d.sync += [
            self.write.enable.eq(valid),
            self.first.eq(first),
            self.done.eq(last),
            address.eq(Mux(first, layout.first_word, address + 1)),
        ]
        m.d.comb += self.write.address.eq(address)
        ends = layout.padding + layout.length
        width = self.plan.value_width
        values = []
        for number, lane in enumerate(lanes):
            before = layout.first_word * layout.lanes + number < layout.padding
            behind = layout.last_word * layout.lanes + number >= ends
            m.d.comb += lane.blank.eq((first if before else 0) | (last if behind else 0))
            values += [lane.feature, Const(0, width - len(lane.feature))]
        m.d.comb += self.write.data.eq(Cat(*values))


PART = DftFrontEnd
