"""Recurrent layers as steps that take turns position by position: a loop.

The state is what a later step of the loop has written one position before. Before the first
position there are zeros, as in front of any value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.errors import CannotMeetError, InputError
from hwgen.fixedpoint import Format, Integers
from hwgen.plans.operand import WEIGHT_OF_ONE, Operand, Part
from hwgen.plans.paired import paired
from hwgen.plans.step import Array, Loop, Pairs, Post, Read, Step
from hwgen.plans.taps import OwnTaps, Taps
from hwgen.quantized.recurrent import Formats, Rows

INPUT, HIDDEN, BOTH = "input", "hidden", "both"
"""What rows of weights meet: the input, the state before, or both."""

MOST_POSITIONS = 128
"""Of a recurrent layer: the sequencer knows each by itself."""


@dataclass(frozen=True)
class Recurrence:
    """Makes the steps of one recurrent layer.

    Parameters
    ----------
    op
        Integer op: a name, `units`, `length`, `source`, `formats`, `weight_bits`, `backwards`.
    array
        The MAC array.
    source
        What the layer reads.

    Raises
    ------
    InputError
        If there are too many positions.
    CannotMeetError
        If the state does not fill words of the array.
    """

    op: Any
    array: Array
    source: Operand

    def __post_init__(self) -> None:
        if self.op.length > MOST_POSITIONS:
            raise InputError(
                f"{self.op.name} must go over at most {MOST_POSITIONS} positions on chip, not "
                f"{self.op.length}; put a pooling or a stride before it"
            )
        if self.op.units % self.array.lanes:
            raise CannotMeetError(
                f"{self.op.name} needs an array whose lanes divide its {self.op.units} units, not "
                f"{self.array.lanes}"
            )

    @property
    def formats(self) -> Formats:
        """Those inside."""
        found: Formats = self.op.formats
        return found

    @property
    def units(self) -> int:
        """Numbers of the state."""
        units: int = self.op.units
        return units

    @property
    def before(self) -> int:
        """Positions from where the state is read to the loop's."""
        return -1 if self.op.backwards else 1

    def value(self, what: str, gate: int = 0, gates: int = 1) -> Operand:
        """Return a value of the loop, or one of several gates that stand side by side in it."""
        part = Part(self._name(what), self.units, gate * self.units, gates * self.units)
        return Operand((part,), self.op.length)

    def gates(
        self, what: str, rows: Rows, post: Post, *added: tuple[Operand, int], of: str = BOTH
    ) -> Step:
        """Return the step that sums up rows of the input and the state, and `added` beside.

        What is added counts ``2**up`` of its own steps. `of` is whether rows meet both or one.
        """
        reads: tuple[Read, ...] = ()
        taps: Taps | OwnTaps | None = None
        seen = {
            INPUT: (self.source, rows.weight_input, 0, rows.up_input),
            HIDDEN: (self.value(""), rows.weight_hidden, self.before, rows.up_hidden),
        }
        met = [each for name, each in seen.items() if of in (name, BOTH)]
        for operand, weight, before, up in met:
            reads += operand.reads(self.array, stride=1, before=before, shift=up)
            found = operand.taps(weight[:, :, np.newaxis], np.zeros(1, dtype=np.int64))
            taps = found if taps is None else taps.beside(found)
        assert taps is not None
        low, high = rows.accumulator(self.op.source, self.formats.shown)
        for operand, up in added:
            reads += operand.reads(self.array, stride=1, shift=up)
            own = operand.own_channel(np.ones(self.units, dtype=np.int64))
            taps = taps.beside(own)
            state = self.formats.state
            low, high = low + (state.min << up), high + (state.max << up)
        products = self.op.length * sum(weight.size for _, weight, *_ in met)
        return self._step(
            what, (reads, taps), rows.bias, post, (low, high), self.op.weight_bits, products
        )

    def product(
        self, what: str, one: Operand, other: tuple[Operand, int], operand: Format, pairs: Pairs
    ) -> Step:
        """Return the step of a product; the second factor is read some positions before."""
        made = paired(self.array, self.units, [(one, 0), other])
        zeros = np.zeros(2 * self.units, dtype=np.int64)
        ends = min(operand.min, 0), operand.max
        return self._step(what, made, zeros, Post(0, operand, zeros, pairs=pairs), ends)

    def total(self, what: str, post: Post, *terms: tuple[Operand, int, int]) -> Step:
        """Return the step of a sum: of operands, positions before, and signs."""
        reads: tuple[Read, ...] = ()
        found = []
        for operand, before, sign in terms:
            own = operand.own_channel(np.full(self.units, sign))
            found.append((own.read + len(reads), own.element, own.owner, own.value))
            reads += operand.reads(self.array, stride=1, before=before)
        taps = OwnTaps.joined(found, self.units)
        zeros = np.zeros(self.units, dtype=np.int64)
        ends = len(terms) * self.formats.state.min, len(terms) * -self.formats.state.min
        return self._step(what, (reads, taps), zeros, post, ends)

    def post(self, shift: int, out: Format, count: int, table: Integers | None = None) -> Post:
        """Return what becomes of `count` sums a position."""
        return Post(shift, out, np.zeros(count, dtype=np.int64), table=table)

    def _name(self, what: str) -> str:
        return f"{self.op.name}.{what}" if what else self.op.name

    def _step(
        self,
        what: str,
        met: tuple[tuple[Read, ...], Taps | OwnTaps],
        bias: Integers,
        post: Post,
        accumulator: tuple[int, int],
        weight_bits: int = WEIGHT_OF_ONE,
        products: int = 0,
    ) -> Step:
        reads, taps = met
        return Step(
            name=self.op.name,
            writes=self._name(what),
            array=self.array,
            reads=reads,
            taps=taps,
            bias=bias,
            positions=self.op.length,
            post=post,
            accumulator=accumulator,
            weight_bits=weight_bits,
            products=products,
            loop=Loop(self.op.name, self.op.backwards),
        )
