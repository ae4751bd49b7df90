"""Fewer samples a second, by a whole number: a linear-phase low-pass, then every so-maniest.

The filter is a windowed sinc (Kaiser's window): flat within 0.01 dB to 0.45 of the lower
sampling rate, and 80 dB down from 0.55 of it; what lies between folds back onto 0.45 to 0.5 only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from amaranth.hdl import Module, Mux, Signal, Value, signed
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive
from hwgen.fixedpoint import Format, Integers, round_half_up, saturate, shift_half_up, signed_width
from hwgen.gateware.sensors.two_part_product import TwoPartProduct
from hwgen.hardware.contract import sample_layout
from hwgen.hardware.primitives.memory import BlockRam, pulse_delayed
from hwgen.hardware.primitives.multiplier import DSP_OPERAND
from hwgen.hardware.primitives.rounding import divided, saturated

LARGEST_RATIO = 16
PASS, STOP = 0.45, 0.55
"""Ends of pass band and stop band, in parts of the lower sampling rate."""

_ATTENUATION_DB = 84.0


@dataclass(frozen=True)
class Decimation:
    """What decimation means, in integers.

    Parameters
    ----------
    ratio
        2 to `LARGEST_RATIO`.
    bits
        Of a sample that comes. Beyond 18 they are rounded away first.
    adc_bits
        Of a sample that leaves.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    ratio: int
    bits: int
    adc_bits: int

    def __post_init__(self) -> None:
        positive("ratio", self.ratio, 2)
        positive("bits", self.bits, 2)
        positive("adc_bits", self.adc_bits, 2)
        if self.ratio > LARGEST_RATIO:
            raise ValueError(f"ratio must be at most {LARGEST_RATIO}, not {self.ratio}")
        if self.shift < 1:
            raise ValueError(f"adc_bits must be at most {self.data_bits + self.frac_bits - 1}, "
                             f"not {self.adc_bits}")  # fmt: skip

    @property
    def data_bits(self) -> int:
        """Bits of a sample in the filter."""
        return min(self.bits, DSP_OPERAND)

    @property
    def frac_bits(self) -> int:
        """Fraction bits of a coefficient: the largest is near one over the ratio."""
        return DSP_OPERAND - 2 + (self.ratio - 1).bit_length()

    @property
    def shift(self) -> int:
        """Bits that the sum of products loses."""
        return self.frac_bits + self.data_bits - self.adc_bits

    @property
    def coefficients(self) -> Integers:
        """Integers of 18 bits that add up to exactly one: what is constant keeps its value."""
        width = 2 * np.pi * (STOP - PASS) / self.ratio
        half = int(np.ceil((_ATTENUATION_DB - 7.95) / (2.285 * width) / 2))
        places = np.arange(-half, half + 1)
        beta = 0.1102 * (_ATTENUATION_DB - 8.7)
        cut = 0.5 / self.ratio  # of the higher rate: the lower one's Nyquist frequency
        shape = 2 * cut * np.sinc(2 * cut * places) * np.kaiser(len(places), beta)
        result = round_half_up(shape / shape.sum() * 2**self.frac_bits)
        result[half] += 2**self.frac_bits - result.sum()
        return result

    @property
    def cycles(self) -> int:
        """Clock cycles that `Decimator` takes from a sample to the output that it completes."""
        return 2 + len(self.coefficients) + BlockRam.latency + TwoPartProduct.latency + 1

    def run(self, samples: Integers) -> Integers:
        """Return what the filter gives for a stream ``(n,)``: the first when it is full.

        Sum of ``c[k] x[n - k]``, rounded half up and saturated.
        """
        limit = 1 << (self.data_bits - 1)
        data = saturate(shift_half_up(samples, self.bits - self.data_bits), -limit, limit - 1)
        sums = np.convolve(data, self.coefficients, mode="valid")[:: self.ratio]
        end = 1 << (self.adc_bits - 1)
        return saturate(shift_half_up(sums, self.shift), -end, end - 1)


def fitted(value: Value, shift: int, width: int) -> Value:
    """Return a value divided by ``2**shift``, halves up, saturated to `width` signed bits."""
    if shift <= 0:
        value = (value << -shift).as_signed()
        if len(value) <= width:
            return value
    else:
        value = divided(value, shift)
    fmt = Format.of_width(width, signed=True, frac_bits=0)
    return saturated(value, fmt)[:width].as_signed()


class Decimator(wiring.Component):
    """One sample out for `plan.ratio` in: one product, in logic, that takes the taps in turn.

    Parameters
    ----------
    plan
        What it computes.

    Members
    -------
    i : In(stream of samples, always ready)
        ``first`` begins anew.
    o : Out(stream of samples, always ready)
        The first one, marked ``first``, comes when the filter is full.

    Latency
    -------
    `plan.cycles` from the sample that completes an output. The next such sample must not come
    earlier; whoever makes the sampling clock sees to it.

    Raises
    ------
    TypeError
        If `plan` is none.
    """

    def __init__(self, plan: Decimation) -> None:
        if not isinstance(plan, Decimation):
            raise TypeError(f"plan must be a Decimation, not {plan!r}")
        self._plan = plan
        self._taps = [int(tap) for tap in plan.coefficients]
        super().__init__(
            {
                "i": In(stream.Signature(sample_layout(plan.bits), always_ready=True)),
                "o": Out(stream.Signature(sample_layout(plan.adc_bits), always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Keep the last samples in a ring, and go round it for every output."""
        m = Module()
        plan, taps = self._plan, len(self._taps)
        dropped = plan.bits - plan.data_bits
        bits = (taps + plan.ratio).bit_length()
        m.submodules.ring = ring = BlockRam(plan.data_bits, 1 << bits)
        mask = (1 << DSP_OPERAND) - 1
        m.submodules.taps = rom = BlockRam(DSP_OPERAND, taps, [tap & mask for tap in self._taps])
        m.submodules.product = product = TwoPartProduct(plan.data_bits, DSP_OPERAND)

        newest = Signal(bits)
        missing = Signal(range(taps + 1), init=taps)  # samples until the next output
        begin = Signal()
        fresh = Signal()  # no output was begun since a break
        left = Signal.like(missing)
        m.d.comb += left.eq(Mux(self.i.p.first, taps, missing))
        m.d.sync += [ring.write_enable.eq(0), begin.eq(0)]
        with m.If(self.i.valid):
            m.d.sync += [
                ring.write_enable.eq(1),
                ring.write_address.eq(newest + 1),
                ring.write_data.eq(fitted(self.i.p.value, dropped, plan.data_bits)),
                newest.eq(newest + 1),
                missing.eq(Mux(left == 1, plan.ratio, left - 1)),
                begin.eq(left == 1),
            ]
            with m.If(self.i.p.first):
                m.d.sync += fresh.eq(1)

        tap = Signal(range(taps))
        running = Signal()
        with m.If(running):
            m.d.sync += [tap.eq(tap + 1), ring.read_address.eq(ring.read_address - 1)]
            with m.If(tap == taps - 1):
                m.d.sync += running.eq(0)
        with m.If(begin):
            m.d.sync += [
                running.eq(1),
                tap.eq(0),
                ring.read_address.eq(newest),
                self.o.p.first.eq(fresh),
                fresh.eq(0),
            ]
        m.d.comb += [
            rom.read_address.eq(tap),
            product.a.eq(ring.read_data.as_signed()),
            product.b.eq(rom.read_data.as_signed()),
        ]
        wait = BlockRam.latency + TwoPartProduct.latency
        adds = pulse_delayed(m, running, wait, "adds")
        starts = pulse_delayed(m, running & (tap == 0), wait, "starts")
        last = pulse_delayed(m, running & (tap == taps - 1), wait, "last")
        self._add(m, product.p, adds, starts, last)
        return m

    def _add(self, m: Module, product: Any, adds: Any, starts: Any, last: Any) -> None:
        plan = self._plan
        end = sum(abs(tap) for tap in self._taps) << (plan.data_bits - 1)
        total = Signal(signed(signed_width(-end, end)), reset_less=True)
        now = Signal.like(total)
        m.d.comb += now.eq(Mux(starts, 0, total) + product)
        with m.If(adds):
            m.d.sync += total.eq(now)
        done = Signal()
        m.d.sync += [done.eq(last), self.o.valid.eq(done)]
        with m.If(done):
            m.d.sync += self.o.p.value.eq(fitted(total, plan.shift, plan.adc_bits))
