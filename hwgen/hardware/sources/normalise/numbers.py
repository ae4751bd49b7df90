"""From samples to normalised values: one a cycle."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.fixedpoint import Format
from hwgen.hardware.primitives.memory import pulse_delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.primitives.rounding import divided, saturated
from hwgen.hardware.sources.normalise.ring import Ring
from hwgen.plans.sources.normalise import centre_width, numbers_latency, shifted_width
from hwgen.quantized import reciprocal
from hwgen.quantized.ops.normalise import NUMBER, QuantizedNormalise

_AT_FIRST = 2
"""Bits of a shift that are done in its first cycle."""


class Numbers(wiring.Component):
    """Less the centre, shifted, times the reciprocal, rounded.

    Parameters
    ----------
    op
        What is done.

    Members
    -------
    load, centre, shifts, entry
        What the next channel's samples meet; all channels in turn, while no samples come. Shifts
        and entry only where there is a reciprocal.
    valid, last, value
        Samples; channels take turns.
    o_valid, o_last, o_value
        Values.

    Latency
    -------
    `hwgen.plans.sources.normalise.numbers_latency`.
    """

    def __init__(self, op: QuantizedNormalise):
        self._op = op
        most = reciprocal.shifts(op.spread_width, root=op.root)
        met = {"shifts": In(range(most + 1)), "entry": In(reciprocal.FRACTION)}
        super().__init__(
            {"load": In(1), "centre": In(signed(centre_width(op)))}
            | (met if op.divided else {})
            | {"valid": In(1), "last": In(1), "value": In(signed(op.sample.width))}
            | {"o_valid": Out(1), "o_last": Out(1), "o_value": Out(signed(op.out.width + 1))}
        )

    def elaborate(self, platform):
        """Return the pipeline, and what its stages meet."""
        m = Module()
        op = self._op
        m.d.comb += [
            self.o_valid.eq(pulse_delayed(m, self.valid, numbers_latency(op), "valid")),
            self.o_last.eq(pulse_delayed(m, self.last, numbers_latency(op), "last")),
        ]
        value, valid = self._centred(m)
        if op.divided:
            value = self._divided(m, value, valid)
        rounded = Signal(signed(max(len(value) - op.shift, 1) + 1), reset_less=True)
        m.d.sync += [
            rounded.eq(divided(value, op.shift)),
            self.o_value.eq(saturated(rounded, op.out)),
        ]
        return m

    def _met(self, m: Module, name: str, valid):
        """Return what a stage meets of a port: of the channel whose sample is `valid` there."""
        port = getattr(self, name)
        ring = Ring(m, self._op.channels, port.shape(), f"met_{name}")
        with m.If(self.load):
            ring.turn(port)
        with m.Elif(valid):
            ring.turn(ring.head)
        return ring.head

    def _centred(self, m: Module):
        """Return the number, and where it is valid."""
        op = self._op
        value, valid = self.value, self.valid
        if op.factor & (op.factor - 1):
            m.submodules.factor = factor = Multiplier(len(value), op.factor.bit_length() + 1)
            m.d.comb += [factor.a.eq(value), factor.b.eq(op.factor)]
            value, valid = factor.p, pulse_delayed(m, valid, factor.latency, "product")
        else:
            value = value << (op.factor.bit_length() - 1)
        number = Signal(signed(op.plain_width), reset_less=True)
        # The centre has the half of the rounding with it.
        m.d.sync += number.eq((value + self._met(m, "centre", valid)) >> op.mean_shift)
        return number, pulse_delayed(m, valid, 1, "number")

    def _divided(self, m: Module, number, valid):
        """Return the product of a number and its channel's reciprocal."""
        op = self._op
        width = shifted_width(op)
        shifts = self._met(m, "shifts", valid)
        near, far = (Signal(signed(width), name=name, reset_less=True) for name in ("near", "far"))
        rest = Signal(len(shifts[_AT_FIRST:]), reset_less=True)
        wide = Signal(signed(NUMBER), reset_less=True)
        most = Format.of_width(NUMBER, signed=True, frac_bits=0)
        m.d.sync += [
            near.eq(number << shifts[:_AT_FIRST]),
            rest.eq(shifts[_AT_FIRST:]),
            far.eq(near << Cat(Const(0, _AT_FIRST), rest)),
            wide.eq(saturated(divided(far, op.number_shift), most)),
        ]
        entry = self._met(m, "entry", pulse_delayed(m, valid, 3, "wide"))
        m.submodules.product = product = Multiplier(NUMBER, reciprocal.FRACTION + 1)
        m.d.comb += [product.a.eq(wide), product.b.eq(entry)]
        return product.p
