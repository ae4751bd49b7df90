"""Integer average-pooling: a sum; the division by the size is in the scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape, pooling
from hwgen.network.layer import usual
from hwgen.network.ops import avgpool1d
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps


@dataclass(frozen=True, eq=False)
class QuantizedAvgPool1d(QuantizedOp):
    """``saturate(shift_half_up(sum of size positions, shift))`` of ``(channels, length)``.

    Parameters
    ----------
    size, stride, padding
        As in the float layer.
    channels, length
        Of the input.
    source
        Format of the input.
    shift
        Sums are divided by ``2**shift``, halves up.
    out
        Format of the output.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "avgpool1d"
    depends: ClassVar[tuple[str, ...]] = ("activation",)
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "out": Format.from_json,
        "scale": floats,
    }
    size: int
    channels: int
    length: int
    source: Format
    shift: int
    out: Format
    scale: Floats
    stride: int | None = usual(None)
    padding: int = usual(0)

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the input, divided."""
        del shapes, bits
        return Steps((Link(0, factor=1 / layer.size),))

    @property
    def accumulator(self) -> tuple[int, int]:
        """Range of any partial sum."""
        return self.size * min(self.source.min, 0), self.size * self.source.max

    @property
    def output(self) -> Activations:
        """``(channels, positions)``."""
        shape = (self.channels, pooling.positions(self, self.length))
        return Activations(shape, self.out, self.scale)


def quantize(
    layer: avgpool1d.AvgPool1d, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedAvgPool1d:
    """Return the integer op for `layer` on its one source."""
    (source,) = sources
    channels, length = source.shape
    return QuantizedAvgPool1d(
        name=layer.name,
        size=layer.size,
        channels=channels,
        length=length,
        source=source.fmt,
        shift=chosen.shift,
        out=Format.of_width(bits.activation, signed=source.fmt.signed, frac_bits=0),
        scale=source.scale * 2.0**chosen.shift / layer.size,
        stride=layer.stride,
        padding=layer.padding,
    )


OP = QuantizedAvgPool1d
