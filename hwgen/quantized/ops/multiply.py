"""Integer product of two values: exact, then divided by a power of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape
from hwgen.network.broadcast import spread
from hwgen.network.ops import multiply
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Steps


@dataclass(frozen=True, eq=False)
class QuantizedMultiply(QuantizedOp):
    """``saturate(shift_half_up(x * y, shift))``.

    Parameters
    ----------
    shapes
        Of the two inputs.
    sources
        Formats of the inputs.
    shift
        Products are divided by ``2**shift``, halves up.
    out
        Format of the output.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "multiply"
    depends: ClassVar[tuple[str, ...]] = ("activation",)
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shapes": lambda value: tuple(tuple(shape) for shape in value),
        "sources": lambda value: tuple(Format.from_json(each) for each in value),
        "out": Format.from_json,
        "scale": floats,
    }
    shapes: tuple[tuple[int, ...], ...]
    sources: tuple[Format, ...]
    shift: int
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Products of those of the inputs."""
        del layer, shapes, bits
        return Steps(product=True)

    @property
    def shape(self) -> Shape:
        """Of the output."""
        return np.broadcast_shapes(*map(self.beside, self.shapes))

    def beside(self, shape: Shape) -> Shape:
        """Return the shape of an input as it stands beside the other one's."""
        return spread(shape, self.shapes)

    @property
    def operand(self) -> Format:
        """The narrowest format that holds those of both inputs."""
        signed = any(fmt.signed for fmt in self.sources)
        width = max(fmt.width + (signed and not fmt.signed) for fmt in self.sources)
        return Format.of_width(width, signed=signed, frac_bits=0)

    @property
    def accumulator(self) -> tuple[int, int]:
        """Range of a product."""
        one, other = self.sources
        ends = [x * y for x in (one.min, one.max) for y in (other.min, other.max)]
        return min(ends), max(ends)

    @property
    def output(self) -> Activations:
        """The larger of both inputs' channels and positions."""
        return Activations(self.shape, self.out, self.scale)


def quantize(
    layer: multiply.Multiply, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedMultiply:
    """Return the integer op for `layer`: steps are multiplied, whatever they are."""
    shapes = tuple(source.shape for source in sources)
    channels = layer.output_shape(*shapes)[0]
    one, other = (np.broadcast_to(source.scale, channels) for source in sources)
    return QuantizedMultiply(
        name=layer.name,
        shapes=shapes,
        sources=tuple(source.fmt for source in sources),
        shift=chosen.shift,
        out=Format.of_width(
            bits.activation, signed=any(source.fmt.signed for source in sources), frac_bits=0
        ),
        scale=one * other * 2.0**chosen.shift,
    )


OP = QuantizedMultiply
