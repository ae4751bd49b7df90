"""The one array of multiply-accumulators that all layers take turns on."""

from __future__ import annotations

from amaranth.hdl import Array as Choice
from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.hardware.primitives.memory import delayed, pulse_delayed
from hwgen.hardware.primitives.multiplier import Multiplier
from hwgen.hardware.primitives.two_products import TwoProductMultiplier
from hwgen.plans import depths
from hwgen.plans.step import Array
from hwgen.plans.two_products import Allotment, TwoProducts


class MacArray(wiring.Component):
    """Sums of products: each cycle one word of values meets one word of weights.

    Parameters
    ----------
    array
        Rows (sums at the same time) and lanes (products a sum takes in one cycle).
    value_width, weight_width
        Bits of a value and a weight, signed.
    sum_width
        Bits of a sum, signed; the caller knows that every partial sum fits.
    dsp
        How many multipliers may be DSP cells; what they do not do is logic.
    two
        How two products share one, where there are fewer than products; None: they do not.
    shifts
        By how much a word's products may count more: they are multiplied by ``2**shift``.

    Members
    -------
    valid, values, weights
        A word of values (one per lane) and weights (rows of lanes). Weights come as many cycles
        later as values take to all rows (`hwgen.plans.depths.spread`).
    first, last
        With the first and last word of a sum.
    shift
        Which of `shifts`.
    o_valid, sums
        One cycle, `latency` after ``last``.

    Latency
    -------
    Multiplier, one cycle per level of the adder tree, accumulator; of a wide array one more.
    """

    def __init__(
        self,
        array: Array,
        value_width: int,
        weight_width: int,
        sum_width: int,
        *,
        dsp: int,
        shifts: tuple[int, ...] = (0,),
        two: TwoProducts | None = None,
    ):
        positive("rows", array.rows)
        positive("lanes", array.lanes)
        positive("dsp", dsp, 0)
        self._array = array
        self._widths = value_width, weight_width
        self._allotment = Allotment.of(array.rows, array.lanes, dsp, two)
        self._two = two
        self._shifts = shifts
        values = data.ArrayLayout(signed(value_width), array.lanes)
        weights = data.ArrayLayout(data.ArrayLayout(signed(weight_width), array.lanes), array.rows)
        super().__init__(
            {
                "valid": In(1),
                "first": In(1),
                "last": In(1),
                "shift": In(range(max(2, len(shifts)))),
                "values": In(values),
                "weights": In(weights),
                "o_valid": Out(1),
                "sums": Out(data.ArrayLayout(signed(sum_width), array.rows)),
            }
        )

    @property
    def latency(self) -> int:
        """Cycles from a sum's last word to the sum."""
        return depths.mac_array(self._array.lanes, self._array.rows)

    def elaborate(self, platform):
        """Return multipliers, adder trees and accumulators."""
        m = Module()
        wait = self.latency - 1
        valid = pulse_delayed(m, self.valid, wait, "valid")
        first = pulse_delayed(m, self.first, wait, "first")
        last = pulse_delayed(m, self.valid & self.last, wait + 1, "last")
        m.d.comb += self.o_valid.eq(last)
        early = delayed(m, self.shift, wait - 1, "shift") if len(self._shifts) > 1 else None
        late = depths.spread(self._array.rows, self._array.lanes)
        values = [
            delayed(m, self.values[lane], late, f"value_{lane}")
            for lane in range(self._array.lanes)
        ]
        for row, products in enumerate(self._products(m, values)):
            term = self._scaled(m, registered_sum(m, products, f"sum_{row}"), early, row)
            total = Signal(self.sums[row].shape(), name=f"total_{row}", reset_less=True)
            m.d.comb += self.sums[row].eq(total)
            with m.If(valid):
                m.d.sync += total.eq(Mux(first, 0, total) + term)
        return m

    def _products(self, m: Module, values):
        """Return the products of each row: the first ones two by two, as far as they share."""
        rows, lanes = self._array.rows, self._array.lanes
        products = [[None] * lanes for _ in range(rows)]
        shared = [(row, lane) for row in range(0, rows - 1, 2) for lane in range(lanes)]
        for row, lane in shared[: self._allotment.shared]:
            assert self._two is not None
            both = TwoProductMultiplier(*self._widths, self._two)
            m.submodules[f"multiplier_{row}_{lane}"] = both
            m.d.comb += [
                both.a.eq(values[lane]),
                both.b0.eq(self.weights[row][lane]),
                both.b1.eq(self.weights[row + 1][lane]),
            ]
            products[row][lane], products[row + 1][lane] = both.p0, both.p1
        left = [(row, lane) for row in range(rows) for lane in range(lanes)
                if products[row][lane] is None]  # fmt: skip
        for number, (row, lane) in enumerate(left):
            logic = number >= self._allotment.single
            m.submodules[f"multiplier_{row}_{lane}"] = one = Multiplier(*self._widths, logic=logic)
            m.d.comb += [one.a.eq(values[lane]), one.b.eq(self.weights[row][lane])]
            products[row][lane] = one.p
        return products

    def _scaled(self, m: Module, term, early, row: int):
        """Return a word's products times what they count; `early` is known a cycle before them."""
        if early is None:
            return term << self._shifts[0] if self._shifts[0] else term
        shift = delayed(m, early, 1, f"shift_{row}")
        return Choice(term << each for each in self._shifts)[shift]


def registered_sum(m: Module, values, name: str):
    """Return the sum of `values`, a register behind every level of adders."""
    level = 0
    while len(values) > 1:
        later = []
        for index in range(0, len(values), 2):
            pair = values[index : index + 2]
            total = pair[0] + pair[1] if len(pair) == 2 else pair[0]
            held = Signal(signed(len(total)), name=f"{name}_{level}_{index}", reset_less=True)
            m.d.sync += held.eq(total)
            later.append(held)
        values = later
        level += 1
    return values[0]
