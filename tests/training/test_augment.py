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


def test_each_channel_has_noise_of_its_own_power_and_all_have_one_gain():
    powers = torch.tensor([4.0, 0.04, 400.0])
    tone = np.sqrt(2.0) * np.sin(2 * np.pi * np.arange(8192) / 16)
    x = torch.tensor(tone, dtype=torch.float32) * powers.sqrt()[:, None].repeat(50, 1, 1)
    generator = torch.Generator().manual_seed(4)
    y = Augment(2.9, 3.1, gain=0.5)(x, powers.repeat(50, 1), generator).double().numpy()
    gain = y @ tone / (tone @ tone) / powers.sqrt().numpy()
    assert np.std(gain.mean(axis=1)) > 0.1
    np.testing.assert_allclose(gain, gain[:, :1].repeat(3, axis=1), rtol=0.1)
    noise = y - (gain * powers.sqrt().numpy())[..., None] * tone
    ratio = gain**2 * powers.numpy() / np.mean(noise**2, axis=2)
    np.testing.assert_allclose(10 * np.log10(ratio), 3.0, atol=0.6)
    likeness = [np.corrcoef(each) for each in noise]
    assert np.abs(np.array(likeness) - np.eye(3)).max() < 0.1


def test_each_channel_has_a_frequency_response_of_its_own():
    x = torch.zeros(40, 2, 1024)
    x[..., 0] = 1.0  # all frequencies alike
    generator = torch.Generator().manual_seed(5)
    augment = Augment(90.0, 91.0, gain=0.0, colour=6.0)
    y = augment(x, torch.full((40, 2), 1 / 1024), generator).numpy()
    levels = 20 * np.log10(np.abs(np.fft.rfft(y)[..., 1:-1]))
    assert levels.std() == pytest.approx(6.0 * np.sqrt(2 / 3), rel=0.2)  # straight lines between
    first, second = (levels - levels.mean(axis=0)).swapaxes(0, 1).reshape(2, -1)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.15


def test_one_channel_is_varied_alike_with_and_without_an_axis():
    x = torch.randn(6, 64, generator=torch.Generator().manual_seed(1))
    augment, power = Augment(0.0, 6.0, colour=3.0, dropout=0.2), torch.ones(6)
    flat, deep = (
        augment(a, p, torch.Generator().manual_seed(2))
        for a, p in ((x, power), (x[:, None], power[:, None]))
    )
    assert torch.equal(flat, deep[:, 0])


def test_a_path_colours_the_signal_and_leaves_its_power_and_the_noise_white():
    generator = torch.Generator().manual_seed(6)
    x = torch.randn(300, 1024, generator=generator)
    quiet = Augment(300.0, 300.0, gain=0.0, path=3.0)(x, torch.ones(300), generator)
    np.testing.assert_allclose(quiet.square().mean(1), x.square().mean(1), rtol=1e-4)
    levels = 20 * np.log10((torch.fft.rfft(quiet).abs() / torch.fft.rfft(x).abs()).numpy())
    assert abs((levels - levels.mean(axis=0))[:, [128, 256, 384]].std() - 3.0) < 0.4
    loud = Augment(-60.0, -60.0, gain=0.0, path=9.0)(x, torch.ones(300), generator)
    bands = torch.fft.rfft(loud).abs().square()[:, 1:513].reshape(300, 8, 64).mean((0, 2))
    assert (bands / bands.mean()).numpy() == pytest.approx(np.ones(8), abs=0.05)


def test_a_silent_window_stays_silent():
    generator = torch.Generator().manual_seed(6)
    quiet = Augment(0.0, 0.0, path=3.0)(torch.zeros(2, 64), torch.zeros(2), generator)
    assert torch.equal(quiet, torch.zeros(2, 64))
