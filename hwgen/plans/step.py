"""A step of the MAC array: which words meet which weights, and what becomes of the sums.

Convolution, dense layer, average, sum of two values are one thing here: sums of products over rows
of values in memory, begun at equal distances. The array has ``rows x lanes`` multipliers; each
cycle takes one word of `lanes` values and gives every one of `rows` outputs `lanes` products.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hwgen.fixedpoint import Format, Integers
from hwgen.plans.layout import Layout
from hwgen.plans.taps import OwnTaps, Taps


@dataclass(frozen=True)
class Array:
    """Shape of the MAC array.

    Parameters
    ----------
    rows
        Outputs that are summed at the same time.
    lanes
        Values of one memory word; each meets `rows` weights.
    drain
        Values that leave in a cycle, of the rows that are done.
    """

    rows: int
    lanes: int
    drain: int = 1

    @property
    def size(self) -> int:
        """Multipliers."""
        return self.rows * self.lanes


@dataclass(frozen=True)
class Read:
    """A value in memory that a step reads.

    Parameters
    ----------
    value
        Its name.
    source
        Where its elements lie.
    first
        Element at which the first position begins.
    stride
        Elements from a position to the next one's.
    shift
        Products with it count ``2**shift``.
    """

    value: str
    source: Layout
    first: int
    stride: int
    shift: int = 0


@dataclass(frozen=True)
class Fetch:
    """A word that is read for a sum.

    Parameters
    ----------
    read
        Number of the step's read.
    word
        Words from the one in which the position begins.
    """

    read: int
    word: int


@dataclass(frozen=True)
class Pairs:
    """Values that leave a row behind another are multiplied, each two of them.

    Parameters
    ----------
    shift, out
        Division of a product, halves up, and the format that it saturates to.
    """

    shift: int
    out: Format


@dataclass(frozen=True)
class Squares:
    """Values are squared and added up: the sum, beside a threshold, is what a window is answered.

    Parameters
    ----------
    drop
        Lowest bits of the sum that are left out.
    threshold
        The largest sum, without these, that is no anomaly: where a register begins.
    """

    drop: int
    threshold: int


@dataclass(frozen=True, eq=False)
class Post:
    """What becomes of a sum with its bias.

    Parameters
    ----------
    shift, out
        Division of a sum, halves up, and the format that it saturates to; `out` is None for
        logits, which are multiplied by ``2**align``, ``(outputs,)``, and not rounded.
    align
        Zeros but for logits.
    pool, pool_stride
        Positions whose maximum is kept, and from such a group to the next; None: `pool`.
    summed
        Whether their sums add up to one instead.
    counted
        The first position that counts for a maximum, and the first behind them that does not;
        None: all do. The others read zeros, which may be more than a maximum.
    table
        What stands for each value of `given`, from its least on; None for the value itself.
    pairs
        How the first, third, ... of the words of values that leave (`Array.drain` of them) is
        multiplied by the one behind it; None: they are not.
    even
        Whether halves go to the even integer, not up.
    squares
        What becomes of values that are only squared; None: of all others.
    """

    shift: int
    out: Format | None
    align: Integers
    pool: int = 1
    pool_stride: int | None = None
    summed: bool = False
    table: Integers | None = None
    pairs: Pairs | None = None
    counted: tuple[int, int] | None = None
    even: bool = False
    squares: Squares | None = None

    @property
    def given(self) -> Format | None:
        """Format of what leaves; of what is looked up, where there is a table."""
        return self.pairs.out if self.pairs else self.out


@dataclass(frozen=True)
class Loop:
    """Steps that take turns position by position: later ones give what earlier ones read next.

    Parameters
    ----------
    name
        Those of one name are together.
    backwards
        Whether they go from the last position to the first.
    """

    name: str
    backwards: bool = False


@dataclass(frozen=True, eq=False)
class Step:
    """One layer (with what follows it at once) on the MAC array.

    Parameters
    ----------
    name
        Of the layer.
    writes
        Name of the value that it gives.
    array
        Shape of the MAC array.
    reads
        The values that it reads.
    taps
        What meets what.
    bias
        ``(outputs,)``.
    positions
        Positions that are worked on, a multiple of the pool's: one that several groups share
        counts for each.
    post
        What becomes of a sum.
    accumulator
        Range of any partial sum with its bias.
    weight_bits
        Bits of a weight, signed.
    products
        Of the network's own weights, a window: what is only brought together is none.
    tail
        Cycles that are waited behind the words of a sum, at least.
    loop
        Steps with which it takes turns at each position; None for none.
    streamed
        Whether its weights come a group after the other, once a window: the array meets all
        positions with a group's before the next one's. Else it meets all groups at each position.
    """

    name: str
    writes: str
    array: Array
    reads: tuple[Read, ...]
    taps: Taps | OwnTaps
    bias: Integers
    positions: int
    post: Post
    accumulator: tuple[int, int]
    weight_bits: int
    products: int = 0
    tail: int = 0
    loop: Loop | None = None
    streamed: bool = False

    @property
    def outputs(self) -> int:
        """Sums a position (filters, or neurons)."""
        return len(self.bias)

    @property
    def width(self) -> int:
        """Values a position that leave: as many as sums, or a product of each two of them."""
        return self.outputs // 2 if self.post.pairs else self.outputs

    @property
    def pool(self) -> int:
        """Positions whose maximum is kept, or whose sums add up."""
        return self.post.pool

    @property
    def pieces(self) -> int:
        """Positions whose sums add up to one: 1 but where that is so."""
        return self.pool if self.post.summed else 1

    @property
    def kept(self) -> int:
        """Whole sums whose maximum is kept."""
        return self.pool // self.pieces

    @property
    def hop(self) -> int:
        """Positions from one pooled group to the next."""
        return self.post.pool_stride or self.pool

    @property
    def where(self) -> Integers:
        """``(positions,)``: which position each is that is worked on, in order."""
        groups = np.arange(self.positions // self.pool) * self.hop
        return (groups[:, np.newaxis] + np.arange(self.pool)).reshape(-1)

    @property
    def beyond(self) -> npt.NDArray[np.bool_]:
        """``(positions,)``: which of those that are worked on do not count for their maximum."""
        where = self.where
        if self.post.counted is None:
            return np.zeros(len(where), dtype=np.bool_)
        first, end = self.post.counted
        return (where < first) | (where >= end)

    def reads_from(self, value: str) -> bool:
        """Return whether a value is among those that it reads."""
        return any(read.value == value for read in self.reads)

    @property
    def exact(self) -> bool:
        """Whether its sums are the logits."""
        return self.post.out is None

    @property
    def answers(self) -> bool:
        """Whether the class hangs on it: its sums are the logits, or its values make the score."""
        return self.exact or self.post.squares is not None

    @property
    def rest(self) -> int:
        """Outputs of the last group."""
        return self.outputs - (self.groups - 1) * self.array.rows

    @property
    def groups(self) -> int:
        """Times that the array's rows are used to cover all outputs."""
        return -(-self.outputs // self.array.rows)

    @property
    def values(self) -> int:
        """Values that leave, a window."""
        return self.positions // self.pool * self.width

    @cached_property
    def phases(self) -> int:
        """Ways in which positions can lie in words."""
        if self.positions == 1:
            return 1
        lanes = self.array.lanes
        return math.lcm(*(lanes // math.gcd(read.stride, lanes) for read in self.reads))

    def place(self, read: int, position: int) -> tuple[int, int]:
        """Return the word and lane of a read in which a position begins."""
        each = self.reads[read]
        return divmod(each.first + position * each.stride, self.array.lanes)

    def advances(self, read: int) -> tuple[int, ...]:
        """Return the words of a read from a position of each phase to the next position."""
        words = [self.place(read, phase)[0] for phase in range(self.phases + 1)]
        return tuple(b - a for a, b in itertools.pairwise(words))

    @cached_property
    def _words(self) -> tuple[Integers, Integers]:
        """For each phase and tap the fetched word's number (read major), and the lane."""
        lanes = self.array.lanes
        starts = np.array(
            [[self.place(r, f)[1] for r in range(len(self.reads))] for f in range(self.phases)]
        )
        at = starts[:, self.taps.read] + self.taps.element
        return self.taps.read * _FAR + at // lanes, at % lanes

    @cached_property
    def _fetched(self) -> tuple[tuple[Integers, ...], ...]:
        """Numbers of the words of a sum, ``[phase][group]``: those that any row has taps in."""
        words, _ = self._words
        rows = self.array.rows
        if self.taps.alike:
            return tuple((_distinct(each),) * self.groups for each in words)
        return tuple(
            tuple(_distinct(each[self.taps.of_rows(g * rows, rows)]) for g in range(self.groups))
            for each in words
        )

    @cached_property
    def fetches(self) -> tuple[tuple[tuple[Fetch, ...], ...], ...]:
        """The words of a sum, ``[phase][group]``: those that any row of the group has taps in."""
        return tuple(
            tuple(tuple(Fetch(*divmod(int(word), _FAR)) for word in each) for each in phase)
            for phase in self._fetched
        )

    @cached_property
    def farthest(self) -> int:
        """Words from the one in which a position begins to the farthest that is fetched."""
        last = [int(each.max(initial=0) % _FAR) for phase in self._fetched for each in phase]
        if len(self.reads) == 1:
            return max(last)
        return max(fetch.word for phase in self.fetches for each in phase for fetch in each)

    @cached_property
    def words(self) -> int:
        """Words that a sum takes: of all positions and groups the most."""
        return max(1, *(len(each) for phase in self._fetched for each in phase))

    @cached_property
    def in_order(self) -> bool:
        """Whether every sum's words are those from its position's first on, of the one read."""
        return (
            len(self.reads) == 1
            and not self.reads[0].shift
            and all(
                np.array_equal(each, np.arange(len(each)))
                for phase in self._fetched
                for each in phase
            )
        )

    @property
    def drain(self) -> int:
        """Values that leave in a cycle: logits leave one by one."""
        return 1 if self.exact else self.array.drain

    @property
    def turns(self) -> int:
        """Cycles in which the sums of all rows are taken away."""
        return -(-self.array.rows // self.drain)

    @property
    def rest_turns(self) -> int:
        """Cycles in which the sums of the last group are taken away."""
        return -(-self.rest // self.drain)

    @property
    def steps(self) -> int:
        """Cycles a position and group: its words, or its part of the time to take sums away."""
        return max(self.words + self.tail, -(-self.turns // self.pieces))

    @property
    def cycles(self) -> int:
        """Cycles in which the array works for this layer, a window."""
        return self.positions * self.groups * self.steps

    @property
    def weight_depth(self) -> int:
        """Words of weights."""
        return self.phases * self.groups * self.words

    @property
    def block(self) -> int:
        """Words of weights of a group: what is kept on chip while all positions meet it."""
        return self.phases * self.words

    @property
    def crosswise(self) -> bool:
        """Whether values leave in another order than they lie in: a group's of all positions."""
        return self.streamed and self.groups > 1 and self.positions > self.pool

    def by_group(self, words: Integers) -> Integers:
        """Return `words`, one for each of weights, from their order to the stream's.

        That is from phases of groups to groups of phases, as they are met where they are streamed.
        """
        each = words.reshape(self.phases, self.groups, self.words, *words.shape[1:])
        return each.swapaxes(0, 1).reshape(words.shape)

    @cached_property
    def weight_words(self) -> Integers:
        """Weights as the array takes them: ``(phases * groups * words, rows, lanes)``."""
        rows, lanes = self.array.rows, self.array.lanes
        table = np.zeros((self.phases, self.groups, self.words, rows, lanes), dtype=np.int64)
        words, lane = self._words
        for phase, group in np.ndindex(self.phases, self.groups):
            fetched = self._fetched[phase][group]
            row, tap, weight = self.taps.entries(group * rows, rows)
            at = np.searchsorted(fetched, words[phase, tap])
            # Taps of one word and lane add up: the same value met twice.
            np.add.at(table[phase, group], (at, row, lane[phase, tap]), weight)
        return table.reshape(-1, rows, lanes)

    @property
    def bias_words(self) -> Integers:
        """Biases in the order of the array's rows, padded with zeros."""
        return self._padded(self.bias)

    @property
    def align_words(self) -> Integers:
        """Shifts of the logits, in the order of `bias_words`."""
        return self._padded(self.post.align)

    def _padded(self, values: Integers) -> Integers:
        padded = np.zeros(self.groups * self.array.rows, dtype=np.int64)
        padded[: self.outputs] = values
        return padded

    def pooled(self, size: int, stride: int, writes: str) -> Step:
        """Return the step with max-pooling behind it; a rest is not even computed."""
        groups = (self.positions - size) // stride + 1
        return replace(
            self,
            writes=writes,
            post=replace(self.post, pool=size, pool_stride=None if stride == size else stride),
            positions=groups * size,
        )


def _distinct(words: Integers) -> Integers:
    """Return the different ones, ascending: they come nearly in order."""
    ordered = np.sort(words, kind="stable")
    different = np.empty(len(ordered), dtype=bool)
    different[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=different[1:])
    return ordered[different]


_FAR = 1 << 32
"""More words than a read has."""
