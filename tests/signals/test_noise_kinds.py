"""Each kind of noise has variance 1 and the spectrum and tails that it is called by."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from hwgen.signals import Dataset, Recording, noisy
from hwgen.signals.noise_kinds import KINDS
from hwgen.signals.store import Store

COUNT = 1 << 19
SLOPE = {"white": 0.0, "pink": -10.0, "laplace": 0.0}
"""dB for each decade of frequency."""
KURTOSIS = {"white": 3.0, "pink": 3.0, "laplace": 6.0}


def draw(kind, shape=(COUNT,), seed=3):
    return KINDS[kind](np.random.default_rng(seed))(shape)


@pytest.mark.parametrize("kind", KINDS)
def test_its_variance_spectrum_and_tails(kind):
    x = draw(kind)
    assert np.var(x) == pytest.approx(1.0, abs=0.03)
    frequencies, power = signal.welch(x, nperseg=4096)
    inside = (frequencies > 2e-3) & (frequencies < 0.4)
    slope, _ = np.polyfit(np.log10(frequencies[inside]), 10 * np.log10(power[inside]), 1)
    assert slope == pytest.approx(SLOPE[kind], abs=0.4)
    assert np.mean((x - x.mean()) ** 4) / np.var(x) ** 2 == pytest.approx(KURTOSIS[kind], abs=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_one_draw_in_pieces_is_the_draw_in_one_piece(kind):
    for row in ((), (2,)):
        whole = draw(kind, (3000, *row))
        pieces = KINDS[kind](np.random.default_rng(3))
        parts = [pieces((count, *row)) for count in (1, 999, 2000)]
        np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_channels_have_noise_of_their_own(kind):
    x = draw(kind, (100_000, 2))
    assert abs(np.corrcoef(x.T)[0, 1]) < 0.1


def test_pink_noise_is_under_way_from_its_first_sample():
    firsts = [draw("pink", (16,), seed) for seed in range(2000)]
    np.testing.assert_allclose(np.std(firsts, axis=0), 1.0, atol=0.1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stored", [False, True])
def test_a_recording_gets_the_stated_ratio(kind, stored):
    clean = np.sin(np.arange(400_000) * 0.7) + 0.2
    samples = Store(1).keep(iter([clean]), len(clean)) if stored else clean
    dataset = Dataset("made", ("a",), (Recording("a", samples, None, "made a"),))
    (found,) = noisy(dataset, -7.0, 5, kind).recordings
    noise = np.asarray(found.samples[:]) - clean
    ratio = 10 * np.log10(np.mean(clean**2) / np.mean(noise**2))
    assert ratio == pytest.approx(-7.0, abs=0.2)
