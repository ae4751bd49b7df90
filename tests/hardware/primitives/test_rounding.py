"""Division and saturation as the golden model has them."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.fixedpoint import Format, saturate, shift_half_even, shift_half_up
from hwgen.hardware.primitives.rounding import divided, saturated

WIDTH = 6


class Rounded(wiring.Component):
    """A value of six bits, divided and saturated, a cycle later each."""

    def __init__(self, shift: int, fmt: Format, *, even: bool):
        self._shift, self._fmt, self._even = shift, fmt, even
        super().__init__({"x": In(signed(WIDTH)), "y": Out(signed(WIDTH + 1))})

    def elaborate(self, platform):
        m = Module()
        rounded = Signal(signed(WIDTH + 1))
        m.d.sync += rounded.eq(divided(self.x, self._shift, even=self._even))
        m.d.sync += self.y.eq(saturated(rounded, self._fmt))
        return m


@pytest.mark.parametrize("fmt", [Format(True, 3, 0), Format(False, 3, 0), Format(True, 6, 0)])
@pytest.mark.parametrize("even", [False, True])
@pytest.mark.parametrize("shift", [0, 1, 2, 4, WIDTH + 1])
def test_every_value(play, shift, even, fmt):
    x = np.arange(-(1 << WIDTH - 1), 1 << WIDTH - 1)
    got = play(Rounded(shift, fmt, even=even), {"x": x.tolist()}, ["y"], cycles=len(x) + 2)
    exact = (shift_half_even if even else shift_half_up)(x, shift)
    assert got["y"][2:] == saturate(exact, fmt.min, fmt.max).tolist()
