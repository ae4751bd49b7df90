"""Samples as values: the sensor's steps in fewer bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network import Floats, Shape
from hwgen.network.grid import Grid
from hwgen.network.layer import usual
from hwgen.network.ops import direct
from hwgen.quantized.kept import grid_step, out_format
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps, octaves


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
    even
        Halves are rounded to the even integer, not up.
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
    even: bool = usual(False)

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the samples."""
        del shapes, bits
        return Steps((Link(0),), known=grid_step(layer))

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
    shift, grid = chosen.shift, layer.grid
    if grid is not None:
        shift = _down(layer.name, grid, source)
    return QuantizedDirect(
        name=layer.name,
        channels=channels,
        samples=samples,
        sample=source.fmt,
        shift=shift,
        out=Format.of_width(bits.feature, signed=True, frac_bits=0)
        if grid is None
        else out_format(grid),
        scale=source.scale * 2.0**shift,
        even=grid is not None and shift > 0 and grid.rounding == "even",
    )


def _down(name: str, grid: Grid, source: Activations) -> int:
    """Return the shift that takes samples to a grid.

    Raises
    ------
    InputError
        If there is none.
    """
    down = octaves(grid.steps(len(source.scale)) / source.scale)
    shift = round(float(down.min()))
    if (down != shift).any() or shift < 0:
        raise InputError(
            f"{name} is quantised in steps of {grid.step[0]:g}, and samples come in steps of "
            f"{source.scale.min():g}: the one must be the other times 1, 2, 4, ...; give "
            f"--input-scale or --full-scale so that it is"
        )
    if shift and grid.rounding not in ("even", "up"):
        raise InputError(
            f"{name} must be rounded to the nearest, not by {grid.rounding}; export the quantiser "
            f"of the input with the rounding mode ROUND"
        )
    return shift


OP = QuantizedDirect
