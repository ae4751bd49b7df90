"""The one multiplier: a DSP cell or logic, three register stages either way."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen import targets
from hwgen.checks import positive
from hwgen.hardware.primitives.memory import registered
from hwgen.plans import depths

DSP_OPERAND = depths.OPERAND


class Multiplier(wiring.Component):
    """``p = a * b``, signed; a product every cycle.

    Parameters
    ----------
    a_width, b_width
        Bits of the signed operands.
    logic
        Whether to build it from adders instead of a DSP cell.

    Members
    -------
    a, b, p
        ``p`` in cycle t + 3 is the product of ``a`` and ``b`` of cycle t.

    Latency
    -------
    3 cycles.

    Raises
    ------
    TypeError, ValueError
        If a width is not a positive integer, or more than 18 bits for a DSP cell.
    """

    latency = depths.MULTIPLIER

    def __init__(self, a_width: int, b_width: int, *, logic: bool = False):
        for field, value in (("a_width", a_width), ("b_width", b_width)):
            if positive(field, value) > DSP_OPERAND:
                raise ValueError(f"{field} must be at most {DSP_OPERAND}, not {value}")
        self._logic = logic
        super().__init__(
            {
                "a": In(signed(a_width)),
                "b": In(signed(b_width)),
                "p": Out(signed(a_width + b_width)),
            }
        )

    def elaborate(self, platform):
        """Return the multiplier with its three register stages."""
        m = Module()
        if self._logic:
            self._adders(m)
        else:
            targets.of(platform).primitives.multiplier(m, self.a, self.b, self.p)
        return m

    def _adders(self, m: Module) -> None:
        """Sum b's bits in pairs: {0, a, 2a, 3a} each, then a registered tree."""
        a = Signal.like(self.a, reset_less=True)
        b = Signal.like(self.b, reset_less=True)
        m.d.sync += [a.eq(self.a), b.eq(self.b)]
        rows = []
        for low in range(0, len(b), 2):
            single = Mux(b[low], a, 0)
            if low + 1 == len(b):  # the lone sign bit of an odd width
                row = -single
            else:
                double = Mux(b[low + 1], Cat(Const(0, 1), a).as_signed(), 0)
                row = single - double if low + 2 == len(b) else single + double
            held = Signal(signed(len(a) + 2), name=f"row_{low}", reset_less=True)
            m.d.sync += held.eq(row)
            rows.append(held << low)
        registered(m, self.p, _tree_sum(rows))


def _tree_sum(values):
    """Return the sum of `values` as a balanced tree of adders, without registers."""
    values = list(values)
    while len(values) > 1:
        pairs = [x + y for x, y in zip(values[::2], values[1::2], strict=False)]
        values = pairs + values[len(pairs) * 2 :]
    return values[0]
