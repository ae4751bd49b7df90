"""Integer score: an exact sum of squares, beside the threshold."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, Integers
from hwgen.network import Shape
from hwgen.network.ops import score
from hwgen.quantized.op import Activations, Chosen, QuantizedOp
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Steps

WIDTH = 32
"""Bits of a score, signed as all logits are, at most: what a frame has for one."""

_SAME = 1e-9
"""Steps that differ by this share are the same but for the rounding of floats."""


@dataclass(frozen=True, eq=False)
class QuantizedScore(QuantizedOp):
    """``(threshold, sum of x^2 >> drop)``.

    Parameters
    ----------
    shape
        Of the input.
    source
        Format of the input.
    step
        Real value of one in the input.
    drop
        Lowest bits of the sum that are left out: as many as do not fit a logit, mostly none.
    threshold
        The largest score that is no anomaly. On chip it is where a register begins.
    """

    op: ClassVar[str] = "score"
    depends: ClassVar[tuple[str, ...]] = ()
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shape": tuple,
        "source": Format.from_json,
    }
    shape: tuple[int, ...]
    source: Format
    step: float
    drop: int
    threshold: int

    def __post_init__(self) -> None:
        most = self.output.fmt.max
        if not 0 <= self.threshold <= most:
            raise InputError(f"{self.name} threshold must be 0 to {most:,}, not {self.threshold}")

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Its own; all channels of the input must have one step."""
        del layer, shapes, bits
        return Steps(even=True, equal=True)

    @property
    def most(self) -> int:
        """Largest sum of squares."""
        return largest_sum(self.shape, self.source)

    @property
    def output(self) -> Activations:
        """``(2,)``: the threshold, and the score."""
        fmt = Format.of_width(score_width(self.most, self.drop), signed=True, frac_bits=0)
        return Activations((2,), fmt, np.full(2, self.step**2 * 2.0**self.drop))

    def in_steps(self, threshold: float | None) -> int:
        """Return the largest integer score that is no anomaly, of a threshold in real units.

        None, and what no score reaches: the largest score there is.
        """
        most = self.output.fmt.max
        if threshold is None:
            return most
        return int(min(most, math.floor(threshold / float(self.output.scale[0]))))


def largest_sum(shape: Shape, source: Format) -> int:
    """Return the largest sum of squares of a value."""
    return math.prod(shape) * max(-source.min, source.max) ** 2


def score_width(most: int, drop: int) -> int:
    """Return the bits of a score, signed."""
    return (most >> drop).bit_length() + 1


def quantize(
    layer: score.Score, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedScore:
    """Return the integer op for `layer`.

    Raises
    ------
    InputError
        If the channels that it reads have not one step.
    """
    del bits, chosen
    (source,) = sources
    low, high = float(source.scale.min()), float(source.scale.max())
    if high - low > _SAME * high:
        raise InputError(
            f"{layer.name} must read channels of one step, not of {low:g} to {high:g}; put a "
            f"convolution of kernel 1 before it"
        )
    most = largest_sum(source.shape, source.fmt)
    made = QuantizedScore(
        name=layer.name,
        shape=source.shape,
        source=source.fmt,
        step=high,
        drop=max(0, score_width(most, 0) - WIDTH),
        threshold=0,
    )
    return with_threshold(made, made.in_steps(layer.threshold))


def with_threshold(op: QuantizedScore, threshold: Integers | int) -> QuantizedScore:
    """Return the op with another threshold, in its own steps."""
    return QuantizedScore(op.name, op.shape, op.source, op.step, op.drop, int(threshold))


OP = QuantizedScore
