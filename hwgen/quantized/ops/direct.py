"""Samples as values: the sensor's steps in fewer bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape
from hwgen.network.ops import direct
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps


@dataclass(frozen=True, eq=False)
class QuantizedDirect(QuantizedOp):
    """``saturate(shift_half_up(sample, shift))``.

    Parameters
    ----------
    channels, samples
        Of a window.
    sample
        Format of a sample: signed ADC steps.
    shift
        Steps are divided by ``2**shift``, halves up, then saturated to `out`.
    out
        Signed format of a value.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "direct"
    depends: ClassVar[tuple[str, ...]] = ("feature",)
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "sample": Format.from_json,
        "out": Format.from_json,
        "scale": floats,
    }
    channels: int
    samples: int
    sample: Format
    shift: int
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the samples."""
        del layer, shapes, bits
        return Steps((Link(0),))

    @property
    def output(self) -> Activations:
        """``(channels, samples)``."""
        return Activations((self.channels, self.samples), self.out, self.scale)


def quantize(
    layer: direct.Direct, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedDirect:
    """Return the integer op for `layer` on the samples."""
    (source,) = sources
    channels, samples = layer.output_shape(source.shape)
    return QuantizedDirect(
        name=layer.name,
        channels=channels,
        samples=samples,
        sample=source.fmt,
        shift=chosen.shift,
        out=Format.of_width(bits.feature, signed=True, frac_bits=0),
        scale=source.scale * 2.0**chosen.shift,
    )


OP = QuantizedDirect
