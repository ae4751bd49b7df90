"""Tells when a sensor is stuck or clips: what it gives then is no measurement."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hwgen.checks import positive

_END_BITS = 8
"""A sample is at the end of the range when so many bits behind the sign say so: 0.4 % of it."""


class Watch(wiring.Component):
    """Look at samples of a sensor, as they come from it.

    Parameters
    ----------
    bits
        Of a sample, at least 2.
    samples
        As many equal samples in a row are a stuck sensor; clipping is counted over as many.
    clips
        As many samples at an end of the range, among `samples`, are clipping.

    Members
    -------
    i : In(stream of samples, always ready)
        Values.
    stuck : Out(1)
        The last `samples` were all equal.
    clipped : Out(1)
        High from the `clips`-th sample at an end until `samples` have passed with fewer.

    Latency
    -------
    1 cycle.

    Raises
    ------
    TypeError, ValueError
        If a parameter is wrong.
    """

    def __init__(self, bits: int, samples: int, clips: int) -> None:
        positive("bits", bits, 2)
        self._samples = positive("samples", samples, 2)
        self._clips = positive("clips", clips)
        if clips > samples:
            raise ValueError(f"clips must be at most samples ({samples}), not {clips}")
        super().__init__(
            {
                "i": In(stream.Signature(signed(bits), always_ready=True)),
                "stuck": Out(1),
                "clipped": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Count equal samples, and samples at an end."""
        m = Module()
        value = self.i.payload
        last = Signal.like(value, reset_less=True)
        equal = Signal(range(self._samples))
        with m.If(self.i.valid):
            m.d.sync += last.eq(value)
            with m.If(value != last):
                m.d.sync += [equal.eq(0), self.stuck.eq(0)]
            with m.Elif(equal == self._samples - 2):
                m.d.sync += self.stuck.eq(1)
            with m.Else():
                m.d.sync += equal.eq(equal + 1)
        self._clip(m, value)
        return m

    def _clip(self, m: Module, value: Any) -> None:
        sign = value[-1]
        behind = value[max(0, len(value) - 1 - _END_BITS) : -1]
        end = Signal()
        count = Signal(range(self._clips + 1))
        place = Signal(range(self._samples))
        m.d.comb += end.eq((behind ^ sign.replicate(len(behind))).all())
        full = (count == self._clips) | ((count == self._clips - 1) & end)
        with m.If(self.i.valid):
            m.d.sync += place.eq(place + 1)
            with m.If(place == self._samples - 1):
                m.d.sync += [place.eq(0), count.eq(0), self.clipped.eq(full)]
            with m.Elif(full):
                m.d.sync += [self.clipped.eq(1), count.eq(self._clips)]
            with m.Else():
                m.d.sync += count.eq(count + end)
