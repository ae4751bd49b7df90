"""Integer dense layer: hidden (requantized) or last (exact logits, aligned by shifts)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers, round_half_up, signed_width
from hwgen.network import Floats, Shape
from hwgen.network.layer import usual
from hwgen.network.ops import dense
from hwgen.quantized.kept import (
    Sums,
    grid_step,
    kept_sums,
    on_grid,
    out_format,
    with_float_weights,
)
from hwgen.quantized.op import (
    MAX_BIAS,
    Activations,
    Chosen,
    QuantizedOp,
    accumulator_range,
    floats,
    integers,
    rounded_bias_bound,
    row_scales,
)
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Steps

MAX_ALIGN = 7
"""A row may be this many bits finer than the coarsest one; more buys nothing and costs width."""


@dataclass(frozen=True, eq=False)
class QuantizedDense(QuantizedOp):
    """``weight @ flatten(x) + bias`` with the accumulator exact.

    A hidden layer divides by ``2**shift`` (halves up) and saturates to `out`. The last one
    multiplies row r by ``2**align[r]``, exactly, so that its logits can be compared.

    Parameters
    ----------
    shape
        Of the input; flattened channel-major.
    source
        Format of the input.
    weight, bias
        ``(outputs, inputs)`` and ``(outputs,)`` integers; weights in `weight_bits`.
    relu
        Of a hidden layer: the output is unsigned and saturates at 0.
    last
        Whether the outputs are the logits.
    shift
        Of a hidden layer.
    align
        Of the last layer, per row; zeros otherwise.
    out
        Format of the output.
    scale
        Real value of one in the output, per row.
    even
        Of a hidden layer: halves are rounded to the even integer, not up.
    """

    op: ClassVar[str] = "dense"
    depends: ClassVar[tuple[str, ...]] = ("dense_weight", "activation")
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shape": tuple,
        "source": Format.from_json,
        "weight": integers,
        "bias": integers,
        "align": integers,
        "out": Format.from_json,
        "scale": floats,
    }
    shape: tuple[int, ...]
    source: Format
    weight: Integers
    bias: Integers
    weight_bits: int
    relu: bool
    last: bool
    shift: int
    align: Integers
    out: Format
    scale: Floats
    even: bool = usual(False)

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Its own, or those of its grid."""
        del shapes, bits
        return Steps(known=grid_step(layer), even=layer.unit is not None)

    @cached_property
    def accumulator(self) -> tuple[int, int]:
        """Range of any partial sum, worst case of the actual weights and input format."""
        return accumulator_range(self.weight, self.bias, self.source)

    @property
    def rounds(self) -> bool:
        """The logits are exact."""
        return not self.last

    @property
    def output(self) -> Activations:
        """``(outputs,)``."""
        return Activations((len(self.weight),), self.out, self.scale)


def quantize(
    layer: dense.Dense, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedDense:
    """Return the integer op for `layer` on its one source."""
    (source,), last = sources, chosen.exact
    sums, align, width = _sums(layer, source, bits, chosen)
    if last:
        out = _logit_format(sums.weight, sums.bias, source.fmt, align)
    elif layer.grid is not None:
        out = out_format(layer.grid)
    else:
        out = Format.of_width(bits.activation, signed=not layer.relu, frac_bits=0)
    return QuantizedDense(
        name=layer.name,
        shape=source.shape,
        source=source.fmt,
        weight=sums.weight,
        bias=sums.bias,
        weight_bits=width,
        relu=layer.relu,
        last=last,
        shift=sums.shift,
        align=align,
        out=out,
        scale=sums.step * 2.0 ** (sums.shift - align),
        even=sums.even,
    )


def _sums(
    layer: dense.Dense, source: Activations, bits: Precision, chosen: Chosen
) -> tuple[Sums, Integers, int]:
    """Return integer weights and biases, shifts of logits, and the width of the weights."""
    last, width = chosen.exact, bits.dense_weight
    wmax = (1 << (width - 1)) - 1
    columns = layer.columns(source.scale)
    effective = layer.weight * columns
    align = np.zeros(len(effective), dtype=np.int64)
    if layer.unit is not None:
        sums = kept_sums(layer, effective, columns, chosen)
        return sums, align, sums.bits
    most = MAX_BIAS if last else rounded_bias_bound(wmax, source.fmt)
    scale = row_scales(effective, layer.bias, wmax, most)
    if layer.grid is not None:
        scale, bound = on_grid(layer, scale), np.ones(len(scale), dtype=np.bool_)
    else:
        scale, bound = chosen.stepped(scale)
    if last:
        scale, align = _aligned(scale)
    together = last or chosen.even or layer.grid is not None
    weight, scale = chosen.rounding(effective, scale, wmax, together=together, bound=bound)
    if layer.grid is not None:
        return with_float_weights(weight, layer.bias, layer.grid, scale), align, width
    bias = round_half_up(layer.bias / scale)
    return Sums(weight, bias, 0 if last else chosen.shift, scale, even=False), align, width


def _aligned(scale: Floats) -> tuple[Floats, Integers]:
    """Return scales that differ by powers of two, none below the wanted one, and the shifts."""
    coarsest = scale.max()
    finer = np.clip(np.floor(np.log2(coarsest / scale)), 0, MAX_ALIGN).astype(np.int64)
    finer -= finer.min()
    return coarsest * 2.0**-finer, finer.max() - finer


def _logit_format(weight: Integers, bias: Integers, source: Format, align: Integers) -> Format:
    """Return the narrowest format that holds every aligned logit."""
    low, high = 0, 0
    for row in range(len(weight)):
        least, most = accumulator_range(weight[row : row + 1], bias[row : row + 1], source)
        low = min(low, least << int(align[row]))
        high = max(high, most << int(align[row]))
    return Format.of_width(signed_width(low, high), signed=True, frac_bits=0)


OP = QuantizedDense
