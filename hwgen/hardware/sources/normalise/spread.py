"""What a channel's numbers are divided by: bit by bit, for there is time between windows."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam
from hwgen.hardware.sources.normalise.statistics import measured
from hwgen.plans import depths
from hwgen.plans.sources.normalise import sum_width
from hwgen.quantized import reciprocal
from hwgen.quantized.ops.normalise import QuantizedNormalise


class Spread(wiring.Component):
    """From a channel's statistics to how far its numbers are shifted, and their reciprocal.

    Parameters
    ----------
    op
        Says of what.

    Members
    -------
    start
        The statistics of a channel stand from here on.
    sum, squares, low, high, largest
        As of `Statistics`.
    done, shifts, entry
        What was found, in the cycle of ``done``.

    Latency
    -------
    The plan's `hwgen.plans.sources.normalise.spread_cycles`, from ``start`` to ``done``.
    """

    def __init__(self, op: QuantizedNormalise):
        self._op = op
        self._most = most = reciprocal.shifts(op.spread_width, root=op.root)
        super().__init__(
            {"start": In(1), "done": Out(1)}
            | {"shifts": Out(range(most + 1)), "entry": Out(reciprocal.FRACTION)}
            | {name: member.flip() for name, member in measured(op).items()}
        )

    def elaborate(self, platform):
        """Return the number, the steps that it goes through, and the table."""
        m = Module()
        op, root = self._op, self._op.root
        number = Signal(op.spread_width, reset_less=True)
        left = Signal(range(max(op.spread_width, depths.NORMALISE_LOOK)), reset_less=True)
        step = 2 if root else 1
        low = number[-step:] == 0
        self._look(m, number, ~low)
        factors = self._factors(m) if root else None
        m.d.sync += left.eq(left - 1)
        with m.FSM():
            with m.State("IDLE"), m.If(self.start):
                self._begin(m, number, left, factors)
            if factors:
                self._square(m, number, left, *factors)
            with m.State("SHIFT"):
                with m.If(low):
                    m.d.sync += [number.eq(number << step), self.shifts.eq(self.shifts + 1)]
                with m.If(left == 0):
                    m.d.sync += left.eq(depths.NORMALISE_LOOK - 1)
                    m.next = "LOOK"
            with m.State("LOOK"), m.If(left == 0):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        return m

    def _begin(self, m: Module, number, left, factors) -> None:
        op = self._op
        m.d.sync += self.shifts.eq(0)
        if factors:
            term, bits = factors
            m.d.sync += [number.eq(0), left.eq(op.samples.bit_length() - 1)]
            m.d.sync += [term.eq(self.squares), bits.eq(op.samples)]
            m.next = "TIMES"
        else:
            found = self.largest if op.method == "max-abs" else self.high - self.low
            m.d.sync += [number.eq(found), left.eq(self._most - 1)]
            m.next = "SHIFT"

    def _factors(self, m: Module):
        """Return a term that doubles and the bits of its factor: each cycle the next one."""
        op = self._op
        term = Signal(op.spread_width, reset_less=True)
        bits = Signal(max(sum_width(op), op.samples.bit_length()), reset_less=True)
        m.d.sync += [term.eq(term << 1), bits.eq(bits >> 1)]
        return term, bits

    def _square(self, m: Module, number, left, term, bits) -> None:
        """Multiply the squares by the samples' number; subtract the square of the sum."""
        size = Mux(self.sum < 0, -self.sum, self.sum)
        less, summed = Signal(), Signal.like(number)
        m.d.comb += summed.eq(number + (term ^ less.replicate(len(term))) + less)
        with m.State("TIMES"):
            with m.If(bits[0]):
                m.d.sync += number.eq(summed)
            with m.If(left == 0):
                m.d.sync += [term.eq(size), bits.eq(size), left.eq(sum_width(self._op) - 1)]
                m.next = "LESS"
        with m.State("LESS"):
            m.d.comb += less.eq(1)
            with m.If(bits[0]):
                m.d.sync += number.eq(summed)
            with m.If(left == 0):
                m.d.sync += left.eq(self._most - 1)
                m.next = "SHIFT"

    def _look(self, m: Module, number, there) -> None:
        """Let the table's word be that of the number's leading bits."""
        root, ends = self._op.root, reciprocal.ADDRESS
        m.submodules.table = table = BlockRam(
            reciprocal.FRACTION, 1 << ends, reciprocal.table(root=root).tolist()
        )
        whole = Cat(Const(0, reciprocal.spare(len(number), root=root)), number)
        address = whole[-1 - ends : -1]
        if root:
            upper, lower = whole[-ends:-1], whole[-1 - ends : -2]
            address = Cat(Mux(whole[-1], upper, lower), whole[-1])
        m.d.comb += [
            table.read_address.eq(address),
            self.entry.eq(Mux(there, table.read_data, 0)),
        ]
