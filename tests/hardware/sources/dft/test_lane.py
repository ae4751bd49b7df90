"""One lane of the transform: twiddles, sums and features, each in its cycle."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.fixedpoint import shift_half_up
from hwgen.golden.magnitude import magnitude, rounded
from hwgen.hardware.sources.dft.lane import DftLane
from hwgen.network.ops.spectrum import Spectrum
from hwgen.plans.sources.dft import clipped_width, half, sum_width
from hwgen.quantized import Precision
from hwgen.quantized.magnitude import MAGNITUDES
from hwgen.quantized.ops import dft
from tests.rules import front_end

WINDOW = 32


def quantized(shift, method="max-1/4", window=WINDOW, **bits):
    layer = Spectrum("spectrum", window)
    return front_end(dft, layer, Precision(**bits, transform="dft", magnitude=method), 1.0, shift)


def cosine(op, phase):
    """Return the integer cosine of phases: the second half wave is the first one negated."""
    phase = np.asarray(phase) % op.window
    return op.cosine[phase % op.points] * np.where(phase >= op.points, -1, 1)


@pytest.mark.parametrize("stalls", [False, True])
@pytest.mark.parametrize("method", MAGNITUDES)
def test_a_bin_a_cycle(play, method, stalls):
    op = quantized(6, method)
    bits = op.sample.width + 1
    dut = DftLane(op, bits)
    rng = np.random.default_rng(len(method) + stalls)
    count = 500
    advance = (rng.random(count) < (0.7 if stalls else 1.1)).astype(int)
    phase = rng.integers(0, WINDOW, count)
    operand = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), count)
    low, high = op.sum_range
    # Sums of all sizes, so that features of all sizes come; products are small against most.
    spread = np.exp2(rng.uniform(0, np.log2(high), (2, count)))
    most = (1 << (bits - 1)) << op.frac_bits
    old = np.clip((rng.choice([-1, 1], (2, count)) * spread).astype(int), low + most, high - most)
    clear = (rng.random(count) < 0.2).astype(int)
    blank = (rng.random(count) < 0.2).astype(int)
    inputs = {
        "advance": advance, "phase": phase, "operand": operand, "old_re": old[0],
        "old_im": old[1], "clear": clear, "blank": blank,
    }  # fmt: skip
    got = play(
        dut,
        {name: column.tolist() for name, column in inputs.items()},
        ["re", "im", "feature"],
        cycles=count,
    )
    # The twiddles of cycle t are those of the phase two cycles with `advance` before.
    words = []
    for t in range(count):
        moves = np.flatnonzero(advance[:t])[-2:]
        words.append(phase[moves[0]] if len(moves) == 2 else None)
    seen = 0
    for t in range(2, count - 12):
        if words[t] is None:
            continue
        seen += 1
        # Sums are read two cycles behind the twiddles and come two cycles later.
        start = [half(op)] * 2 if clear[t + 2] else old[:, t + 2].tolist()
        factors = int(cosine(op, words[t])), int(cosine(op, words[t] + op.window // 4))
        sums = [
            begin + int(operand[t]) * factor for begin, factor in zip(start, factors, strict=True)
        ]
        assert [got["re"][t + 4], got["im"][t + 4]] == sums
        parts = tuple(np.array([value >> op.drop]) for value in sums)
        feature = int(rounded(op, magnitude(op.magnitude, parts))[0])
        assert got["feature"][t + 8] == (0 if blank[t + 7] else feature)
    assert seen > 400
    assert len({*got["feature"]}) > 40


def test_numbers():
    op = quantized(6)
    assert op.drop > 0
    assert half(op) == 1 << (op.drop - 1)
    low, high = op.sum_range
    assert sum_width(op) == max(low.bit_length(), (high + half(op)).bit_length()) + 1
    assert (DftLane.sum_latency, DftLane.latency) == (4, 8)
    # What the magnitude looks at is bounded by what decides of a feature, or by the sum.
    assert clipped_width(quantized(0)) < sum_width(op) - op.drop
    assert clipped_width(quantized(24)) == sum_width(quantized(24)) - quantized(24).drop
    dut = DftLane(op, 13)
    widths = {"phase": 5, "operand": 13, "old_re": sum_width(op), "old_im": sum_width(op),
              "re": sum_width(op), "im": sum_width(op), "feature": op.out.width}  # fmt: skip
    widths |= dict.fromkeys(("advance", "clear", "blank"), 1)
    assert {name: len(getattr(dut, name)) for name in widths} == widths


def test_sums_are_cut_after_half_was_added():
    """Halves round up: a sum that began with `half` and lost its lowest bits."""
    op = quantized(6)
    for value in (0, 1, half(op) - 1, half(op), half(op) + 1, -half(op), -half(op) - 1):
        assert (value + half(op)) >> op.drop == shift_half_up(np.array(value), op.drop)
