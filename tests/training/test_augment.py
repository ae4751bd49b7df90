"""Noise and gain are what they say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.training.augment import Augment


def measured(low, high, power=4.0, n=200, seed=0, exponent=1.0):
    """Return the SNR in dB of each window and its gain in octaves."""
    generator = torch.Generator().manual_seed(seed)
    tone = np.sqrt(2 * power) * np.sin(2 * np.pi * np.arange(32768) / 16)
    x = torch.tensor(tone, dtype=torch.float32).repeat(n, 1)
    y = Augment(low, high, exponent)(x, torch.full((n,), power), generator).double().numpy()
    gain = y @ tone / (tone @ tone)
    noise = y - gain[:, None] * tone
    snr = 10 * np.log10(gain**2 * power / np.mean(noise**2, axis=1))
    return snr, np.log2(gain)


@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 20.0])
def test_noise_lies_around_the_stated_ratio(snr_db):
    snr, _ = measured(snr_db - 3, snr_db + 3)
    assert snr.min() > snr_db - 3.6
    assert snr.max() < snr_db + 3.6
    assert abs(snr.mean() - snr_db) < 0.4
    assert snr.std() > 1.2  # uniform over 6 dB: 1.73


def test_an_exponent_makes_low_ratios_frequent():
    snr, _ = measured(-9.0, 40.0, exponent=2.0)
    assert snr.min() < -8
    assert snr.max() > 35
    assert 0.25 < np.mean(snr < -3) < 0.45  # (6 / 49)^(1/2) = 0.35; uniform: 0.12


def test_gain_varies_either_way():
    _, octaves = measured(17.0, 23.0)
    assert octaves.min() < -0.25
    assert octaves.max() > 0.25
    assert np.abs(octaves).max() < 0.32


def test_the_generator_decides_everything():
    assert (measured(-3.0, 3.0, n=2, seed=1)[0] == measured(-3.0, 3.0, n=2, seed=1)[0]).all()
    assert (measured(-3.0, 3.0, n=2, seed=1)[0] != measured(-3.0, 3.0, n=2, seed=2)[0]).all()


def coloured(n=300, seed=4, **options):
    """Return the response of each window at each frequency but the first: impulses go in."""
    x = torch.zeros(n, 1024)
    x[:, 5] = 1
    generator = torch.Generator().manual_seed(seed)
    y = Augment(300.0, 300.0, gain=0.0, **options)(x, torch.ones(n), generator)
    return (torch.fft.rfft(y).abs() / torch.fft.rfft(x).abs()).numpy()[:, 1:]


def test_colour_is_smooth_and_of_the_stated_strength():
    levels = 20 * np.log10(coloured(colour=3.0))
    assert abs(levels[:, [127, 255, 383]].std() - 3.0) < 0.3  # at the knots
    assert abs(levels.mean()) < 0.3
    assert np.abs(np.diff(levels, axis=1)).max() < 3.0 * 9 / 64
    assert np.abs(np.corrcoef(levels[:, 0], levels[:, -1])[0, 1]) < 0.2


def test_dropout_silences_and_makes_up():
    response = coloured(dropout=0.2)
    silent = response < 1e-3
    assert abs(silent.mean() - 0.2) < 0.01
    assert np.abs(response[~silent] - 1.25).max() < 1e-3
    assert abs(silent.mean(axis=0) - 0.2).max() < 0.15  # no frequency is favoured
