"""Hyper-compression: a word is a point on a trajectory through the space of a few weights.

Source: the idea of F. Fan and others, "Hyper-Compression" (IEEE TPAMI 48(8), 2026), after Birkhoff:
a line of irrational slope comes near every point of a cube. Here the line is one of integers, that
a few adders follow, and the words are searched among all that the decoder can say.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hwgen.coding import grouping, scales
from hwgen.coding.coded import Choice, Coded, of_shape, whole
from hwgen.coding.matrix import Floats, checked
from hwgen.errors import InputError
from hwgen.fixedpoint import Integers

WEIGHT_BITS = 8
LEAST_THETA, MOST_THETA, MOST_CLASS = WEIGHT_BITS, 16, 2
DIRECTIONS: dict[tuple[int, int], tuple[int, ...]] = {
    (2, 10): (1, 528),
    (2, 11): (1, 48),
    (2, 12): (1, 192),
    (2, 13): (1, 96),
    (2, 14): (1, 8064),
    (3, 13): (1, 7160, 8048),
    (3, 14): (1, 4112, 16160),
    (3, 15): (1, 28704, 30592),
    (3, 16): (1, 65464, 63480),
    (4, 13): (1, 8065, 1023, 8177),
    (4, 14): (1, 16272, 14208, 124),
    (4, 15): (1, 4112, 32514, 32528),
    (4, 16): (1, 8256, 64992, 16368),
    (5, 8): (1, 127, 136, 48, 12),
    (5, 9): (1, 492, 66, 72, 129),
    (5, 10): (1, 1016, 912, 288, 994),
    (5, 11): (1, 252, 60, 1520, 5),
    (5, 12): (1, 18, 192, 516, 2176),
    (5, 13): (1, 6016, 640, 8168, 2044),
    (5, 14): (1, 12032, 288, 16252, 1032),
    (5, 15): (1, 18432, 31746, 544, 112),
    (5, 16): (1, 520, 8188, 1984, 72),
}
"""Multipliers by weights of a word and bits of theta: sums of at most two signed powers of two.

Found by chance among such, as the ones that leave the least squared distance to points of the cube.
"""
_CLIPS = np.geomspace(0.2, 1.0, 9)
_ROUNDS = 3
_SAMPLE = 1 << 11
"""Groups with which the clip is chosen."""
_AT_ONCE = 1 << 14
_NEAREST = 8
"""Words that are looked at again with each row's own scale."""


@dataclass(frozen=True, eq=False)
class Trajectory(Coded):
    """A word for as many rows at a tap as there are directions: theta, and the class on top of it.

    With ``p_i = theta * direction_i mod 2^theta_bits`` and its top bit inverted, read as signed,
    weight ``i`` is that shifted right (floor) by ``theta_bits - 8 + 2^class_bits - 1 - class``.

    Parameters
    ----------
    theta_bits, class_bits
        Widths.
    directions
        Multiplier of each weight.
    """

    code: ClassVar[str] = "trajectory"

    theta_bits: int
    class_bits: int
    directions: tuple[int, ...]

    def check(self) -> None:
        """Raise `InputError` if the fields do not belong together."""
        whole("theta_bits", self.theta_bits, LEAST_THETA, MOST_THETA)
        whole("class_bits", self.class_bits, 0, MOST_CLASS)
        if not isinstance(self.directions, tuple) or not 1 <= len(self.directions) <= 8:
            raise InputError(f"directions must be 1 to 8 numbers, not {self.directions}")
        for each in self.directions:
            whole("a direction", each, 1, (1 << self.theta_bits) - 1)
        of_shape("words", self.words, (grouping.groups(self.shape, len(self.directions)),))

    @property
    def word_bits(self) -> int:
        """Bits of a word."""
        return self.theta_bits + self.class_bits

    def decode(self) -> Integers:
        """Return the integers ``(rows, taps)``, of 8 bits."""
        return grouping.ungrouped(
            points(self.words, self.theta_bits, self.class_bits, self.directions), self.shape
        )


CODED = Trajectory


def points(
    words: Integers, theta_bits: int, class_bits: int, directions: tuple[int, ...]
) -> Integers:
    """Return the weights ``(words, directions)`` of words."""
    theta = words[:, None] & ((1 << theta_bits) - 1)
    product = theta * np.array(directions) & ((1 << theta_bits) - 1)
    centred = product - (1 << (theta_bits - 1))
    most = (1 << class_bits) - 1
    return centred >> (theta_bits - WEIGHT_BITS + most - (words[:, None] >> theta_bits))


@lru_cache(maxsize=2)
def _tree(theta_bits: int, class_bits: int, directions: tuple[int, ...]) -> tuple[Any, Floats]:
    """Return a k-d tree of all that words mean, and that."""
    from scipy.spatial import cKDTree

    words = np.arange(1 << (theta_bits + class_bits))
    every = points(words, theta_bits, class_bits, directions).astype(np.float64)
    return cKDTree(every, balanced_tree=False, compact_nodes=False), every


def _nearest(wanted: Floats, costs: Floats, asked: tuple[int, int, tuple[int, ...]]) -> Integers:
    """Return the words nearest to points, in a distance with a cost for each weight."""
    tree, every = _tree(*asked)
    found = np.empty(len(wanted), np.int64)
    for start in range(0, len(wanted), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        _, places = tree.query(wanted[part], k=_NEAREST)
        wrong = (every[places] - wanted[part, None]) ** 2 @ costs[part, :, None]
        best = wrong[..., 0].argmin(axis=1)
        found[part] = places[np.arange(len(best)), best]
    return found


def _encoded(
    matrix: Floats, stored: Integers, asked: tuple[int, int, tuple[int, ...]]
) -> Trajectory:
    """Return the nearest words for stored scales."""
    scale = scales.from_bits(stored)[:, None]
    steps = np.divide(matrix, scale, out=np.zeros_like(matrix), where=scale > 0)
    group = len(asked[2])
    limit = 1 << (WEIGHT_BITS - 1)
    wanted = grouping.grouped(np.clip(steps, -2 * limit, 2 * limit), group)
    costs = grouping.grouped(np.broadcast_to(scale**2, matrix.shape).copy(), group)
    largest = costs.max(axis=1, keepdims=True)
    costs = np.divide(costs, largest, out=np.ones_like(costs), where=largest > 0)
    return Trajectory(matrix.shape, _nearest(wanted, costs, asked), stored, *asked)


def fit(
    weights: npt.ArrayLike,
    *,
    group: int = 5,
    theta_bits: int = 16,
    class_bits: int = 2,
    directions: tuple[int, ...] | None = None,
    rows: bool = True,
) -> Trajectory:
    """Return the words nearest to weights, among all of what the decoder can say.

    Parameters
    ----------
    weights
        ``(rows, taps)``.
    group, theta_bits, class_bits
        Weights of a word, and its widths.
    directions
        Multiplier of each weight of a word; None: those of `DIRECTIONS`.
    rows
        Whether each row has a scale of its own.
    """
    matrix = checked(weights)
    if directions is None:
        directions = DIRECTIONS.get((group, theta_bits))
    if directions is None:
        raise InputError(
            f"there are no directions for {group} weights and {theta_bits} bits of theta; give some"
        )
    asked = (theta_bits, class_bits, directions)
    largest = np.abs(matrix).max(axis=1) if rows else np.abs(matrix).max(keepdims=True)[0]
    top = (1 << (WEIGHT_BITS - 1)) - 0.5
    # Scales are chosen with some of the taps; all the words are searched once.
    sample = matrix[:, :: max(1, matrix.size // (_SAMPLE * len(directions)))]
    tried = [_encoded(sample, scales.to_bits(largest * clip / top), asked) for clip in _CLIPS]
    best = min(tried, key=lambda each: float(np.linalg.norm(sample - each.real)))
    for _ in range(_ROUNDS):
        stored = scales.fitted(sample, best.decode(), rows=rows)
        again = _encoded(sample, stored, asked)
        if np.linalg.norm(sample - again.real) >= np.linalg.norm(sample - best.real):
            break
        best = again
    found = _encoded(matrix, best.scales, asked)
    return dataclasses.replace(found, scales=scales.fitted(matrix, found.decode(), rows=rows))


def choices(shape: tuple[int, int]) -> list[Choice]:
    """Return options of `fit`, from the fewest bits to the most."""
    found = [
        Choice(
            {"group": group, "theta_bits": theta},
            grouping.groups(shape, group) * (theta + MOST_CLASS) / (shape[0] * shape[1]),
        )
        for group, theta in DIRECTIONS
    ]
    return sorted(found, key=lambda each: each.bits or 0.0)
