"""Bins of the real window against the golden model."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden.ops.spectrum import transform, untangle
from hwgen.hardware.sources.fft.untangle import Untangle
from hwgen.network.ops.spectrum import Spectrum
from hwgen.quantized import Precision
from hwgen.quantized.ops import spectrum
from tests.rules import front_end

WATCH = ["busy", "o.valid", "o.mirror", "o.last", "o.re", "o.im"]


def prepared(window: int, seed: int, **bits):
    """Return op, words of Z in memory, and the features' bins in the order in which they come."""
    op = front_end(spectrum, Spectrum("spectrum", window), Precision(**bits), 1.0, 2)
    limit = 1 << (op.sample.width - 1)
    samples = np.random.default_rng(seed).integers(-limit, limit, (1, window))
    if seed == 0:
        samples = np.where(samples < 0, -limit, limit - 1)
    value = transform(op, samples)
    width = op.stages[-1].width
    mask = (1 << width) - 1
    words = [
        (int(re) & mask) | (int(im) & mask) << width
        for re, im in zip(value[0][0], value[1][0], strict=True)
    ]
    bins = untangle(op, value)
    half = op.points // 2
    expected = []
    for k in range(half + 1):  # ascending feature k, then the mirrored one
        expected.append((0, int(k == half), bins[0][0, k], bins[1][0, k]))
        if k not in {0, half}:
            expected.append((1, 0, bins[0][0, -k], bins[1][0, -k]))
    return op, words, 2 * width, expected


@pytest.mark.parametrize(
    ("window", "bits"),
    [(16, {}), (32, {"twiddle": 8}), (64, {"adc": 9, "data": 12}), (128, {}), (64, {"adc": 4})],
)
@pytest.mark.parametrize("seed", range(3))
def test_bins_are_the_golden_models(play, with_memory, window, bits, seed):
    op, words, width, expected = prepared(window, seed, **bits)
    dut = Untangle(op)
    top = with_memory(dut, words, width, "read_address", "read_data")
    length = 3 + 2 * dut.interval + dut.latency
    # Held high, so that the next window begins as soon as it can.
    starts = [0, 0, 0] + [1] * (dut.interval + 1) + [0]
    got = play(dut, {"start": starts}, WATCH, cycles=length, top=top)
    cycles = np.flatnonzero(got["o.valid"]).tolist()
    bins = [
        tuple(got[name][cycle] for name in ("o.mirror", "o.last", "o.re", "o.im"))
        for cycle in cycles
    ]
    assert bins == expected * 2
    assert cycles[0] == 3 + dut.latency
    assert cycles[len(expected)] == cycles[0] + dut.interval
    # Bins M-k and k in adjacent cycles, a pair every two.
    assert cycles[-1] - cycles[len(expected)] == op.points
    busy = got["busy"]
    assert busy[3:5] == [0, 1]
    assert busy[3 + dut.interval : 5 + dut.interval] == [0, 1]
    assert sum(busy) == 2 * (dut.interval - 1)


def test_reset_in_the_middle(play, with_memory):
    op, words, width, expected = prepared(32, 1)
    dut = Untangle(op)
    top = with_memory(dut, words, width, "read_address", "read_data")
    starts = [1] + [0] * 13 + [1, 0]
    length = len(starts) + dut.interval + dut.latency
    got = play(dut, {"start": starts}, WATCH, cycles=length, top=top, reset=[12])
    after = [cycle for cycle in np.flatnonzero(got["o.valid"]).tolist() if cycle > 12]
    assert len(after) == len(expected)
    assert [got["o.re"][cycle] for cycle in after] == [item[2] for item in expected]
