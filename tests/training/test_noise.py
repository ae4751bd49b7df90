"""Noise of windows in torch is that of recordings."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.signals.noise_kinds import KINDS
from hwgen.training.augment import Augment
from hwgen.training.noise import drawn

WINDOW = 1024


def draw(kind, count=1000, seed=2):
    return drawn(kind, torch.Size((count, WINDOW)), torch.Generator().manual_seed(seed)).double()


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_the_spectrum_and_the_tails_of_recordings(kind):
    x = draw(kind).numpy()
    rows = KINDS[kind](np.random.default_rng(1))((len(x) * WINDOW,)).reshape(-1, WINDOW)
    assert np.var(x) == pytest.approx(1.0, abs=0.03)
    found, expected = (
        np.mean(np.abs(np.fft.rfft(each * np.hanning(WINDOW))) ** 2, axis=0)[2:-1]
        for each in (x, rows)
    )
    np.testing.assert_allclose(10 * np.log10(found / expected), 0.0, atol=1.2)
    tails = np.mean(x**4) / np.var(x) ** 2
    assert tails == pytest.approx(6.0 if kind == "laplace" else 3.0, abs=0.1)


def test_white_noise_is_what_it_was():
    generators = (torch.Generator().manual_seed(9) for _ in range(2))
    first, second = (torch.randn((3, 5), generator=next(generators)),
                     drawn("white", torch.Size((3, 5)), next(generators)))  # fmt: skip
    assert torch.equal(first, second)


def test_the_generator_decides_everything():
    for kind in KINDS:
        assert torch.equal(draw(kind, 2), draw(kind, 2))
        assert not torch.equal(draw(kind, 2), draw(kind, 2, seed=3))


def test_another_kind_is_a_programmers_mistake():
    with pytest.raises(ValueError, match="kind must be one of white, pink, laplace, not brown"):
        draw("brown")


@pytest.mark.parametrize("kind", KINDS)
def test_windows_get_the_kind_that_is_asked_for(kind):
    x, power = torch.zeros(400, WINDOW), torch.full((400,), 4.0)
    augment = Augment(-6.0, -6.0, gain=0.0, noise=kind)
    noise = augment(x, power, torch.Generator().manual_seed(1)).double().numpy()
    assert np.var(noise) == pytest.approx(4.0 * 10**0.6, rel=0.03)
    low = np.mean(np.abs(np.fft.rfft(noise)[:, 4:64]) ** 2)
    high = np.mean(np.abs(np.fft.rfft(noise)[:, 256:]) ** 2)
    assert (low / high > 8) == (kind == "pink")
    assert (np.mean(noise**4) / np.var(noise) ** 2 > 5) == (kind == "laplace")
