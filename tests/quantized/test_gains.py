"""Gains on packed pairs against untangling, gains and tangling again; and how they are bounded."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hwgen.errors import InputError
from hwgen.quantized import gains


def gain_of(points: int, seed: int = 1) -> np.ndarray:
    real, imag = np.random.default_rng(seed).normal(size=(2, points + 1))
    imag[[0, -1]] = 0.0
    return real + 1j * imag


@pytest.mark.parametrize("points", [8, 16, 128])
def test_two_products_are_the_filter(points):
    gain = gain_of(points)
    x = np.random.default_rng(2).normal(size=2 * points)
    z = np.fft.fft(x[0::2] + 1j * x[1::2])
    own, mirrored = gains.packed_gains(gain)
    made = np.fft.ifft(own * z + mirrored * z[-np.arange(points)].conj())
    filtered = np.fft.irfft(np.fft.rfft(x) * gain)
    np.testing.assert_allclose(made.real, filtered[0::2], atol=1e-12)
    np.testing.assert_allclose(made.imag, filtered[1::2], atol=1e-12)


def test_equal_gains_need_no_mirror():
    own, mirrored = gains.packed_gains(np.full(9, 0.7 + 0j))
    np.testing.assert_allclose(own, 0.7)
    assert (mirrored == 0).all()


@pytest.mark.parametrize(("factor", "more"), [(1, 0), (2, 1), (3, 2), (1 / 4, -2)])
def test_larger_gains_are_divided_by_more(factor, more):
    gain = np.ones(1025, dtype=complex)
    one, other = (gains.growth(each, 16, 24, 16) for each in (gain, factor * gain))
    assert other.exponent - one.exponent == more
    assert other.halved == one.halved
    entries = gains.table(*gains.packed_gains(factor * gain)[:1], other.exponent, 16)
    assert 1 << 14 < entries.re.max() < 1 << 17


def test_a_stage_halves_where_it_could_overflow():
    gain = np.ones(1025, dtype=complex)
    counts = [sum(gains.growth(gain, 16, width, 16).halved) for width in range(20, 32)]
    assert counts == sorted(counts, reverse=True)
    assert (counts[0], counts[-1]) == (7, 0)
    assert all(a - b in (0, 1) for a, b in itertools.pairwise(counts))
    # The first stages keep every bit.
    assert gains.growth(gain, 16, 24, 16).halved[:6] == (False,) * 6


def test_no_gains_at_all():
    found = gains.growth(np.zeros(9, dtype=complex), 16, 26, 16)
    assert found.exponent == 0


def test_what_cannot_be_kept_is_told():
    with pytest.raises(InputError, match=r"gains of 8193 bins cannot be kept in 16 bits .* 8 bits"):
        gains.growth(gain_of(8192), 12, 16, 6)
