"""One butterfly stage of the streaming FFT: single-path delay feedback that drains by itself."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed, registered
from hwgen.plans import depths
from hwgen.quantized.fft import Stage


def complex_stream(width: int) -> wiring.Signature:
    """Return a stream of complex values that cannot be stalled.

    ``valid`` is high for one cycle a value and low in the next; ``first`` marks a window's first.
    """
    return wiring.Signature(
        {
            "valid": Out(1),
            "first": Out(1),
            "re": Out(signed(width)),
            "im": Out(signed(width)),
        }
    )


class Butterfly(wiring.Component):
    """Sums and differences of values `span` apart (`hwgen.quantized.fft.Stage`, no twiddles).

    Half a block goes into a delay memory; against the other half it gives the sums at once, while
    the differences take the memory's place and leave on their own, one every two cycles. So a
    window needs nothing to follow it, and a gap in the input changes no result.

    Parameters
    ----------
    stage
        Span, rotation and shift.
    width, out_width
        Bits of each part, in and out.
    points
        Values a window.

    Members
    -------
    i, o
        Complex streams (`complex_stream`), values at least two cycles apart. ``i.first`` starts
        a new window whatever came before it.

    Latency
    -------
    3 cycles from a value of a block's second half to its sum; 5 from a block's last value to its
    first difference.
    """

    latency = depths.BUTTERFLY

    def __init__(self, stage: Stage, width: int, out_width: int, points: int):
        self._stage = stage
        self._points = points
        super().__init__({"i": In(complex_stream(width)), "o": Out(complex_stream(out_width))})

    def elaborate(self, platform):
        """Return counter, delay memory, adders and the drain."""
        m = Module()
        span = self._stage.span
        count = Signal(range(max(2, self._points)))
        now = Signal.like(count)
        within = Signal()
        m.d.comb += [
            now.eq(Mux(self.i.first, 0, count)),
            within.eq(self.i.valid & ~self.i.first),
        ]
        with m.If(self.i.valid):
            m.d.sync += count.eq(now + 1)
        # The count stands for a cycle before its value comes: time for the wide comparisons.
        first_pair, last_pair = Signal(), Signal()
        m.d.sync += [
            first_pair.eq(count == span),
            last_pair.eq((count & (2 * span - 1)) == 2 * span - 1),
        ]
        pair = Signal()
        m.d.comb += pair.eq(within & (count & span).any())
        drain, drain_index = self._drain(m, within & last_pair)

        pair_2 = pulse_delayed(m, pair, 2, "pair")
        drain_2 = pulse_delayed(m, drain, 2, "drain")
        first_2 = pulse_delayed(m, within & first_pair, 2, "first")
        b = self._second_operand(m, pair & (count & (2 * span)).any())
        diffs = [Signal.like(part, name=f"diff_{name}") for name, part in self._outputs()]
        if span == 1:
            a = self._single(m, now, diffs, pair_2, drain)
        else:
            address = Mux(drain, drain_index, now & (span - 1))
            a = self._memory(m, address, now & (span - 1), diffs, pair_2)
        m.d.sync += [self.o.valid.eq(pair_2 | drain_2), self.o.first.eq(first_2)]
        for (name, out), diff, a_part, b_part in zip(self._outputs(), diffs, a, b, strict=True):
            plus = Signal.like(out, name=f"sum_{name}")
            m.d.comb += [
                plus.eq(rounded_sum(a_part, b_part, self._stage.shift)),
                diff.eq(rounded_difference(a_part, b_part, self._stage.shift)),
            ]
            registered(m, out, Mux(drain_2, a_part, plus))
        return m

    def _outputs(self):
        return ("re", self.o.re), ("im", self.o.im)

    def _second_operand(self, m: Module, rotated):
        """Return the input two cycles later, times -j where `rotated`."""
        b = delayed(m, self.i.re, 1, "b_re"), delayed(m, self.i.im, 1, "b_im")
        later = [Signal.like(part, name=f"b_{name}_2") for name, part in zip("ri", b, strict=True)]
        if not self._stage.rotate:
            m.d.sync += [later[0].eq(b[0]), later[1].eq(b[1])]
            return later
        turn = delayed(m, rotated, 1, "turn")
        # (re + j im) * -j = im - j re; the stage's width is symmetric, so -re fits.
        m.d.sync += [later[0].eq(Mux(turn, b[1], b[0])), later[1].eq(Mux(turn, -b[0], b[1]))]
        return later

    def _drain(self, m: Module, start):
        """Return (read now, index): every second cycle for `span` times after `start`."""
        span = self._stage.span
        draining, wait = Signal(), Signal()
        index = Signal(range(max(2, span)))
        read = Signal()
        m.d.comb += read.eq(draining & ~wait)
        m.d.sync += wait.eq(draining & ~wait)
        with m.If(read):
            m.d.sync += index.eq(index + 1)
            with m.If(index == span - 1):
                m.d.sync += draining.eq(0)
        with m.If(start):
            m.d.sync += [draining.eq(1), wait.eq(1), index.eq(0)]
        return read, index

    def _memory(self, m: Module, read_address, place, diffs, pair_2):
        """Return the delayed value; what is stored is the input, or the difference in its place."""
        width = max(len(self.i.re), len(self.o.re))
        store = [Signal(signed(width), name=f"store_{i}", reset_less=True) for i in range(2)]
        inputs = delayed(m, self.i.re, 2, "input_re"), delayed(m, self.i.im, 2, "input_im")
        for target, diff, value in zip(store, diffs, inputs, strict=True):
            m.d.sync += target.eq(Mux(pair_2, diff, value))
        m.submodules.ram = ram = BlockRam(2 * width, self._stage.span)
        m.d.comb += [
            ram.read_address.eq(read_address),
            ram.write_address.eq(delayed(m, place, 3, "place")),
            ram.write_enable.eq(pulse_delayed(m, self.i.valid, 3, "write")),
            ram.write_data.eq(Cat(*store)),
        ]
        return ram.read_data[:width].as_signed(), ram.read_data[width:].as_signed()

    def _single(self, m: Module, now, diffs, pair_2, drain):
        """Return a delay of one value, for which the memory's latency would be too long.

        Values are two cycles apart, so input and difference each stand long enough in a register.
        """
        parts = []
        drain_1 = pulse_delayed(m, drain, 1, "drain")
        for (name, value), diff in zip((("re", self.i.re), ("im", self.i.im)), diffs, strict=True):
            waiting = Signal.like(value, name=f"waiting_{name}", reset_less=True)
            kept = Signal.like(diff, name=f"kept_{name}", reset_less=True)
            with m.If(self.i.valid & ~now[0]):
                m.d.sync += waiting.eq(value)
            with m.If(pair_2):
                m.d.sync += kept.eq(diff)
            part = Signal.like(kept, name=f"part_{name}", reset_less=True)
            m.d.sync += part.eq(Mux(drain_1, kept, waiting))
            parts.append(part)
        return parts


def rounded_sum(a, b, shift: int):
    """Return ``(a + b) / 2**shift`` to nearest, halves up."""
    if shift == 1:  # the carry comes in through a constant bit below: one adder, not two
        return (Cat(Const(1, 1), a).as_signed() + Cat(Const(1, 1), b).as_signed()) >> 2
    return (a + b + ((1 << shift) >> 1)) >> shift


def rounded_difference(a, b, shift: int):
    """Return ``(a - b) / 2**shift`` to nearest, halves down."""
    if shift <= 1:
        return (a - b) >> shift
    return (a - b + (1 << (shift - 1)) - 1) >> shift
