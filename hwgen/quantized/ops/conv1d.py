"""Integer convolution: a positive scale per filter, one shift for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers, round_half_up
from hwgen.network import Floats, Shape
from hwgen.network.convolution import Convolution
from hwgen.network.layer import usual
from hwgen.network.ops import conv1d
from hwgen.quantized.kept import (
    Sums,
    grid_step,
    kept_sums,
    on_grid,
    out_format,
    with_float_weights,
)
from hwgen.quantized.op import (
    Activations,
    Chosen,
    QuantizedOp,
    floats,
    integers,
    rounded_bias_bound,
    row_ranges,
    row_scales,
)
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps, octaves

LEFT_OUT = -1
"""In place of a shift: what is added is less than a quarter of a product of ones, and is not."""


_MARGIN = 2
"""Bits by which that is less."""


@dataclass(frozen=True, eq=False)
class QuantizedConv1d(Convolution, QuantizedOp):
    """``saturate(shift_half_up(conv(x, weight) + bias, shift))`` with the accumulator exact.

    With a value that is added, filter c's sum has ``value << skip_shift[c]`` too, but for filters
    in which it is `LEFT_OUT`.

    Parameters
    ----------
    length
        Input positions.
    source
        Format of the input.
    weight, bias
        ``(filters, channels / groups, kernel)`` and ``(filters,)`` integers; weights in
        `weight_bits`.
    stride, padding, relu, groups, dilation, padding_right
        As in the float layer. With `relu` the output is unsigned and saturates at 0.
    shift
        The accumulator is divided by ``2**shift``, halves up.
    out
        Format of the output.
    scale
        Real value of one in the output, per filter.
    skip, skip_shift
        Format of what is added, and ``(filters,)`` by how many bits it is shifted up; None where
        nothing is.
    even
        Halves are rounded to the even integer, not up.
    up
        Products with weights count ``2**up``: what is added is so much finer.
    """

    op: ClassVar[str] = "conv1d"
    depends: ClassVar[tuple[str, ...]] = ("conv_weight", "activation")
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "weight": integers,
        "bias": integers,
        "out": Format.from_json,
        "scale": floats,
        "skip": Format.from_json,
        "skip_shift": integers,
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
    groups: int = usual(1)
    dilation: int = usual(1)
    padding_right: int | None = usual(None)
    skip: Format | None = usual(None)
    skip_shift: Integers | None = usual(None)
    even: bool = usual(False)
    up: int = usual(0)

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of what is added, if anything is, and of its grid."""
        del shapes, bits
        links = (Link(1),) if layer.residual else ()
        mixes = layer.unit is not None and layer.weight.shape[1] > 1
        return Steps(links, known=grid_step(layer), even=mixes)

    @property
    def positions(self) -> int:
        """Output positions."""
        return self.positions_of(self.length)

    @cached_property
    def accumulator(self) -> tuple[int, int]:
        """Range of any partial sum, worst case of the actual weights and input formats."""
        low, high = row_ranges(self.weight << self.up, self.bias, self.source)
        if self.skip is not None and self.skip_shift is not None:
            low = low + min(self.skip.min, 0) * self.skip_gain
            high = high + self.skip.max * self.skip_gain
        return int(low.min()), int(high.max())

    @property
    def skip_gain(self) -> Integers:
        """``(filters,)``: what is added times this is added."""
        assert self.skip_shift is not None
        return np.where(self.skip_shift == LEFT_OUT, 0, 1 << np.maximum(self.skip_shift, 0))

    @property
    def output(self) -> Activations:
        """``(filters, positions)``."""
        return Activations((len(self.weight), self.positions), self.out, self.scale)


def quantize(
    layer: conv1d.Conv1d, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedConv1d:
    """Return the integer op for `layer` on its source, and what is added to it.

    What is added and is nothing beside a filter's sums is left out of them.
    """
    source, *added = sources
    skip = added[0] if added else None
    sums, width, up = _sums(layer, source, skip, bits, chosen)
    usual_out = Format.of_width(bits.activation, signed=not layer.relu, frac_bits=0)
    return QuantizedConv1d(
        name=layer.name,
        length=source.shape[1],
        source=source.fmt,
        weight=sums.weight.reshape(layer.weight.shape),
        bias=sums.bias,
        weight_bits=width,
        stride=layer.stride,
        padding=layer.padding,
        relu=layer.relu,
        shift=sums.shift,
        out=usual_out if layer.grid is None else out_format(layer.grid),
        scale=sums.step * 2.0**sums.shift,
        groups=layer.groups,
        dilation=layer.dilation,
        padding_right=layer.padding_right,
        skip=None if skip is None else skip.fmt,
        skip_shift=None if skip is None else _skip_shift(layer, skip, sums.step),
        even=sums.even,
        up=up,
    )


def _skip_shift(layer: conv1d.Conv1d, skip: Activations, step: Floats) -> Integers:
    """Return by how many bits what is added is shifted up, or that it is `LEFT_OUT`."""
    up = round_half_up(octaves(skip.scale / step))
    # Where a training has said the steps nothing may be left out.
    if layer.grid is not None or layer.unit is not None:
        return up
    return np.maximum(up, LEFT_OUT)


def _sums(
    layer: conv1d.Conv1d,
    source: Activations,
    skip: Activations | None,
    bits: Precision,
    chosen: Chosen,
) -> tuple[Sums, int, int]:
    """Return integer weights and biases, the width of the weights, and what products count."""
    width = bits.conv_weight
    wmax = (1 << (width - 1)) - 1
    columns = layer.columns(source.scale)
    effective = layer.weight * columns
    if layer.unit is not None:
        sums = kept_sums(layer, effective, columns, chosen, skip)
        return sums, sums.bits, 0
    most, up = rounded_bias_bound(wmax, source.fmt), 0
    if layer.grid is not None:
        scale = on_grid(layer, row_scales(effective, layer.bias, wmax, most))
        bound = np.ones(len(scale), dtype=np.bool_)
    elif skip is None:
        scale, bound = chosen.stepped(row_scales(effective, layer.bias, wmax, most))
    else:
        scale, up = _below(layer, effective, skip, wmax, most, even=chosen.even)
        bound = np.ones(len(scale), dtype=np.bool_)
    together = chosen.even or layer.grid is not None
    rows, scale = chosen.rounding(
        effective.reshape(len(scale), -1), scale, wmax, together=together, bound=bound
    )
    if layer.grid is not None:
        return with_float_weights(rows, layer.bias, layer.grid, scale), width, 0
    step = np.ldexp(scale, -up)
    return Sums(rows, round_half_up(layer.bias / step), chosen.shift, step, even=False), width, up


def _below(
    layer: conv1d.Conv1d,
    effective: Floats,
    skip: Activations,
    wmax: int,
    most: int,
    *,
    even: bool,
) -> tuple[Floats, int]:
    """Return the finest steps that weights allow, powers of two from those of what is added.

    With `even` all rows have the same. Where some are above those, all products count ``2**up``:
    sums have the steps of the finest.
    Where what is added is nothing beside a row's sums, these have steps of their own.
    """
    ends = max(skip.fmt.max, -skip.fmt.min)
    # Rows share one shift: what is added must not dwarf the sums of other rows, nor its own.
    dwarfs = skip.scale * min(1.0, ends / (most - 1))
    least = np.maximum(row_scales(effective, layer.bias, wmax, most), dwarfs)
    down = np.floor(octaves(skip.scale / least)).astype(np.int64)
    if even:
        # Of the coarsest row; what is added has steps that are powers of two apart.
        top = np.ldexp(skip.scale, -down).max()
        down = np.round(octaves(skip.scale / top)).astype(np.int64)
    counts = down >= -(_MARGIN + int(ends).bit_length())
    up = max(0, -int(down[counts].min(initial=0)))
    return np.ldexp(skip.scale, -down), up


OP = QuantizedConv1d
