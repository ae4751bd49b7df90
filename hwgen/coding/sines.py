"""Training of a small network of sines to a matrix of weights, in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hwgen.coding.matrix import Floats

RATE = 2e-3
EDGES, FREQUENCIES = 0.1, 0.5
"""Weights of the loss of differences along the taps, and of that of frequencies, beside 1."""
ROUNDED_FROM = 0.6
"""Share of the epochs after which the weights between the layers are as their integers are."""
_FASTEST = 30.0
"""Radians that the first sines begin with at most from the middle to an edge."""
_MOST_PLACES = 1 << 13
"""Of a step of the training: whole rows, by chance."""
_TURN = np.float32(2 * np.pi)

Mask = npt.NDArray[np.bool_]


@dataclass
class Sines:
    """Weights of a network of two layers of sines; phases in turns, coordinates from -1 to 1.

    Parameters
    ----------
    frequencies, starts
        ``(hidden, 3)`` and ``(hidden,)`` of the first layer.
    between, offsets
        ``(hidden, hidden)`` and ``(hidden,)`` of the second.
    values, offset
        ``(hidden,)`` and ``(1,)`` of the sum.
    """

    frequencies: Floats
    starts: Floats
    between: Floats
    offsets: Floats
    values: Floats
    offset: Floats

    def parts(self) -> tuple[Floats, ...]:
        """Return all arrays."""
        return (
            self.frequencies, self.starts, self.between, self.offsets, self.values, self.offset
        )  # fmt: skip


def _short(values: Any) -> Any:
    """Return values as float32."""
    return values.astype(np.float32)


def begun(hidden: int, rng: np.random.Generator) -> Sines:
    """Return a network before its training: as SIREN's authors begin."""
    reach = np.sqrt(6 / hidden) / _TURN
    return Sines(
        rng.uniform(-_FASTEST / _TURN, _FASTEST / _TURN, (hidden, 3)) / np.sqrt(3),
        rng.uniform(0, 1, hidden),
        rng.uniform(-reach, reach, (hidden, hidden)),
        rng.uniform(0, 1, hidden),
        rng.uniform(-1, 1, hidden) / np.sqrt(hidden),
        np.zeros(1),
    )


def coordinates(sizes: tuple[int, int, int], rows: npt.NDArray[np.int64]) -> Floats:
    """Return row, channel and position, from -1 to 1, of all taps of rows ``(places, 3)``."""
    grid = np.meshgrid(rows, np.arange(sizes[1]), np.arange(sizes[2]), indexing="ij")
    steps = zip(grid, sizes, strict=True)
    return _short(
        np.stack([2 * each.reshape(-1) / max(size - 1, 1) - 1 for each, size in steps], axis=1)
    )


def per_place(net: Sines, sizes: tuple[int, int, int]) -> tuple[Floats, Floats]:
    """Return turns a step of each coordinate ``(hidden, 3)``, and those of the first place."""
    steps = net.frequencies * (2 / np.maximum(np.array(sizes) - 1, 1))
    return steps, net.starts - net.frequencies.sum(axis=1)


def residual_gradient(wrong: Floats) -> Floats:
    """Return what the loss of ``(rows, taps)`` asks to be less: error, its edges, its frequencies.

    The loss is half the squared error, `EDGES` times that of differences along the taps, and
    `FREQUENCIES` times that of frequencies, each weighted by how wrong it is (focal frequency
    loss).
    """
    found = wrong.copy()
    differences = np.diff(wrong, axis=1)
    found[:, 1:] += EDGES * differences
    found[:, :-1] -= EDGES * differences
    spectrum = np.fft.rfft(wrong, axis=1)
    sizes = np.abs(spectrum)
    focus = sizes / max(float(sizes.max()), 1e-12)
    return found + FREQUENCIES * np.fft.irfft(spectrum * focus, n=wrong.shape[1], axis=1)


def _gradients(
    net: Sines, between: Floats, places: Floats, wanted: Floats, inside: Mask
) -> list[Floats]:
    """Return the gradients of all arrays; `between` is what stands for the net's own."""
    phases = _TURN * (places @ net.frequencies.T + net.starts)
    first = np.sin(phases)
    phases_2 = _TURN * (first @ between.T + net.offsets)
    second = np.sin(phases_2)
    said = second @ net.values + net.offset
    wrong = residual_gradient((said.reshape(wanted.shape) - wanted) * inside) * inside
    slope = wrong.reshape(-1) / wrong.size
    back_2 = slope[:, None] * net.values * _TURN * np.cos(phases_2)
    back = (back_2 @ between) * _TURN * np.cos(phases)
    return [
        back.T @ places, back.sum(axis=0), back_2.T @ first, back_2.sum(axis=0),
        second.T @ slope, slope.sum(keepdims=True),
    ]  # fmt: skip


def train(
    wanted: Floats,
    inside: Mask,
    *,
    kernel: int,
    hidden: int,
    rounded: Callable[[Floats], Floats],
    epochs: int,
    seed: int,
) -> Sines:
    """Return a network trained to values of deviation 1, with Adam and a falling rate.

    Parameters
    ----------
    wanted, inside
        ``(rows, taps)``: values, and which of them count.
    kernel
        Positions of a channel.
    hidden
        Sines of a layer.
    rounded
        The weights between the layers as they will be stored.
    epochs
        Steps, each of all rows or as many as fit.
    seed
        Of the beginning, and of the rows.
    """
    rng = np.random.default_rng(seed)
    # Half the width is enough for a training, and twice as fast.
    net = Sines(*(_short(part) for part in begun(hidden, rng).parts()))
    wanted, (rows, taps) = _short(wanted), wanted.shape
    sizes = rows, taps // kernel, kernel
    some = min(rows, max(1, _MOST_PLACES // taps))
    parts = net.parts()
    means, squares = ([np.zeros_like(each) for each in parts] for _ in range(2))
    places = coordinates(sizes, np.arange(rows)) if some == rows else None
    for epoch in range(epochs):
        chosen = np.arange(rows) if some == rows else rng.choice(rows, some, replace=False)
        here = places if places is not None else coordinates(sizes, chosen)
        between = net.between
        if epoch >= ROUNDED_FROM * epochs:
            between = _short(rounded(between))
        found = _gradients(net, between, here, wanted[chosen], inside[chosen])
        rate = float(RATE * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * epoch / epochs))))
        for place, each in enumerate(found):
            means[place] += 0.1 * (each - means[place])
            squares[place] += 0.001 * (each**2 - squares[place])
            ahead = means[place] / (1 - 0.9 ** (epoch + 1))
            square = squares[place] / (1 - 0.999 ** (epoch + 1))
            parts[place][...] -= rate * ahead / (np.sqrt(square) + 1e-9)
    return net
