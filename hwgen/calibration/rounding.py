"""Weights to integers so that a layer's outputs, not its weights, come out right.

Inputs of a layer go together: neighbouring bins, overlapping positions. What the rounding of one
weight does to the outputs can be made up for by the weights that are not yet rounded, in the
manner of optimal brain surgeon (E. Frantar et al., GPTQ, ICLR 2023, section 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from hwgen.fixedpoint import Integers, round_half_up, saturate
from hwgen.network import Floats
from hwgen.quantized.op import Bools

_DAMPING = 0.01
"""Share of the mean variance that is added to each: what a few windows say is not all."""

_BLOCK = 1024
"""Columns that are made up for among themselves; the work grows with the cube of it."""

_MOST_ROWS = 16_384
"""Of a layer's inputs that are looked at."""

_FACTORS = tuple(1 - 0.05 * step for step in range(11))
"""Steps are tried this much finer: the largest weights are then clipped."""

_AT_ONCE = 1 << 17
"""Weights that are rounded at a time, for several factors if there are few: what fits a cache."""


class Compensated:
    """A `hwgen.quantized.op.Rounding` for a layer whose inputs are known.

    Parameters
    ----------
    columns
        ``(m, taps)`` for each group of rows, which have as many rows each: inputs that the weights
        of a row meet, as of `seen`. Their mean has no part: what it does to the outputs is made up
        for by the bias.
    """

    def __init__(self, columns: Sequence[Integers]) -> None:
        self._groups = [_blocks(each) for each in columns]

    def __call__(
        self,
        rows: Floats,
        scale: Floats,
        most: int,
        *,
        together: bool = False,
        bound: Bools | None = None,
    ) -> tuple[Integers, Floats]:
        """Return integers and steps with the least squared error of the outputs."""
        best, kept, errors = None, scale, np.full(len(rows), np.inf)
        size = (scale / scale.max()) ** 2
        for factor, weight, squared in self._tried(rows, scale, most):
            step = scale * factor
            error = squared * factor**2
            if together:
                error = np.full(len(rows), (error * size).sum())
            if bound is not None and not np.log2(factor).is_integer():
                error = np.where(bound, np.inf, error)
            better = error < errors
            errors = np.where(better, error, errors)
            kept = np.where(better, step, kept)
            best = weight if best is None else np.where(better[:, np.newaxis], weight, best)
        assert best is not None
        return best, kept

    def _tried(
        self, rows: Floats, scale: Floats, most: int
    ) -> Iterator[tuple[float, Integers, Floats]]:
        """Yield each factor, with integers and each row's squared error of the outputs."""
        many = max(1, _AT_ONCE // rows.size)
        for first in range(0, len(_FACTORS), many):
            factors = _FACTORS[first : first + many]
            wanted = np.stack([rows / (scale * factor)[:, np.newaxis] for factor in factors])
            parts = zip(self._groups, np.split(wanted, len(self._groups), axis=1), strict=True)
            made = [_round(blocks, part, most) for blocks, part in parts]
            weights = np.concatenate([each[0] for each in made], axis=1)
            errors = np.concatenate([each[1] for each in made], axis=1)
            yield from zip(factors, weights, errors, strict=True)


def seen(
    columns_of: Callable[[Integers], tuple[Integers, ...]], x: Integers
) -> tuple[Integers, ...]:
    """Return rows of what weights meet that are looked at, 16,384 at most evenly over all.

    Parameters
    ----------
    columns_of
        Returns ``(rows, taps)`` for each group of windows ``(n, ...)``, as many rows a window.
    x
        ``(n >= 1, ...)`` windows; they are asked for some at a time.
    """
    a_window = len(columns_of(x[:1])[0])
    step = -(-len(x) * a_window // _MOST_ROWS)
    many = max(1, _MOST_ROWS // a_window)
    parts = []
    for first in range(0, len(x), many):
        begin = -first * a_window % step
        parts.append([group[begin::step] for group in columns_of(x[first : first + many])])
    return tuple(np.concatenate(group) for group in zip(*parts, strict=True))


def _blocks(columns: Integers) -> list[_Block]:
    x = columns.astype(np.float64)
    x -= x.mean(axis=0)
    return [_Block(x[:, i : i + _BLOCK]) for i in range(0, x.shape[1], _BLOCK)]


def _round(blocks: list[_Block], tries: Floats, most: int) -> tuple[Integers, Floats]:
    """Return integers ``(tries, rows, taps)`` and errors ``(tries, rows)``."""
    parts, error, first = [], np.zeros(tries.shape[:2]), 0
    for block in blocks:
        wanted = tries[:, :, first : first + block.taps]
        found = block.round(wanted.reshape(-1, block.taps), most).reshape(wanted.shape)
        error += [block.error(each) for each in wanted - found]
        parts.append(found)
        first += block.taps
    return np.concatenate(parts, axis=2), error


class _Block:
    """Some columns of a layer."""

    def __init__(self, x: Floats) -> None:
        self.taps = x.shape[1]
        covariance = x.T @ x / len(x)
        mean = np.trace(covariance) / self.taps
        if mean > 0:
            self._covariance = covariance / mean + _DAMPING * np.eye(self.taps)
        else:
            self._covariance = np.eye(self.taps)
        # Inputs that vary most first: their errors have the most columns left to be made up by.
        self._order = np.argsort(-np.diag(self._covariance), kind="stable")
        ordered = self._covariance[np.ix_(self._order, self._order)]
        self._upper = np.linalg.cholesky(np.linalg.inv(ordered)).T

    def round(self, rows: Floats, most: int) -> Integers:
        """Return the integers, column by column, each error passed on to the columns to come."""
        # A column's weights side by side: all that is done to them is done along a column.
        left = np.ascontiguousarray(rows[:, self._order].T)
        passed, result = np.empty_like(left), np.empty(left.shape, dtype=np.int64)
        for column, upper in enumerate(self._upper):
            result[column] = saturate(round_half_up(left[column]), -most, most)
            error = (left[column] - result[column]) / upper[column]
            rest = np.outer(upper[column + 1 :], error, out=passed[column + 1 :])
            left[column + 1 :] -= rest
        return np.ascontiguousarray(result[np.argsort(self._order)].T)

    def error(self, difference: Floats) -> Floats:
        """Return the squared error of the outputs, per row."""
        result: Floats = np.einsum("ri,ij,rj->r", difference, self._covariance, difference)
        return result
