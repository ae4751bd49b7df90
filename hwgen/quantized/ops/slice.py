"""Some of a value's integers: exact, each channel with the scale that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape
from hwgen.network.ops import slice as float_slice
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps


@dataclass(frozen=True, eq=False)
class QuantizedSlice(QuantizedOp):
    """Channels or positions from one on.

    Parameters
    ----------
    axis, begin, count
        As in the float layer.
    shape
        Of the input.
    out
        Format of input and output.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "slice"
    depends: ClassVar[tuple[str, ...]] = ()
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shape": tuple,
        "out": Format.from_json,
        "scale": floats,
    }
    axis: str
    begin: int
    count: int
    shape: tuple[int, ...]
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the channels that are taken."""
        del shapes, bits
        return Steps((Link(0, -layer.begin if layer.axis == "channels" else 0),))

    @property
    def output(self) -> Activations:
        """``(channels, length)`` or ``(numbers,)``."""
        layer = float_slice.Slice(self.name, self.axis, self.begin, self.count)
        return Activations(layer.output_shape(self.shape), self.out, self.scale)


def quantize(
    layer: float_slice.Slice, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedSlice:
    """Return the integer op for `layer`; nothing is rounded."""
    del bits, chosen
    (source,) = sources
    ends = (layer.begin, layer.begin + layer.count) if layer.axis == "channels" else (None, None)
    return QuantizedSlice(
        name=layer.name,
        axis=layer.axis,
        begin=layer.begin,
        count=layer.count,
        shape=source.shape,
        out=source.fmt,
        scale=source.scale[slice(*ends)],
    )


OP = QuantizedSlice
