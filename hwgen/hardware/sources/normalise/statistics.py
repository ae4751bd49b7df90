"""Sums and ends of each channel while samples come."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import exceeds, larger, pulse_delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.sources.normalise.ring import Ring
from hwgen.quantized.ops.normalise import QuantizedNormalise


def measured(op: QuantizedNormalise) -> dict[str, wiring.Member]:
    """Return what is known of a channel when its window is complete, as outputs."""
    width = op.sample.width
    longer = (op.samples - 1).bit_length()
    if op.method == "max-abs":
        return {"largest": Out(width)}
    if not op.centred:
        return {"low": Out(signed(width)), "high": Out(signed(width))}
    squares = {"squares": Out(2 * (width - 1) + longer + 1)} if op.root else {}
    return {"sum": Out(signed(width + longer))} | squares


class Statistics(wiring.Component):
    """Measures windows; channels take turns.

    Parameters
    ----------
    op
        Says what is measured.

    Members
    -------
    valid, fresh, value
        A sample; ``fresh`` if it is its channel's first of a window.
    turn
        The next channel's turn, between windows.
    sum, squares, low, high, largest
        Of the channel whose turn it is (`measured`): a cycle behind the sample, squares four.
    """

    def __init__(self, op: QuantizedNormalise):
        self._op = op
        super().__init__(
            {"valid": In(1), "fresh": In(1), "value": In(signed(op.sample.width)), "turn": In(1)}
            | measured(op)
        )

    def elaborate(self, platform):
        """Return a ring for each thing that is measured."""
        m = Module()
        if self._op.centred:
            self._keep(m, "sum", lambda old: old + self.value, self.value)
        elif self._op.method == "max-abs":
            size = Signal(self._op.sample.width)
            m.d.comb += size.eq(Mux(self.value < 0, -self.value, self.value))
            self._keep(m, "largest", lambda old: larger(size, old), size)
        else:
            self._keep(m, "high", lambda old: larger(self.value, old), self.value)
            self._keep(
                m, "low", lambda old: Mux(exceeds(old, self.value), self.value, old), self.value
            )
        if self._op.root:
            self._squares(m)
        return m

    def _squares(self, m: Module) -> None:
        width = self._op.sample.width
        m.submodules.square = square = Multiplier(width, width)
        m.d.comb += [square.a.eq(self.value), square.b.eq(self.value)]
        late = square.latency
        valid = pulse_delayed(m, self.valid, late, "valid")
        fresh = pulse_delayed(m, self.fresh, late, "fresh")
        product = square.p.as_unsigned()
        self._keep(m, "squares", lambda old: old + product, product, valid, fresh)

    def _keep(self, m: Module, name: str, following, first, valid=None, fresh=None) -> None:
        """Keep a thing: `first` of a fresh sample, else what follows from that before."""
        port = getattr(self, name)
        ring = Ring(m, self._op.channels, port.shape(), name)
        m.d.comb += port.eq(ring.head)
        valid, fresh = (self.valid, self.fresh) if valid is None else (valid, fresh)
        with m.If(valid):
            ring.turn(Mux(fresh, first, following(ring.head)))
        with m.Elif(self.turn):
            ring.turn(ring.head)
