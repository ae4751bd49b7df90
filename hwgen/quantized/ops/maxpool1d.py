"""Integer max-pooling: exact, no parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape, pooling
from hwgen.network.layer import usual
from hwgen.network.ops import maxpool1d
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps


@dataclass(frozen=True, eq=False)
class QuantizedMaxPool1d(QuantizedOp):
    """Maximum over groups of `size` positions of ``(channels, length)``.

    Parameters
    ----------
    size, stride, padding, padding_right
        As in the float layer.
    channels, length
        Of the input.
    out, scale
        Format of input and output, and the real value of one in them, per channel.
    """

    op: ClassVar[str] = "maxpool1d"
    depends: ClassVar[tuple[str, ...]] = ()
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "out": Format.from_json,
        "scale": floats,
    }
    size: int
    channels: int
    length: int
    out: Format
    scale: Floats
    stride: int | None = usual(None)
    padding: int = usual(0)
    padding_right: int | None = usual(None)

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the input."""
        del layer, shapes, bits
        return Steps((Link(0),))

    @property
    def output(self) -> Activations:
        """``(channels, positions)``, format and scale of the input."""
        shape = (self.channels, pooling.positions(self, self.length))
        return Activations(shape, self.out, self.scale)


def quantize(
    layer: maxpool1d.MaxPool1d, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedMaxPool1d:
    """Return the integer op for `layer`; nothing is rounded."""
    del bits, chosen
    (source,) = sources
    channels, length = source.shape
    return QuantizedMaxPool1d(
        name=layer.name,
        size=layer.size,
        channels=channels,
        length=length,
        out=source.fmt,
        scale=source.scale,
        stride=layer.stride,
        padding=layer.padding,
        padding_right=layer.padding_right,
    )


OP = QuantizedMaxPool1d
