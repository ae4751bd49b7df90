"""Division and saturation, step by step, as the golden model has them."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Module, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.fixedpoint import Format, saturate, shift_half_even, shift_half_up
from hwgen.hardware.primitives.memory import delayed
from hwgen.hardware.shared.rounder import Rounder

BITS = 6
NARROW, SHORT, WHOLE = Format(True, 3, 0), Format(False, 2, 0), Format(True, BITS, 0)
STEPS = {
    "one": ({0: (2, False)}, {0: NARROW}),
    "one, to the even one": ({0: (3, True)}, {0: SHORT}),
    "shifts": ({0: (2, False), 1: (0, False), 2: (5, False), 4: (2, False)},
               {0: NARROW, 1: NARROW, 2: NARROW, 4: NARROW}),
    "formats": (dict.fromkeys(range(4), (1, False)),
                dict(enumerate([NARROW, SHORT, WHOLE, SHORT]))),
    "some to the even one": (
        {0: (2, False), 1: (2, True), 2: (0, True), 3: (0, False), 5: (1, True)},
        {0: WHOLE, 1: NARROW, 2: WHOLE, 3: SHORT, 5: WHOLE},
    ),
    "all to the even one": ({0: (1, True), 1: (4, True)}, {0: WHOLE, 1: SHORT}),
    "shifts beyond the number": ({0: (BITS + 1, False), 1: (BITS + 2, True), 2: (BITS, True)},
                                 {0: WHOLE, 1: WHOLE, 2: WHOLE}),
    "some as they are given": ({1: (2, False), 3: (3, False)},
                               {0: None, 1: NARROW, 2: None, 3: SHORT}),
    "one as it is given": ({0: (2, False)}, {0: NARROW, 1: None}),
}  # fmt: skip


class Rounded(wiring.Component):
    """A rounder, and what is given where there is no format: the number less a hundred."""

    def __init__(self, shifts, outs):
        self._kinds = shifts, outs
        super().__init__({"step": In(3), "x": In(signed(BITS)), "y": Out(signed(BITS + 2))})

    def elaborate(self, platform):
        m = Module()
        rounder = Rounder(m, self.step, *self._kinds)
        x = delayed(m, self.x, 1, "x")
        given = delayed(m, self.x - 100, 2, "given")
        m.d.comb += self.y.eq(rounder.rounded(x, BITS + 2, "y", given))
        return m


@pytest.mark.parametrize("how", STEPS)
def test_every_value_of_every_step(play, how):
    shifts, outs = STEPS[how]
    x = np.arange(-(1 << BITS - 1), 1 << BITS - 1)
    steps = np.repeat(list(outs), len(x))
    values = np.tile(x, len(outs))
    order = np.random.default_rng(1).permutation(len(steps))
    steps, values = steps[order], values[order]
    inputs = {"step": steps.tolist(), "x": values.tolist()}
    got = play(Rounded(shifts, outs), inputs, ["y"], cycles=len(steps) + 3)["y"][3:]
    for step, value, found in zip(steps.tolist(), values.tolist(), got, strict=True):
        if (out := outs[step]) is None:
            assert found == (value - 100 + 128) % 256 - 128
            continue
        shift, even = shifts[step]
        exact = (shift_half_even if even else shift_half_up)(np.array(value), shift)
        assert found == saturate(exact, out.min, out.max), (step, value)
