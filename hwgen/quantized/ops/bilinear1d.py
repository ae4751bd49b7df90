"""Integer product of two convolutions: each rounded to a factor, and the products rounded once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers, round_half_up
from hwgen.network import Floats
from hwgen.network.convolution import Convolution
from hwgen.network.layer import usual
from hwgen.network.ops import bilinear1d
from hwgen.quantized.op import (
    MAX_BIAS,
    Activations,
    Chosen,
    QuantizedOp,
    floats,
    integers,
    row_ranges,
    row_scales,
)
from hwgen.quantized.precision import Precision

MORE = 8
"""Bits of a factor beyond those of activations: a product has the relative errors of both."""

_MOST = 18
"""Bits of a factor that one multiplier takes."""

_FINER = 8
"""Bits by which sums may be finer than factors, at most."""


@dataclass(frozen=True, eq=False)
class QuantizedBilinear1d(Convolution, QuantizedOp):
    """``saturate(shift_half_up(r * g, shift))`` of two convolutions with a bias.

    ``r`` and ``g`` are ``saturate(shift_half_up(sum, down))`` in the format `factor`.

    Parameters
    ----------
    length, source, weight_bits, stride, padding, dilation, padding_right
        As of a convolution.
    flat
        As in the float layer.
    weight, bias
        ``(2 filters, channels, kernel)`` and ``(2 filters,)`` integers: rows of r, then of g.
    down, factor
        Division of the sums, halves up, and the format that they saturate to.
    shift, out
        The same of the products.
    scale
        Real value of one in the output, per filter.
    unit
        ``(2 filters,)``: the same in the sums.
    """

    op: ClassVar[str] = "bilinear1d"
    depends: ClassVar[tuple[str, ...]] = ("conv_weight", "dense_weight", "activation")
    usual_shift: ClassVar[int] = 17
    usual_down: ClassVar[int] = 6
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "weight": integers,
        "bias": integers,
        "factor": Format.from_json,
        "out": Format.from_json,
        "scale": floats,
        "unit": floats,
    }
    length: int
    source: Format
    weight: Integers
    bias: Integers
    weight_bits: int
    stride: int
    padding: int
    down: int
    factor: Format
    shift: int
    out: Format
    scale: Floats
    unit: Floats
    dilation: int = usual(1)
    padding_right: int | None = usual(None)
    flat: bool = usual(False)

    @property
    def filters(self) -> int:
        """Of the output."""
        return len(self.weight) // 2

    @property
    def positions(self) -> int:
        """Output positions."""
        return self.positions_of(self.length)

    @cached_property
    def sums(self) -> tuple[int, int]:
        """Range of any partial sum of a factor."""
        low, high = row_ranges(self.weight, self.bias, self.source)
        return int(low.min()), int(high.max())

    @property
    def factor_bits(self) -> int:
        """Of the format of factors."""
        return self.factor.width

    @property
    def products(self) -> tuple[int, int]:
        """Range of a product."""
        least, most = self.factor.min, self.factor.max
        return least * most, least * least

    @property
    def accumulator(self) -> tuple[int, int]:
        """Range of any partial sum, and of any product."""
        return min(self.sums[0], self.products[0]), max(self.sums[1], self.products[1])

    @property
    def output(self) -> Activations:
        """``(filters, positions)``, or ``(filters,)``."""
        shape = (self.filters,) if self.flat else (self.filters, self.positions)
        return Activations(shape, self.out, self.scale)

    def eased(self, down: int, factor: Format) -> QuantizedBilinear1d:
        """Return the op with another division of the factors, and another format of them."""
        scale = self.scale * 4.0 ** (down - self.down)
        return replace(self, down=down, factor=factor, scale=scale)


def quantize(
    layer: bilinear1d.Bilinear1d, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedBilinear1d:
    """Return the integer op for `layer` on its one source.

    Both factors have steps of their own, so that small weights of one lose nothing to the other's.
    """
    (source,) = sources
    width = bits.dense_weight if layer.flat else bits.conv_weight
    wmax = (1 << (width - 1)) - 1
    columns = source.scale[:, np.newaxis]
    widest = min(bits.activation + MORE, _MOST)
    factor = Format.of_width(chosen.factor_bits or widest, signed=True, frac_bits=0)
    halves = [(each.weight * columns, each.bias) for each in layer.halves]
    one, other = (
        row_scales(weight, bias, wmax, _most(weight, source.fmt, wmax, (1 << (widest - 1)) - 1))
        for weight, bias in halves
    )
    rows_g, other = chosen.rounding(_rows(halves[1][0]), other, wmax)
    product, bound = chosen.stepped(one * other)
    rows_r, one = chosen.rounding(_rows(halves[0][0]), product / other, wmax, bound=bound)
    steps, product = (one, other), one * other
    rows = [each.reshape(layer.weight_r.shape) for each in (rows_r, rows_g)]
    biases = [round_half_up(bias / step) for (_, bias), step in zip(halves, steps, strict=True)]
    return QuantizedBilinear1d(
        name=layer.name,
        length=source.shape[1] if len(source.shape) > 1 else 1,
        source=source.fmt,
        weight=np.concatenate(rows),
        bias=np.concatenate(biases),
        weight_bits=width,
        stride=layer.stride,
        padding=layer.padding,
        down=chosen.down,
        factor=factor,
        shift=chosen.shift,
        out=Format.of_width(bits.activation, signed=True, frac_bits=0),
        scale=product * 2.0 ** (2 * chosen.down + chosen.shift),
        unit=np.concatenate(steps),
        dilation=layer.dilation,
        padding_right=layer.padding_right,
        flat=layer.flat,
    )


def _most(weight: Floats, source: Format, wmax: int, factor: int) -> Integers:
    """Return the bound of each row's bias, ``(rows,)``.

    Trained so, the bias of a factor is near 1 and its weights are near 0: for it they must not be
    coarser than the factor is. Sums of all taps may be as wide. All rows lose as many bits, so a
    bias must not be finer than the roundings of weights are worth: about a quarter of the input's
    range, each half a step off at most, with random signs; and of a row without weights no finer
    than the factor, whose largest number is `factor`.
    """
    taps = math.prod(weight.shape[1:])
    ends = max(source.max, -source.min)
    finer = min(_FINER, max(0, math.ceil(math.log2(math.sqrt(taps / 12) * ends / 4))))
    most = min(MAX_BIAS, max(wmax * ends * taps, factor << finer))
    alive = weight.any(axis=(1, 2))
    return np.where(alive, most, factor)


def _rows(weight: Floats) -> Floats:
    return weight.reshape(len(weight), -1)


OP = QuantizedBilinear1d
