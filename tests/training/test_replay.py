"""Windows at other speeds: lines move by the stated share, power and length stay."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.signals import Dataset, Recording
from hwgen.training.augment import Augment
from hwgen.training.batches import Fresh
from hwgen.training.pieces import Pieces
from hwgen.training.replay import Span, replayed
from hwgen.training.speed import Speeds

WINDOW = 2048
QUIET = Augment(100.0, 100.0, gain=0.0)


def tone(cycles: float, n: int) -> np.ndarray:
    """Return a tone of so many cycles a window."""
    return np.sin(2 * np.pi * cycles * np.arange(n) / WINDOW + 0.3)


def cycles(x: np.ndarray) -> float:
    """Return the cycles of a tone, by its phase over the middle of a window."""
    n = x.shape[-1]
    analytic = np.fft.fft(x)
    analytic[n // 2 :] = 0
    phase = np.unwrap(np.angle(np.fft.ifft(analytic)))[n // 4 : -n // 4]
    return float(np.polyfit(np.arange(len(phase)), phase, 1)[0]) * WINDOW / (2 * np.pi)


@pytest.mark.parametrize("change", [-0.05, -0.013, 0.002, 0.05])
def test_a_tone_moves_by_the_stated_share(change):
    span = Span.of(WINDOW, change, 10**6)
    x = np.stack([tone(300.0, span.read), tone(40.5, span.read)]).astype(np.float32)
    made = replayed(x, WINDOW, span)
    assert made.shape == (2, WINDOW)
    assert made.dtype == np.float32
    # Whole samples are read.
    assert cycles(made[0]) == pytest.approx(300 * (1 + change), rel=1 / WINDOW)
    assert np.mean(made**2, axis=1) == pytest.approx([0.5, 0.5], rel=0.03)


def test_no_change_is_the_window_itself():
    span = Span.of(WINDOW, 0.0, 10**6)
    x = np.random.default_rng(1).normal(size=(3, 2, span.read)).astype(np.float32)
    np.testing.assert_array_equal(replayed(x, WINDOW, span), x[..., 32:-32])


def test_its_spectrum_is_the_warped_one():
    """Bin k of a window at another speed is that of the span that is read for it."""
    span = Span(2150, WINDOW)
    x = np.random.default_rng(2).normal(size=(4, 2150)).astype(np.float32)
    bins = np.abs(np.fft.rfft(replayed(x, WINDOW, span))) / WINDOW
    read = np.abs(np.fft.rfft(x)) / 2150
    np.testing.assert_allclose(bins[:, :1024], read[:, :1024], atol=1e-6)


@pytest.mark.parametrize("shortest", [WINDOW, WINDOW + 1, WINDOW + 40, 3 * WINDOW])
def test_no_more_is_read_than_there_is(shortest):
    for change in (-0.4, -0.05, 0.0, 0.05, 0.9):
        span = Span.of(WINDOW, change, shortest)
        assert span.read <= shortest
        assert replayed(np.zeros((1, span.read), np.float32), WINDOW, span).shape == (1, WINDOW)


def dataset(length: int) -> Dataset:
    made = (
        Recording(samples=tone(per, length), label=name, sample_rate=12_000.0, source=name)
        for name, per in (("a", 200.0), ("b", 400.0))
    )
    return Dataset("made up", ("a", "b"), tuple(made))


def test_batches_have_several_speeds_and_follow_from_the_epoch():
    pieces = Pieces(dataset(10_000), WINDOW)
    batches = Fresh(pieces, QUIET, 32, 3, 7, Speeds(-0.05, 0.05, steady=0.4))
    first, again = (list(batches.epoch(2)) for _ in range(2))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert [(x.shape, x.dtype) for x, _ in first] == [((32, WINDOW), torch.float32)] * 3
    shares = [
        cycles(each.numpy()) / (200, 400)[label] - 1
        for x, labels in first
        for each, label in zip(x, labels.tolist(), strict=True)
    ]
    assert max(map(abs, shares)) < 0.051
    assert len(np.unique(np.round(shares, 4))) > 8
    assert 0.1 < np.mean(np.abs(shares) < 1e-4) < 0.7


def test_recordings_of_just_a_window_are_played_no_faster():
    pieces = Pieces(dataset(WINDOW), WINDOW)
    ((x, _),) = Fresh(pieces, QUIET, 16, 1, 7, Speeds(0.02, 0.05)).epoch(0)
    torch.testing.assert_close(
        x[0], torch.from_numpy(tone(200.0, WINDOW)).float(), atol=1e-3, rtol=0
    )
