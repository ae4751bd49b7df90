"""How a convolution is unrolled over words of features: what meets what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hwgen.checks import positive
from hwgen.errors import CannotMeetError
from hwgen.fixedpoint import Integers
from hwgen.plans.constants.adder_graph import AdderGraph, Span
from hwgen.plans.constants.subexpressions import share
from hwgen.plans.counting import Counting, cells
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.targets import Cells, Target


@dataclass(frozen=True, eq=False)
class UnrolledConvPlan:
    """A convolution of one channel, and the pooling behind it, word by word.

    Word w holds elements ``lanes * w`` and up; feature i is element ``offset + i``. A word begins
    ``steps`` positions: with group g of them, position ``steps * g + r`` begins at row r. Group g
    takes its products from words ``g + starts[r]`` to ``g + ends[r]``: words before the first and
    behind the last are zero. All of a group's sums are known with word ``g + lead``.

    Parameters
    ----------
    op
        The convolution.
    pool
        Positions whose maximum is kept; a rest is dropped.
    lanes
        Features a word.
    offset
        Lanes of the first word in front of the first feature, zero.
    pace
        Cycles from one word of zeros behind the last to the next: as far apart as the groups that
        they complete are to be at least.

    Raises
    ------
    TypeError, ValueError
        If the parts do not fit each other.
    """

    op: QuantizedConv1d
    pool: int
    lanes: int
    offset: int = 0
    pace: int = 1

    def __post_init__(self) -> None:
        positive("pool", self.pool)
        positive("lanes", self.lanes)
        positive("pace", self.pace)
        if positive("offset", self.offset, 0) >= self.lanes:
            raise ValueError(f"offset must be less than lanes ({self.lanes}), not {self.offset}")
        if self.op.weight.shape[1] != 1:
            raise ValueError(f"channels must be 1, not {self.op.weight.shape[1]}")
        if self.lanes % self.op.stride:
            raise ValueError(
                f"lanes must be a multiple of stride ({self.op.stride}), not {self.lanes}"
            )
        if self.steps % self.pool and self.pool % self.steps:
            raise ValueError(
                f"pool must divide lanes / stride ({self.steps}) or be a multiple of it, "
                f"not {self.pool}"
            )
        if self.positions < 1:
            raise ValueError(f"pool must be at most {self.op.positions}, not {self.pool}")

    @property
    def filters(self) -> int:
        """Filters."""
        return len(self.op.weight)

    @property
    def steps(self) -> int:
        """Positions that begin in a word."""
        return self.lanes // self.op.stride

    @property
    def words(self) -> int:
        """Words of a window."""
        return -(-(self.offset + self.op.length) // self.lanes)

    @property
    def positions(self) -> int:
        """Positions behind the pooling."""
        return self.op.positions // self.pool

    @property
    def interval(self) -> int:
        """Words from one group of outputs to the next."""
        return max(1, self.pool // self.steps)

    @property
    def pooled(self) -> int:
        """Positions behind the pooling that leave together."""
        return max(1, self.steps // self.pool)

    @property
    def group(self) -> int:
        """Values that leave together."""
        return self.pooled * self.filters

    @property
    def groups(self) -> int:
        """Groups of values a window."""
        return -(-self.positions // self.pooled)

    @property
    def order(self) -> tuple[int | None, ...]:
        """Where each value that leaves belongs in the flattened output, channel-major.

        Group after group; in a group position after position, the filters of one side by side.
        None for what the last group has too much.
        """
        return tuple(
            filter_ * self.positions + position if position < self.positions else None
            for position in range(self.groups * self.pooled)
            for filter_ in range(self.filters)
        )

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """For each r the words from a group's own to the first that it takes from."""
        return tuple(self._first(r) // self.lanes for r in range(self.steps))

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """For each r the words from a group's own to the last; none earlier than its own."""
        return tuple(max(0, self._end(r)) for r in range(self.steps))

    @property
    def lead(self) -> int:
        """Words from a group's own to the one with which all its sums are known."""
        return max(self.ends)

    def _first(self, r: int) -> int:
        """Return the element of group 0 at which position r begins, padding included."""
        return self.op.stride * r - self.op.padding + self.offset

    def _end(self, r: int) -> int:
        """Return the words from a group's own to the last that position r takes from."""
        return (self._first(r) + self.op.reach - 1) // self.lanes

    @property
    def last_word(self) -> int:
        """Word with which the last group of outputs is known."""
        return self.groups * self.interval - 1 + self.lead

    @property
    def flush(self) -> int:
        """Words of zeros behind the last word."""
        return max(0, self.last_word - (self.words - 1))

    def column(self, r: int, word: int, filter_: int) -> int | None:
        """Return the matrix's row for a position, a word from its group's own, and a filter."""
        if not self.starts[r] <= word <= self._end(r):
            return None
        before = sum(self._spans_words(each) for each in range(r))
        return (before + word - self.starts[r]) * self.filters + filter_

    def _spans_words(self, r: int) -> int:
        return self._end(r) - self.starts[r] + 1

    @cached_property
    def matrix(self) -> Integers:
        """What a word's features are multiplied by: ``(columns, lanes)``."""
        blocks = []
        for r in range(self.steps):
            first = self._first(r) - self.starts[r] * self.lanes
            block = np.zeros((self.filters, self._spans_words(r) * self.lanes), dtype=np.int64)
            taken = slice(first, first + self.op.reach, self.op.dilation)
            block[:, taken] = self.op.weight[:, 0]
            blocks.append(block.reshape(self.filters, -1, self.lanes).transpose(1, 0, 2))
        return np.concatenate(blocks).reshape(-1, self.lanes)

    @cached_property
    def graph(self) -> AdderGraph:
        """The adders that multiply."""
        return share(self.matrix, Span(self.op.source.min, self.op.source.max))

    @property
    def gap(self) -> int:
        """Least cycles from a window's last word to the next one's first."""
        return self.flush * self.pace + 1

    @property
    def latency(self) -> int:
        """Cycles from a window's last word to its last group, when words come without a pause.

        Less than 0 where the last words are no part of any.
        """
        late = self.last_word - (self.words - 1)
        return self.behind + late * (self.pace if late > 0 else 1)

    @property
    def behind(self) -> int:
        """Cycles from a word to the group that it completes: products, sum, rounding, pooling."""
        return self.graph.latency + 2 + self.levels + (self.interval > 1)

    @property
    def levels(self) -> int:
        """Comparisons behind one another among values that are there at once."""
        return (min(self.pool, self.steps) - 1).bit_length()

    @property
    def half(self) -> int:
        """Half of the last place that is kept: added beforehand, it rounds halves up."""
        return (1 << self.op.shift) >> 1 if self.op.shift > 0 else 0

    def cells(self, target: Target) -> Cells:
        """Return the cells: the matrix, the sums on their way, rounding and pooling."""
        count = Counting(target)
        lut4 = sum(count.adder(bits) for bits in self.graph.adder_bits)
        for r in range(self.steps):
            for filter_ in range(self.filters):
                for word in range(self.starts[r], self.ends[r] + 1):
                    if self.column(r, word, filter_) is not None:
                        lut4 += count.adder(self.partial(r, word, filter_).width)
        out = self.op.out.width
        lut4 += self.steps * self.filters * (out + 6)
        compared = (self.steps - self.pooled) * self.filters if self.interval == 1 else self.group
        return cells(lut4 + compared * (count.adder(out) + out), 0, 0)

    def partial(self, r: int, word: int, filter_: int) -> Span:
        """Return what a sum can be with all words up to `word`, bias and rounding included."""
        bias = int(self.op.bias[filter_]) + self.half
        span = Span(bias, bias)
        for each in range(self.starts[r], word + 1):
            column = self.column(r, each, filter_)
            output = None if column is None else self.graph.outputs[column]
            if output is not None:
                node = self.graph.spans[output.node]
                span = span.plus(node, output.shift, subtract=output.negative)
        return span


def unrolled_conv(
    conv: QuantizedConv1d, pool: int, lanes: int, *, pace: int = 1
) -> UnrolledConvPlan:
    """Return how a convolution is unrolled; `CannotMeetError` if it cannot be."""
    try:
        return UnrolledConvPlan(conv, pool, lanes, pace=pace)
    except ValueError as error:
        raise CannotMeetError(f"{conv.name} cannot be unrolled: {error}") from error
