"""Integer values side by side: exact, each channel with the scale that it has."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, signed_width
from hwgen.network import Floats, Shape
from hwgen.network.ops import concat
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps


@dataclass(frozen=True, eq=False)
class QuantizedConcat(QuantizedOp):
    """Channels of all inputs, in their order.

    Parameters
    ----------
    shapes
        Of the inputs.
    out
        The narrowest format that holds those of all inputs.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "concat"
    depends: ClassVar[tuple[str, ...]] = ()
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shapes": lambda value: tuple(tuple(shape) for shape in value),
        "out": Format.from_json,
        "scale": floats,
    }
    shapes: tuple[tuple[int, ...], ...]
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the inputs, side by side."""
        del layer, bits
        first = itertools.accumulate((shape[0] for shape in shapes), initial=0)
        return Steps(tuple(Link(i, c) for i, c in zip(range(len(shapes)), first, strict=False)))

    @property
    def output(self) -> Activations:
        """``(sum of channels, length)``, or the numbers of all flat inputs."""
        shape = (sum(shape[0] for shape in self.shapes), *self.shapes[0][1:])
        return Activations(shape, self.out, self.scale)


def quantize(
    layer: concat.Concat, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedConcat:
    """Return the integer op for `layer`; nothing is rounded."""
    del bits, chosen
    return QuantizedConcat(
        name=layer.name,
        shapes=tuple(source.shape for source in sources),
        out=_hull([source.fmt for source in sources]),
        scale=np.concatenate([source.scale for source in sources]),
    )


def _hull(formats: list[Format]) -> Format:
    low, high = min(fmt.min for fmt in formats), max(fmt.max for fmt in formats)
    width = signed_width(low, high)
    signed = low < 0
    return Format.of_width(width if signed else width - 1, signed=signed, frac_bits=0)


OP = QuantizedConcat
