"""Integer adaptive average-pooling: sums whose sizes differ, weighed so that all count alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape
from hwgen.network.ops import adaptiveavgpool1d
from hwgen.network.pooling import adaptive_groups
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps


@dataclass(frozen=True, eq=False)
class QuantizedAdaptiveAvgPool1d(QuantizedOp):
    """``saturate(shift_half_up(weight * sum of a group, shift))`` of ``(channels, length)``.

    Parameters
    ----------
    positions
        Groups (`hwgen.network.pooling.adaptive_groups`).
    channels, length
        Of the input.
    weights
        Of the groups of least size, and of those with one position more.
    source
        Format of the input.
    shift
        Weighed sums are divided by ``2**shift``, halves up.
    out
        Format of the output.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "adaptiveavgpool1d"
    depends: ClassVar[tuple[str, ...]] = ("activation", "dense_weight")
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "out": Format.from_json,
        "scale": floats,
        "weights": tuple,
    }
    positions: int
    channels: int
    length: int
    weights: tuple[int, int]
    source: Format
    shift: int
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the input, divided."""
        ((_, length),) = shapes
        return Steps((Link(0, factor=1 / _divisor(length, layer.positions, bits)),))

    @property
    def groups(self) -> tuple[tuple[range, int], ...]:
        """Positions of each group, and the weight of each of them."""
        every = adaptive_groups(self.length, self.positions)
        least = min(map(len, every))
        return tuple((group, self.weights[len(group) - least]) for group in every)

    @property
    def accumulator(self) -> tuple[int, int]:
        """Range of any partial sum."""
        most = max(len(group) * weight for group, weight in self.groups)
        return most * min(self.source.min, 0), most * self.source.max

    @property
    def output(self) -> Activations:
        """``(channels, positions)``."""
        return Activations((self.channels, self.positions), self.out, self.scale)


def quantize(
    layer: adaptiveavgpool1d.AdaptiveAvgPool1d,
    sources: tuple[Activations, ...],
    bits: Precision,
    chosen: Chosen,
) -> QuantizedAdaptiveAvgPool1d:
    """Return the integer op for `layer` on its one source."""
    (source,) = sources
    channels, length = source.shape
    return QuantizedAdaptiveAvgPool1d(
        name=layer.name,
        positions=layer.positions,
        channels=channels,
        length=length,
        weights=_weights(length, layer.positions, bits),
        source=source.fmt,
        shift=chosen.shift,
        out=Format.of_width(bits.activation, signed=source.fmt.signed, frac_bits=0),
        scale=source.scale * 2.0**chosen.shift / _divisor(length, layer.positions, bits),
    )


def _sizes(length: int, positions: int) -> tuple[int, int]:
    """Return the positions of the smallest groups and of the largest."""
    sizes = [len(group) for group in adaptive_groups(length, positions)]
    return min(sizes), max(sizes)


def _weights(length: int, positions: int, bits: Precision) -> tuple[int, int]:
    """Return weights in the ratio of the sizes, turned over, as near as `dense_weight` bits are.

    A mean over fewer positions is worth more. Groups that the bits tell exactly have exact means.
    """
    ratio = Fraction(*_sizes(length, positions))
    # Never 0 for a half: the larger groups would be nothing.
    told = ratio.limit_denominator((1 << (bits.dense_weight - 1)) - 1) or Fraction(1)
    return told.denominator, told.numerator


def _divisor(length: int, positions: int, bits: Precision) -> int:
    """Return what the sums are to be divided by."""
    return _sizes(length, positions)[0] * _weights(length, positions, bits)[0]


OP = QuantizedAdaptiveAvgPool1d
