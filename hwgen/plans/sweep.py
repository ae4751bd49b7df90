"""A layer as work for the MAC array: which words meet which weights, and what becomes of the sums.

Convolution and dense layer are the same thing here: sums of products over a row of values in
memory, starting at equal steps. The array has ``rows x lanes`` multipliers; each cycle takes one
word of `lanes` values and gives every one of `rows` outputs `lanes` products.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hwgen.fixedpoint import Format, Integers
from hwgen.plans.layout import Layout


@dataclass(frozen=True)
class Array:
    """Shape of the MAC array.

    Parameters
    ----------
    rows
        Outputs that are summed at the same time.
    lanes
        Values of one memory word; each meets `rows` weights.
    """

    rows: int
    lanes: int

    @property
    def size(self) -> int:
        """Multipliers."""
        return self.rows * self.lanes


@dataclass(frozen=True, eq=False)
class Sweep:
    """One layer (with the pooling that follows it) on the MAC array.

    Parameters
    ----------
    name
        Of the layer.
    array
        Shape of the MAC array.
    source
        Layout of the input row.
    taps
        ``(outputs, length of the row that an output sees)`` integer weights.
    bias
        ``(outputs,)``.
    stride
        Elements from one position's first tap to the next one's.
    positions
        Positions, a multiple of `pool`.
    pool
        Positions whose maximum is kept.
    shift, out
        Division of a sum, and the format that it saturates to; `out` is None for logits.
    align
        ``(outputs,)`` multiplications of a logit by powers of two.
    accumulator
        Range of any partial sum with its bias.
    weight_bits
        Bits of a weight, signed.
    """

    name: str
    array: Array
    source: Layout
    taps: Integers
    bias: Integers
    stride: int
    positions: int
    pool: int
    shift: int
    out: Format | None
    align: Integers
    accumulator: tuple[int, int]
    weight_bits: int

    @property
    def outputs(self) -> int:
        """Outputs a position (filters, or neurons)."""
        return len(self.bias)

    @property
    def groups(self) -> int:
        """Times that the array's rows are used to cover all outputs."""
        return -(-self.outputs // self.array.rows)

    @property
    def values(self) -> int:
        """Values that leave, a window."""
        return self.positions // self.pool * self.outputs

    @property
    def phases(self) -> int:
        """Ways in which a position's first tap can lie in a word."""
        if self.positions == 1:
            return 1
        return self.array.lanes // math.gcd(self.stride, self.array.lanes)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Lane of the first tap, per phase."""
        return tuple(phase * self.stride % self.array.lanes for phase in range(self.phases))

    @property
    def advances(self) -> tuple[int, ...]:
        """Words from a position of each phase to the next position."""
        lanes = self.array.lanes
        return tuple(
            (phase + 1) * self.stride // lanes - phase * self.stride // lanes
            for phase in range(self.phases)
        )

    @property
    def words(self) -> int:
        """Words that an output sees."""
        return -(-(max(self.offsets) + self.taps.shape[1]) // self.array.lanes)

    @property
    def steps(self) -> int:
        """Cycles a position and group: its words, or the time to take the sums away one by one."""
        return max(self.words, self.array.rows)

    @property
    def cycles(self) -> int:
        """Cycles in which the array works for this layer, a window."""
        return self.positions * self.groups * self.steps

    @property
    def weight_depth(self) -> int:
        """Words of weights."""
        return self.phases * self.groups * self.words

    @property
    def weight_words(self) -> Integers:
        """Weights as the array takes them: ``(phases * groups * words, rows, lanes)``."""
        rows, lanes = self.array.rows, self.array.lanes
        table = np.zeros((self.phases, self.groups * rows, self.words * lanes), dtype=np.int64)
        for phase, offset in enumerate(self.offsets):
            table[phase, : self.outputs, offset : offset + self.taps.shape[1]] = self.taps
        table = table.reshape(self.phases, self.groups, rows, self.words, lanes)
        return table.transpose(0, 1, 3, 2, 4).reshape(-1, rows, lanes)

    @property
    def bias_words(self) -> Integers:
        """Biases in the order of the array's rows, padded with zeros."""
        padded = np.zeros(self.groups * self.array.rows, dtype=np.int64)
        padded[: self.outputs] = self.bias
        return padded

    @property
    def align_words(self) -> Integers:
        """Shifts of the logits, in the order of `bias_words`."""
        padded = np.zeros(self.groups * self.array.rows, dtype=np.int64)
        padded[: self.outputs] = self.align
        return padded

    def pooled(self, size: int) -> Sweep:
        """Return the sweep with max-pooling of `size` behind it; a rest is not even computed."""
        return replace(self, pool=size, positions=self.positions // size * size)
