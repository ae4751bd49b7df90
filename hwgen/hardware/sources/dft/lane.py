"""One lane of the transform by accumulation: a bin a cycle, from its phase to its feature."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.adder import AddSubtract
from hwgen.hardware.primitives.memory import TwoPortRom, delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.sources.dft.clipped_magnitude import ClippedMagnitude
from hwgen.plans import depths
from hwgen.plans.sources.dft import half, sum_width
from hwgen.quantized.ops.dft import QuantizedDft


class DftLane(wiring.Component):
    """Adds a product to each part of a bin's sum; and the feature of what the sum then is.

    Parameters
    ----------
    op
        The quantized transform.
    operand_width
        Bits of the operand, signed.

    Members
    -------
    advance
        Words go on to the twiddles: from a phase they are two cycles with ``advance`` away.
    phase
        Of the bin for the sample.
    operand
        What is swept; with the twiddles.
    old_re, old_im, clear
        2 cycles behind the twiddles: the sums, out of memory; take them for nothing.
    re, im
        4 cycles behind the twiddles: the new sums.
    blank
        7 cycles behind the twiddles: the feature is to be zero.
    feature
        8 cycles behind the twiddles.

    Latency
    -------
    4 cycles from twiddles to sums, 8 to feature.
    """

    sum_latency = depths.DFT_SUMS
    latency = depths.DFT_FEATURES

    def __init__(self, op: QuantizedDft, operand_width: int):
        self._op = op
        sums = signed(sum_width(op))
        super().__init__(
            {
                "advance": In(1),
                "phase": In(unsigned(op.window.bit_length() - 1)),
                "operand": In(signed(operand_width)),
                "old_re": In(sums),
                "old_im": In(sums),
                "clear": In(1),
                "re": Out(sums),
                "im": Out(sums),
                "blank": In(1),
                "feature": Out(unsigned(op.out.width)),
            }
        )

    def elaborate(self, platform):
        """Return ROM, multipliers, adders and magnitude."""
        m = Module()
        op = self._op
        m.submodules.rom = rom = self._rom()
        # A quarter wave ahead is the other part: only the phase's two highest bits change.
        quarter, sign = self.phase[-2], self.phase[-1]
        m.d.comb += [
            rom.enable.eq(self.advance),
            rom.a_address.eq(self.phase[:-1]),
            rom.b_address.eq(self.phase[:-1] ^ (1 << (len(self.phase) - 2))),
        ]
        width = sum_width(op) - op.drop
        magnitude = ClippedMagnitude(op.magnitude, width, op.shift, op.out)
        m.submodules.magnitude = magnitude
        m.d.comb += [magnitude.blank.eq(self.blank), self.feature.eq(magnitude.o)]
        for part, word, negative, old, new in (
            ("re", rom.a_data, sign, self.old_re, self.re),
            ("im", rom.b_data, sign ^ quarter, self.old_im, self.im),
        ):
            self._accumulate(m, part, (word, negative), old, new)
            m.d.comb += getattr(magnitude, part).eq(new[op.drop :].as_signed())
        return m

    def _rom(self) -> TwoPortRom:
        width = self._op.twiddle_width
        mask = (1 << width) - 1
        return TwoPortRom(width, [value & mask for value in self._op.cosine.tolist()])

    def _accumulate(self, m: Module, part: str, factor, old, new) -> None:
        """Add the product to what was held of the old sum a cycle before."""
        word, negative = factor
        for step in range(TwoPortRom.latency):
            later = Signal(name=f"negative_{part}_{step}", reset_less=True)
            with m.If(self.advance):
                m.d.sync += later.eq(negative)
            negative = later
        multiplier = Multiplier(len(self.operand), len(word))
        adder = AddSubtract(len(new), len(multiplier.p))
        m.submodules[f"multiplier_{part}"] = multiplier
        m.submodules[f"adder_{part}"] = adder
        held = Signal.like(new, name=f"held_{part}", reset_less=True)
        m.d.sync += held.eq(old)
        with m.If(self.clear):
            m.d.sync += held.eq(half(self._op))
        m.d.comb += [
            multiplier.a.eq(self.operand),
            multiplier.b.eq(word.as_signed()),
            adder.a.eq(held),
            adder.b.eq(multiplier.p),
            adder.subtract.eq(delayed(m, negative, multiplier.latency, f"subtract_{part}")),
            new.eq(adder.o),
        ]
