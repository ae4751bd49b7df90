"""Big2Small: a small network of sines says each weight from its place; the outliers stand apart.

Source: the idea of "Big2Small" (arXiv 2603.29768): implicit neural representations (V. Sitzmann and
others, "Implicit neural representations with periodic activation functions", 2020) of layers,
extreme weights apart, a loss that knows frequencies. Here all of it is integers: phases wrap as
sines do.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.coding import scales, sines
from hwgen.coding.coded import Choice, Coded, Stored, of_shape, whole
from hwgen.coding.matrix import Floats, checked
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers

PHASE_BITS, TABLE_BITS, SINE_BITS = 16, 10, 9
VALUE_BITS, OFFSET_BITS, OUTLIER_BITS, OUT_BITS = 12, 20, 16, 8
MOST_HIDDEN, MOST_SHIFT = 256, 31
AMPLITUDE = (1 << (SINE_BITS - 1)) - 1
SINES: Integers = np.rint(
    AMPLITUDE * np.sin(2 * np.pi * (np.arange(1 << TABLE_BITS) + 0.5) / (1 << TABLE_BITS))
).astype(np.int64)
"""A turn of the sine, as every decoder has it: no part of what is stored."""
_AT_ONCE = 1 << 14
_SPREAD = 32.0
"""Integers that the deviation of a row's weights is, but for the outliers: 4 of them fit 8 bits."""


@dataclass(frozen=True, eq=False)
class Inr(Coded):
    """Two layers of sines of a weight's place (row, channel, position), and a sum of them.

    With turns of ``2^16`` and ``S`` the table of sines, read by the upper 10 bits of a phase::

        u_j = S[starts_j + row * steps_j0 + channel * steps_j1 + position * steps_j2]
        v_i = S[((sum over j of words_ij * u_j) >> shift) + offsets_i]
        weight = ((sum over i of values_i * v_i) + offset) >> out_shift, saturated to 8 bits

    The words are two's complement, ``(hidden, hidden)`` row by row. What `places` names has the
    weight in `outliers` instead.

    Parameters
    ----------
    kernel
        Positions of a channel; a tap is ``channel * kernel + position``.
    weight_bits
        Of a word.
    shift, out_shift
        Of the sums.
    steps, starts, offsets, values, offset
        ``(hidden, 3)``, three of ``(hidden,)`` and ``(1,)``.
    places, outliers
        ``(n,)`` each: rising places in the matrix, row by row, and their weights.
    """

    code: ClassVar[str] = "inr"

    kernel: int
    weight_bits: int
    shift: int
    out_shift: int
    steps: Integers
    starts: Integers
    offsets: Integers
    values: Integers
    offset: Integers
    places: Integers
    outliers: Integers

    def check(self) -> None:
        """Raise `InputError` if the fields do not belong together."""
        hidden = whole("hidden sines", self.starts.size, 1, MOST_HIDDEN)
        whole("kernel", self.kernel, 1, self.shape[1])
        if self.shape[1] % self.kernel:
            raise InputError(f"kernel must divide the {self.shape[1]} taps, not be {self.kernel}")
        whole("weight_bits", self.weight_bits, 2, 12)
        whole("shift", self.shift, 0, MOST_SHIFT)
        whole("out_shift", self.out_shift, 0, MOST_SHIFT)
        for name, shape in {
            "words": (hidden * hidden,), "steps": (hidden, 3), "starts": (hidden,),
            "offsets": (hidden,), "values": (hidden,), "offset": (1,),
            "places": (self.places.size,), "outliers": (self.places.size,),
        }.items():  # fmt: skip
            of_shape(name, getattr(self, name), shape)
        if self.places.size and self.places.max() >= self.size:
            raise InputError(f"places must be below {self.size}, not {self.places.max()}")

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return self.weight_bits

    def tables(self) -> dict[str, Stored]:
        """Return how the arrays beside the words are stored."""
        return {
            "steps": Stored(PHASE_BITS), "starts": Stored(PHASE_BITS),
            "offsets": Stored(PHASE_BITS), "values": Stored(VALUE_BITS, signed=True),
            "offset": Stored(OFFSET_BITS, signed=True),
            "places": Stored(max((self.size - 1).bit_length(), 1)),
            "outliers": Stored(OUTLIER_BITS, signed=True),
        }  # fmt: skip

    def second(self, places: Integers) -> Integers:
        """Return the sines of the second layer ``(places, hidden)``."""
        row, tap = places // self.shape[1], places % self.shape[1]
        coordinates = np.stack([row, tap // self.kernel, tap % self.kernel], axis=1)
        first = sine(coordinates @ self.steps.T + self.starts)
        words = self.words - ((self.words >> (self.weight_bits - 1)) << self.weight_bits)
        sums = first @ words.reshape(len(self.starts), -1).T
        return sine((sums >> self.shift) + self.offsets)

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)``."""
        found = np.empty(self.size, np.int64)
        limit = 1 << (OUT_BITS - 1)
        for start in range(0, self.size, _AT_ONCE):
            places = np.arange(start, min(start + _AT_ONCE, self.size))
            sums = (self.second(places) @ self.values + self.offset[0]) >> self.out_shift
            found[places] = np.clip(sums, -limit, limit - 1)
        found[self.places] = self.outliers
        return found.reshape(self.shape)


CODED = Inr


def sine(phases: Integers) -> Integers:
    """Return the sines of phases, which wrap."""
    return SINES[(phases & ((1 << PHASE_BITS) - 1)) >> (PHASE_BITS - TABLE_BITS)]


def fit(
    weights: npt.ArrayLike,
    *,
    hidden: int = 16,
    kernel: int | None = None,
    weight_bits: int = 8,
    outliers: float = 0.01,
    epochs: int = 2000,
    seed: int = 0,
) -> Inr:
    """Return a network that says the weights, trained to it.

    Parameters
    ----------
    weights
        ``(rows, taps)``.
    hidden
        Sines of a layer.
    kernel
        Positions of a channel; None: all taps.
    weight_bits
        Of the weights between the layers.
    outliers
        Share of the weights that stand apart: the largest of their row's deviation.
    epochs, seed
        Of the training.
    """
    matrix = checked(weights)
    kernel = kernel or matrix.shape[1]
    places = _apart(matrix, outliers)
    inside = np.ones(matrix.shape, bool)
    inside.reshape(-1)[places] = False
    deviation = np.sqrt((matrix**2 * inside).sum(axis=1) / np.maximum(inside.sum(axis=1), 1))
    stored = scales.to_bits(deviation / _SPREAD)
    net = sines.train(
        _steps(matrix, stored) / _SPREAD, inside, kernel=kernel, hidden=hidden,
        rounded=partial(_fake, bits=weight_bits), epochs=epochs, seed=seed,
    )  # fmt: skip
    return _integers(net, matrix, inside, stored, kernel, weight_bits)


def _steps(matrix: Floats, stored: Integers) -> Floats:
    """Return weights in steps of their scales."""
    scale = scales.from_bits(stored)[:, None]
    return np.divide(matrix, scale, out=np.zeros_like(matrix), where=scale > 0)


def _apart(matrix: Floats, share: float) -> Integers:
    """Return the places of the weights that stand apart."""
    count = int(share * matrix.size)
    deviation = np.sqrt((matrix**2).mean(axis=1))[:, None]
    sizes = np.divide(np.abs(matrix), deviation, out=np.zeros_like(matrix), where=deviation > 0)
    return np.sort(np.argsort(sizes.reshape(-1), kind="stable")[matrix.size - count :])


def _integers(
    net: sines.Sines,
    matrix: Floats,
    inside: npt.NDArray[np.bool_],
    stored: Integers,
    kernel: int,
    weight_bits: int,
) -> Inr:
    """Return a trained network in integers; the last layer is fitted to those before it."""
    turn, (rows, taps) = 1 << PHASE_BITS, matrix.shape
    steps, starts = sines.per_place(net, (rows, taps // kernel, kernel))
    numbers, shift = _between(net.between, weight_bits)
    zero, places = np.zeros(len(net.starts), np.int64), np.flatnonzero(~inside)
    phases = [np.rint(each * turn).astype(np.int64) % turn for each in (steps, starts, net.offsets)]
    shell = Inr(
        (rows, taps), (numbers & ((1 << weight_bits) - 1)).reshape(-1), stored, kernel,
        weight_bits, shift, 0, phases[0], phases[1], phases[2], zero, np.zeros(1, np.int64),
        places, np.zeros(len(places), np.int64),
    )  # fmt: skip
    found = _with_last(shell, _steps(matrix, stored), inside)
    rescaled = scales.fitted(matrix * inside, found.decode() * inside, rows=True)
    limit = (1 << (OUTLIER_BITS - 1)) - 1
    apart = np.rint(_steps(matrix, rescaled).reshape(-1)[places])
    apart = np.clip(apart, -limit - 1, limit).astype(np.int64)
    return dataclasses.replace(found, scales=rescaled, outliers=apart)


def _between(weights: Floats, bits: int) -> tuple[Integers, int]:
    """Return the weights between the layers, turns for a sine of 1, as integers, and the shift."""
    unit = float(1 << PHASE_BITS) / AMPLITUDE
    limit = (1 << (bits - 1)) - 1
    largest = max(float(np.abs(weights).max()) * unit, 1e-9)
    shift = int(np.clip(np.floor(np.log2(limit / largest)), 0, MOST_SHIFT))
    return np.clip(np.rint(weights * unit * 2.0**shift), -limit, limit).astype(np.int64), shift


def _fake(weights: Floats, bits: int) -> Floats:
    """Return the weights between the layers as their integers are."""
    numbers, shift = _between(weights, bits)
    return numbers.astype(np.float64) * (AMPLITUDE / (1 << PHASE_BITS) / 2.0**shift)


def _with_last(shell: Inr, wanted: Floats, inside: npt.NDArray[np.bool_]) -> Inr:
    """Return it with the last layer whose sums are nearest to the wanted integers."""
    hidden = len(shell.starts)
    gram, right = np.zeros((hidden + 1, hidden + 1)), np.zeros(hidden + 1)
    chosen = np.flatnonzero(inside)
    for start in range(0, len(chosen), _AT_ONCE):
        places = chosen[start : start + _AT_ONCE]
        terms = np.hstack([shell.second(places), np.full((len(places), 1), AMPLITUDE)])
        gram += terms.T @ terms
        right += terms.T @ wanted.reshape(-1)[places]
    # What little is added keeps sines that are alike from large weights of both signs.
    gram += np.eye(hidden + 1) * (1e-4 * np.trace(gram) / (hidden + 1))
    solved = np.linalg.solve(gram, right)
    limit = (1 << (VALUE_BITS - 1)) - 1
    largest = max(float(np.abs(solved).max()), 1e-9)
    # The offset has room for the shift's rounding too.
    out_shift = int(np.clip(np.floor(np.log2(limit / largest)), 1, OFFSET_BITS - 2))
    numbers = np.clip(np.rint(solved * 2.0**out_shift), -limit, limit).astype(np.int64)
    offset = numbers[-1:] * AMPLITUDE + (1 << (out_shift - 1))
    most = (1 << (OFFSET_BITS - 1)) - 1
    return dataclasses.replace(
        shell, values=numbers[:-1], offset=np.clip(offset, -most, most), out_shift=out_shift
    )


def choices(shape: tuple[int, int]) -> list[Choice]:
    """Return options of `fit`, from the fewest bits to the most."""
    size = shape[0] * shape[1]
    widths = [int((bits * size / 8) ** 0.5) for bits in (0.5, 1, 1.5, 2, 3, 4, 6, 8)]
    return [
        Choice({"hidden": hidden}, 8 * hidden**2 / size)
        for hidden in sorted(set(widths))
        if 4 <= hidden <= MOST_HIDDEN
    ]
