"""What becomes of the values that are read: sums and differences, products, what is written."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.hardware.primitives.memory import BlockRam, delayed, pulse_delayed, registered
from hwgen.hardware.sources.fft.complex_multiplier import ComplexMultiplier
from hwgen.hardware.sources.fft.fft import packed
from hwgen.hardware.sources.gains.walk import steps
from hwgen.plans import depths
from hwgen.quantized.ops.spectralgain import QuantizedSpectralGain

_PAIR = depths.MEMORY + 1
"""From the address of a pair's first value to where both are there."""

_SUM = _PAIR + 2
"""To where their sum is to be written: a cycle in which no product is."""

_PRODUCT = _PAIR + 1 + depths.WIDE_COMPLEX_MULTIPLIER
"""To where the product is to be written."""


class Values(wiring.Component):
    """Works on a memory as a `Walk` tells.

    Parameters
    ----------
    op
        The quantized op.

    Members
    -------
    those of `hwgen.hardware.sources.gains.walk.steps`
        Of this cycle's read.
    pair
        Of the window, two samples, the earlier one below: what ``read_address`` named two cycles
        ago.
    o
        The value of that cycle, the real part below.
    """

    def __init__(self, op: QuantizedSpectralGain):
        self._op = op
        super().__init__(
            {name: In(shape) for name, shape in steps(op).items()}
            | {"pair": In(2 * op.sample.width), "o": Out(2 * op.width)}
        )

    def elaborate(self, platform):
        """Return the memory and what is around it."""
        m = Module()
        op = self._op
        m.submodules.memory = memory = BlockRam(2 * op.width, op.points)
        m.d.comb += [memory.read_address.eq(self.read_address), self.o.eq(memory.read_data)]
        sums, differences = self._pairs(m)
        product, valid = self._products(m, differences)
        second = self.phase & (self.turning | self.gaining & self.odd)
        loaded = pulse_delayed(m, self.loading, depths.MEMORY, "loaded")
        summed = pulse_delayed(m, self.turning & self.phase, _SUM - 1, "summed")
        multiplied = pulse_delayed(m, second, _PRODUCT - 1, "multiplied")
        gaining = delayed(m, self.gaining, _PRODUCT - 1, "gaining")
        after = [self.write_address]
        for cycle in range(_PRODUCT - 1):
            after.append(delayed(m, after[-1], 1, f"after_{cycle}"))
        result = Mux(gaining, self._gained(m, product, valid), Cat(*product))
        registered(m, memory.write_data, Mux(loaded, self._loaded(), Mux(summed, sums, result)))
        address = Mux(summed, after[_SUM], after[_PRODUCT - 1])
        registered(m, memory.write_address, Mux(loaded, after[depths.MEMORY], address))
        m.d.sync += memory.write_enable.eq(loaded | summed | multiplied)
        return m

    def _loaded(self):
        """Return two samples as a value."""
        bits = self._op.sample.width
        parts = self.pair[:bits].as_signed(), self.pair[bits:].as_signed()
        return Cat(*(_wide(part, self._op.width) for part in parts))

    def _pairs(self, m: Module):
        """Return the sum of a pair, and what is multiplied: its difference, or the second value."""
        width = self._op.width
        now = delayed(m, self.halved, _PAIR, "halved")
        turning = delayed(m, self.turning, _PAIR, "turning")
        first = delayed(m, self.o, 1, "first")
        sums, operands = [], []
        for name, part in (("re", slice(0, width)), ("im", slice(width, 2 * width))):
            a, b = first[part].as_signed(), self.o[part].as_signed()
            total = Signal(signed(width + 1), name=f"total_{name}")
            minus = Signal(signed(width + 1), name=f"minus_{name}")
            plus = Signal(signed(width), name=f"plus_{name}", reset_less=True)
            operand = Signal(signed(width), name=f"operand_{name}", reset_less=True)
            m.d.comb += [
                # Where it is halved a one comes in below both.
                total.eq((Cat(now, a).as_signed() + Cat(now, b).as_signed()) >> 1),
                minus.eq(a - b),
            ]
            m.d.sync += [
                plus.eq(Mux(now, total >> 1, total)),
                operand.eq(Mux(turning, Mux(now, minus >> 1, minus), b)),
            ]
            sums.append(delayed(m, plus, 1, f"sum_{name}"))
            operands.append(operand)
        return Cat(*sums), operands

    def _products(self, m: Module, operands):
        """Return products with twiddles or gains, and when one is there."""
        op = self._op
        tables = {"twiddles": (op.twiddles,), "gains": (op.own, op.mirrored)}
        entries = []
        factor = delayed(m, self.factor, 2, "factor")
        for name, each in tables.items():
            words = [word for table in each for word in packed(table)]
            m.submodules[name] = rom = BlockRam(2 * op.own.width, len(words), words)
            m.d.comb += rom.read_address.eq(factor)
            entries.append(rom.read_data)
        gaining = delayed(m, self.gaining, _PAIR + 1, "gains")
        entry = Mux(gaining, entries[1], entries[0])
        m.submodules.multiplier = multiplier = ComplexMultiplier(
            op.width, op.own.width, op.own.frac_bits, op.width
        )
        pair = self.phase & (self.turning | self.gaining)
        m.d.comb += [
            multiplier.valid.eq(pulse_delayed(m, pair, _PAIR, "pair")),
            multiplier.re.eq(operands[0]),
            multiplier.im.eq(operands[1]),
            multiplier.c.eq(entry[: op.own.width].as_signed()),
            multiplier.s.eq(entry[op.own.width :].as_signed()),
        ]
        return (multiplier.o_re, multiplier.o_im), multiplier.o_valid

    def _gained(self, m: Module, product, valid):
        """Return a product and the next one's conjugate, re and im swapped for the way back."""
        re, im = (
            Signal.like(part, name=f"kept_{i}", reset_less=True) for i, part in enumerate(product)
        )
        with m.If(valid):
            m.d.sync += [re.eq(product[0]), im.eq(product[1])]
        width = self._op.width
        return Cat((im - product[1])[:width], (re + product[0])[:width])


def _wide(value, bits: int):
    """Return a signed value in more bits."""
    return Cat(value, value[-1].replicate(bits - len(value)))
