"""Integer max-pooling: exact, no parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.fixedpoint import Format
from hwgen.network import Floats
from hwgen.network.ops import maxpool1d
from hwgen.quantized.bits import Bits
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats


@dataclass(frozen=True, eq=False)
class QuantizedMaxPool1d(QuantizedOp):
    """Maximum over disjoint groups of `size` positions of ``(channels, length)``."""

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

    @property
    def output(self) -> Activations:
        """``(channels, length // size)``, format and scale of the input."""
        return Activations((self.channels, self.length // self.size), self.out, self.scale)


def quantize(
    layer: maxpool1d.MaxPool1d, sources: tuple[Activations, ...], bits: Bits, chosen: Chosen
) -> QuantizedMaxPool1d:
    """Return the integer op for `layer`; nothing is rounded."""
    del bits, chosen
    (source,) = sources
    channels, length = source.shape
    return QuantizedMaxPool1d(layer.name, layer.size, channels, length, source.fmt, source.scale)


OP = QuantizedMaxPool1d
