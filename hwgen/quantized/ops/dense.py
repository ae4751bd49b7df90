"""Integer dense layer: hidden (requantized) or last (exact logits, aligned by shifts)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers, round_half_up, signed_width
from hwgen.network import Floats
from hwgen.network.ops import dense
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

    @property
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
    (source,), last, shift = sources, chosen.exact, chosen.shift
    width = bits.dense_weight
    wmax = (1 << (width - 1)) - 1
    effective = layer.weight * layer.columns(source.scale)
    most = MAX_BIAS if last else rounded_bias_bound(wmax, source.fmt)
    scale = row_scales(effective, layer.bias, wmax, most)
    align = np.zeros(len(scale), dtype=np.int64)
    scale, bound = chosen.stepped(scale)
    if last:
        scale, align = _aligned(scale)
    together = last or chosen.even
    weight, scale = chosen.rounding(effective, scale, wmax, together=together, bound=bound)
    bias = round_half_up(layer.bias / scale)
    if last:
        out = _logit_format(weight, bias, source.fmt, align)
        step = scale / 2.0**align
    else:
        out = Format.of_width(bits.activation, signed=not layer.relu, frac_bits=0)
        step = scale * 2.0**shift
    return QuantizedDense(
        name=layer.name,
        shape=source.shape,
        source=source.fmt,
        weight=weight,
        bias=bias,
        weight_bits=width,
        relu=layer.relu,
        last=last,
        shift=0 if last else shift,
        align=align,
        out=out,
        scale=step,
    )


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
