"""A source with the first layers behind it, which work while samples come: cycles and cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from hwgen.errors import CannotMeetError
from hwgen.plans import depths
from hwgen.plans.core import Layers
from hwgen.plans.counting import Counting, cells
from hwgen.plans.layout import Layout
from hwgen.plans.sources.source import SourcePlan, source_kind
from hwgen.plans.split import Split
from hwgen.plans.timing import Timing
from hwgen.plans.unrolled.conv import UnrolledConvPlan, unrolled_conv
from hwgen.targets import Cells, Target

_AT_ONCE = (1, 2, 4, 8)
"""Values that may be packed in a cycle."""

_CONTROL_LUT4 = 130
"""Counters of words, groups and values, and the word's address."""


@dataclass(frozen=True, eq=False)
class UnrolledSourcePlan(SourcePlan):
    """A convolution and its pooling with hardware of their own, word by word as features come.

    Their values leave in groups; `at_once` of a group are packed in a cycle.

    Parameters
    ----------
    op
        The last of the layers: what it gives are the features.
    inner
        The source of what the convolution reads.
    conv
        The convolution and its pooling.
    at_once
        Values packed in a cycle.

    Raises
    ------
    CannotMeetError
        If groups come faster than their values are packed, or windows than groups.
    """

    accumulates: ClassVar[bool] = False

    inner: SourcePlan
    conv: UnrolledConvPlan
    at_once: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.beats > self.conv.interval * self.spacing:
            raise CannotMeetError(
                f"{self.conv.op.name} cannot be unrolled: its {self.conv.group} values must leave "
                f"within {self.conv.interval * self.spacing} cycles, not {self.beats}"
            )
        if self.inner.timing.interval < _apart(self.inner, self.conv, self.at_once):
            raise CannotMeetError(
                f"{self.conv.op.name} cannot be unrolled: windows follow each other too closely"
            )

    @classmethod
    def of_split(cls, parts: Split, layers: Layers, lanes: int, hop: int | None) -> Self:
        """Return the plan of a split network's first part.

        Parameters
        ----------
        parts
            The network.
        layers
            What takes the features; windows by accumulation are as far apart as it asks for.
        lanes
            Features that the convolution takes at once.
        hop
            Samples from one window to the next; None for windows side by side.

        Raises
        ------
        CannotMeetError
            If there is no such hardware.
        """
        conv = parts.row.conv
        assert conv is not None
        kind = source_kind(parts.source)
        if not (kind.streams or kind.accumulates):
            raise CannotMeetError(
                f"{conv.name} cannot be unrolled: its values do not come in order from a "
                f"{parts.source.op}"
            )
        if kind.streams and conv.length % lanes:
            raise CannotMeetError(
                f"{conv.name} cannot be unrolled: samples ({conv.length}) must be a multiple of "
                f"those that are taken at once, not {lanes}"
            )
        plan = unrolled_conv(conv, parts.row.size, lanes)
        inner = kind.of(parts.source, Layout(lanes, 0, conv.length), conv.source.width, hop)
        fit = [n for n in _AT_ONCE if plan.filters % n == 0 and layers.source.lanes % n == 0]
        for at_once in fit:
            conv_plan = replace(plan, pace=-(-plan.group // (at_once * plan.interval)))
            least = _apart(inner, conv_plan, at_once)
            try:
                made = cls(
                    op=parts.features,
                    layout=layers.source,
                    value_width=layers.value_width,
                    hop=inner.hop,
                    inner=inner.spaced(least) if kind.accumulates else inner,
                    conv=conv_plan,
                    at_once=at_once,
                )
                return made.spaced(max(least, layers.apart(made))) if kind.accumulates else made
            except CannotMeetError:
                if at_once == fit[-1]:
                    raise
        raise AssertionError("one value at a time always fits")

    @property
    def part(self) -> str:
        """Where its hardware is."""
        return "unrolled.source"

    @property
    def transform(self) -> str:
        """Of the source."""
        return self.inner.transform

    @property
    def dsp(self) -> int:
        """DSP cells: of the source."""
        return self.inner.dsp

    @property
    def elements(self) -> int:
        """Samples a window, as they come."""
        return self.inner.elements

    @property
    def adc_bits(self) -> int:
        """Bits of a sample, signed."""
        return self.inner.adc_bits

    @property
    def spacing(self) -> int:
        """Least cycles from one word that the convolution reads to the next."""
        return _spacing(self.inner)

    @property
    def beats(self) -> int:
        """Cycles in which a group's values are packed."""
        return self.conv.group // self.at_once

    @property
    def last_beats(self) -> int:
        """Those of a window's last group, which may have fewer."""
        return _last_beats(self.conv, self.at_once)

    @property
    def behind(self) -> int:
        """Cycles from the source's last word to the last of the features.

        Where the last words are no part of any, the features wait for them nevertheless: so a
        window's time does not depend on how fast its samples came.
        """
        return _last_group(self.conv) + self.last_beats + depths.PACKER

    @property
    def timing(self) -> Timing:
        """From the edge that takes a window's last sample to its last word of features."""
        inner = self.inner.timing
        return Timing.of(
            (*inner.breakdown, (self.conv.op.name, self.behind)),
            inner.interval,
            pause=inner.pause,
            in_flight=inner.in_flight,
            lead=inner.lead,
        )

    def cells(self, target: Target) -> Cells:
        """Return the cells of source, convolution, and the values on their way into memory."""
        count = Counting(target)
        group = self.conv.group * self.conv.op.out.width
        word = int(1.4 * self.layout.lanes * self.value_width)
        address = count.adder(self.layout.last_word.bit_length())
        own = cells(group + word + address + _CONTROL_LUT4, 0, 0)
        return self.inner.cells(target) + self.conv.cells(target) + own

    def spaced(self, cycles: int) -> Self:
        """Return the plan with samples as far apart as windows `cycles` apart ask for."""
        return replace(self, inner=self.inner.spaced(cycles))


def _spacing(inner: SourcePlan) -> int:
    """Return the least cycles from one word of a source to the next."""
    return inner.layout.lanes * inner.timing.pause if inner.streams else 1


def _last_beats(conv: UnrolledConvPlan, at_once: int) -> int:
    """Return the cycles in which a window's last group is packed."""
    left = conv.positions - (conv.groups - 1) * conv.pooled
    return left * conv.filters // at_once


def _last_group(conv: UnrolledConvPlan) -> int:
    """Return the most cycles from the source's last word to the last group."""
    return max(conv.latency, conv.behind)


def _apart(inner: SourcePlan, conv: UnrolledConvPlan, at_once: int) -> int:
    """Return how many cycles windows must be apart for the convolution and for packing."""
    spacing = _spacing(inner)
    # A window's last group is packed before the next one's first comes.
    first = (conv.interval - 1 + conv.lead) * spacing + conv.behind
    packed = _last_group(conv) + _last_beats(conv, at_once) + 1
    return max(conv.gap, packed - first) + (inner.words - 1) * spacing
