"""What every plan has that makes features of samples, whatever its transform."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hwgen.checks import positive
from hwgen.errors import InputError
from hwgen.plans.chain import first_of
from hwgen.plans.layout import Layout
from hwgen.plans.timing import Timing
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.op import room
from hwgen.targets import Cells, Target


@dataclass(frozen=True, eq=False)
class SourcePlan:
    """Hardware that takes samples and writes words of features into memory.

    Parameters
    ----------
    op
        The quantized op.
    layout
        Of the features in memory.
    value_width
        Bits of a feature in memory; features are extended to it.
    hop
        Samples from one window to the next; the window itself if they do not overlap.

    Raises
    ------
    TypeError, ValueError
        If the layout is not of the op's features, or a number is out of its range.
    """

    streams: ClassVar[bool] = False
    """Whether features are written in order, each as its sample comes: layers may work on the first
    before the last is there."""

    accumulates: ClassVar[bool]
    """Whether each sample is worked off as it comes. Then it is a choice how many bins are handled
    in a cycle, samples come at a pace, windows may overlap, and a window's words of features leave
    in order, one a cycle, as unrolled layers need them."""

    op: Any
    layout: Layout
    value_width: int
    hop: int

    def __post_init__(self) -> None:
        values, width, window = self.values, self.op.output.fmt.width, self.elements
        if self.layout.length != values:
            raise ValueError(f"layout must be of {values} features, not {self.layout.length}")
        if self.value_width < width:
            raise ValueError(f"value_width must be at least {width}, not {self.value_width}")
        if positive("hop", self.hop) > window:
            raise ValueError(f"hop must be at most {window}, the window, not {self.hop}")

    @classmethod
    def of(cls, op: Any, layout: Layout, value_width: int, hop: int | None) -> Self:
        """Return the plan for what a user asks for; `hop` is None for windows side by side.

        Raises
        ------
        CannotMeetError
            If windows cannot follow each other like that.
        """
        raise NotImplementedError

    @property
    def transform(self) -> str:
        """What is done with samples, in a word."""
        raise NotImplementedError

    @property
    def part(self) -> str:
        """Where its hardware is: a module in `hwgen.hardware`, by default that of the op."""
        return f"sources.ops.{self.op.op}"

    @staticmethod
    def dsp_of(op: Any, bins: int) -> int:
        """Return the DSP cells for the op; `bins` in a cycle where that is a choice."""
        raise NotImplementedError

    @property
    def dsp(self) -> int:
        """DSP cells."""
        return self.dsp_of(self.op, self.layout.lanes)

    @property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to its last word of features."""
        raise NotImplementedError

    def cells(self, target: Target) -> Cells:
        """Return the cells of all from the samples to the words of features."""
        raise NotImplementedError

    def spaced(self, cycles: int) -> Self:
        """Return the plan with windows so many cycles apart, where the pace of samples sets that.

        Without a pace the layers behind hold windows up where they must.
        """
        raise NotImplementedError

    @property
    def elements(self) -> int:
        """Samples a window, as they come."""
        window: int = self.op.window
        return window

    @property
    def values(self) -> int:
        """Features a window."""
        return math.prod(self.op.output.shape)

    @property
    def adc_bits(self) -> int:
        """Bits of a sample, signed."""
        width: int = self.op.sample.width
        return width

    @property
    def words(self) -> int:
        """Words of features a window."""
        return self.layout.last_word - self.layout.first_word + 1

    @property
    def write_words(self) -> int:
        """Words that the write's address tells apart: those of padding in front, too."""
        return self.layout.last_word + 1

    @property
    def write_width(self) -> int:
        """Bits of a word."""
        return self.value_width * self.layout.lanes


def source_op(model: QuantizedModel) -> QuantizedOp:
    """Return the op that a model begins with.

    Raises
    ------
    InputError
        If it makes no features of samples.
    """
    first = first_of(model)
    source_kind(first)
    return first


def source_kind(op: Any) -> type[SourcePlan]:
    """Return the kind of plan that carries out `op`: the one in the file of its name.

    Raises
    ------
    InputError
        If there is none.
    """
    try:
        kind: type[SourcePlan] = room(__package__, op.op).SOURCE
    except InputError as error:
        raise InputError(
            f"on chip a network must begin with its samples or their spectrum, not with {op.op}"
        ) from error
    return kind
