"""Integer convolution: a positive scale per filter, one shift for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers, round_half_up
from hwgen.network import Floats
from hwgen.network.ops import conv1d
from hwgen.quantized.bits import Bits
from hwgen.quantized.op import (
    Activations,
    Chosen,
    QuantizedOp,
    accumulator_range,
    floats,
    integers,
    rounded_bias_bound,
    row_scales,
)


@dataclass(frozen=True, eq=False)
class QuantizedConv1d(QuantizedOp):
    """``saturate(shift_half_up(conv(x, weight) + bias, shift))`` with the accumulator exact.

    Parameters
    ----------
    length
        Input positions.
    source
        Format of the input.
    weight, bias
        ``(filters, channels, kernel)`` and ``(filters,)`` integers; weights in `weight_bits`.
    stride, padding, relu
        As in the float layer. With `relu` the output is unsigned and saturates at 0.
    shift
        The accumulator is divided by ``2**shift``, halves up.
    out
        Format of the output.
    scale
        Real value of one in the output, per filter.
    """

    op: ClassVar[str] = "conv1d"
    depends: ClassVar[tuple[str, ...]] = ("conv_weight", "activation")
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "weight": integers,
        "bias": integers,
        "out": Format.from_json,
        "scale": floats,
    }
    length: int
    source: Format
    weight: Integers
    bias: Integers
    weight_bits: int
    stride: int
    padding: int
    relu: bool
    shift: int
    out: Format
    scale: Floats

    @property
    def positions(self) -> int:
        """Output positions."""
        return (self.length + 2 * self.padding - self.weight.shape[2]) // self.stride + 1

    @property
    def accumulator(self) -> tuple[int, int]:
        """Range of any partial sum, worst case of the actual weights and input format."""
        return accumulator_range(self.weight, self.bias, self.source)

    @property
    def output(self) -> Activations:
        """``(filters, positions)``."""
        return Activations((len(self.weight), self.positions), self.out, self.scale)


def quantize(
    layer: conv1d.Conv1d, sources: tuple[Activations, ...], bits: Bits, chosen: Chosen
) -> QuantizedConv1d:
    """Return the integer op for `layer` on its one source."""
    (source,) = sources
    width = bits.conv_weight
    wmax = (1 << (width - 1)) - 1
    effective = layer.weight * source.scale[np.newaxis, :, np.newaxis]
    scale = row_scales(effective, layer.bias, wmax, rounded_bias_bound(wmax, source.fmt))
    rows, scale = chosen.rounding(effective.reshape(len(scale), -1), scale, wmax, together=False)
    return QuantizedConv1d(
        name=layer.name,
        length=source.shape[1],
        source=source.fmt,
        weight=rows.reshape(effective.shape),
        bias=round_half_up(layer.bias / scale),
        weight_bits=width,
        stride=layer.stride,
        padding=layer.padding,
        relu=layer.relu,
        shift=chosen.shift,
        out=Format.of_width(bits.activation, signed=not layer.relu, frac_bits=0),
        scale=scale * 2.0**chosen.shift,
    )


OP = QuantizedConv1d
