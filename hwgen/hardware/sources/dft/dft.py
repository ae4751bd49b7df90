"""The front-end by accumulation: each sample is added to every bin as it comes."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed
from hwgen.hardware.shared.packer import write_port
from hwgen.hardware.sources.dft.intake import CLEAR, SHORTEST, DftIntake
from hwgen.hardware.sources.dft.lane import DftLane, sum_width
from hwgen.hardware.sources.dft.phase import DftPhases
from hwgen.hardware.sources.fft.intake import sample_layout
from hwgen.plans.layout import Layout
from hwgen.quantized.ops.dft import QuantizedDft

_SUMS = DftLane.sum_latency
"""Cycles from a word's number to its sums."""

_FEATURES = DftLane.latency
"""Cycles from a word's number to its features."""


class DftFrontEnd(wiring.Component):
    """Sums of all bins in memory; a sweep a sample adds to them, and gives features at the end.

    After the last sample nothing is left to do but its own sweep.

    Parameters
    ----------
    op
        The quantized transform.
    layout
        Of the features in memory; its lanes are the bins that a sweep handles in a cycle.
    value_width
        Bits of a feature in memory; features are unsigned and extended with zeros.
    hop
        Samples from one window to the next; the window itself if they do not overlap.
    pause
        Cycles that samples are to be apart at least.

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
    `latency` cycles from the edge that takes a window's last sample to ``done`` high.

    Handshake
    ---------
    ``samples.ready`` is low for `pause` - 1 cycles after every sample of a window, while a sample
    would complete a window without ``permit`` or ``room``, and for a few cycles where a stream
    begins other than behind a window.

    Raises
    ------
    TypeError, ValueError
        If the layout is not of the op's features, or a number is out of its range.
    """

    def __init__(
        self, op: QuantizedDft, layout: Layout, value_width: int, *, hop: int, pause: int = 1
    ):
        if layout.length != op.points:
            raise ValueError(f"layout must be of {op.points} features, not {layout.length}")
        if value_width < op.out.width:
            raise ValueError(f"value_width must be at least {op.out.width}, not {value_width}")
        self._op = op
        self._layout = layout
        self._words = layout.last_word - layout.first_word + 1
        self._pause = max(positive("pause", pause), self._words, SHORTEST)
        self._intake = DftIntake(op.window, op.sample.width, hop, self._words, self._pause)
        self.hop = hop
        self.input_samples = op.window
        self.adc_bits = op.sample.width
        super().__init__(
            {
                "samples": In(stream.Signature(sample_layout(op.sample.width))),
                "abandon": In(1),
                "permit": In(1),
                "complete": Out(1),
                "room": In(1),
                "begin": Out(1),
                "write": Out(write_port(value_width * layout.lanes, layout.last_word + 1)),
                "first": Out(1),
                "done": Out(1),
            }
        )

    @property
    def lanes(self) -> int:
        """Bins at a time."""
        return self._layout.lanes

    @property
    def pause(self) -> int:
        """Cycles from one sample to the next possible one."""
        return self._pause

    @property
    def transform_latency(self) -> int:
        """Cycles from the edge that takes a window's last sample to its first features."""
        return 1 + _FEATURES

    @property
    def latency(self) -> int:
        """Cycles from the edge that takes a window's last sample to ``done`` high."""
        return self.transform_latency + self._words - 1

    @property
    def breakdown(self) -> dict[str, int]:
        """Cycles of each step, in order; they add up to `latency`."""
        return {"last sample's sweep": self.latency}

    @property
    def lead(self) -> int:
        """Cycles from the sample that needs ``permit`` to a window's last: the same one."""
        return 0

    @property
    def in_flight(self) -> int:
        """Windows that may have been taken whole without being done with."""
        return 4

    @property
    def interval(self) -> int:
        """Cycles from one window to the next."""
        return self.hop * self.pause

    def elaborate(self, platform):
        """Return intake, phases, lanes, and the one memory of all their sums."""
        m = Module()
        m.submodules.intake = intake = self._intake
        lanes = [DftLane(self._op, len(intake.operand)) for _ in range(self.lanes)]
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
        # Feature i is bin M - i, and element padding + i of the words.
        top = layout.length + layout.padding % layout.lanes
        m.submodules.phases = phases = DftPhases(self._op.window, layout.lanes, top, self._words)
        m.d.comb += [phases.advance.eq(intake.advance), phases.rewind.eq(intake.rewind)]
        for number, lane in enumerate(lanes):
            m.d.comb += [
                lane.advance.eq(intake.advance),
                lane.phase.eq(phases.o[number]),
                lane.operand.eq(intake.operand),
            ]

    def _sums(self, m: Module, lanes: list[DftLane]) -> None:
        intake, width = self._intake, sum_width(self._op)
        m.submodules.sums = ram = BlockRam(2 * width * self.lanes, self._words)
        read_address = delayed(m, intake.word, CLEAR - ram.latency, "read")
        write_address = delayed(m, read_address, _SUMS - (CLEAR - ram.latency), "write")
        m.d.comb += [
            ram.read_address.eq(read_address),
            ram.write_address.eq(write_address),
            ram.write_enable.eq(pulse_delayed(m, intake.valid, _SUMS, "enable")),
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
            pulse_delayed(m, flag & intake.final, _FEATURES - 1, name)
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
        width = len(self.write.data) // self.lanes
        values = []
        for number, lane in enumerate(lanes):
            before = layout.first_word * layout.lanes + number < layout.padding
            behind = layout.last_word * layout.lanes + number >= ends
            m.d.comb += lane.blank.eq((first if before else 0) | (last if behind else 0))
            values += [lane.feature, Const(0, width - len(lane.feature))]
        m.d.comb += self.write.data.eq(Cat(*values))
