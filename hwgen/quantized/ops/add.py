"""Integer sum of values whose steps are powers of two apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, Integers
from hwgen.network import Floats, Shape
from hwgen.network.grid import Grid
from hwgen.network.layer import usual
from hwgen.network.ops import add
from hwgen.quantized.kept import WAY_OUT, grid_step, out_format
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats, integers
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps, octaves

MAX_UP = 32
"""A value may be this many bits finer than what is added to it."""


@dataclass(frozen=True, eq=False)
class QuantizedAdd(QuantizedOp):
    """``saturate(shift_half_up(sum of x_i << up_i, shift))``.

    Parameters
    ----------
    shape
        Of the output; inputs may have one position of it, or be flat.
    sources
        Formats of the inputs.
    up
        ``(inputs, channels)``: bits by which a channel of an input is shifted up.
    relu
        The output is unsigned and saturates at 0.
    shift
        Sums are divided by ``2**shift``, halves up.
    out
        Format of the output.
    scale
        Real value of one in the output, per channel.
    even
        Halves are rounded to the even integer, not up.
    """

    op: ClassVar[str] = "add"
    depends: ClassVar[tuple[str, ...]] = ("activation",)
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shape": tuple,
        "sources": lambda value: tuple(Format.from_json(each) for each in value),
        "up": integers,
        "out": Format.from_json,
        "scale": floats,
    }
    shape: tuple[int, ...]
    sources: tuple[Format, ...]
    up: Integers
    relu: bool
    shift: int
    out: Format
    scale: Floats
    even: bool = usual(False)

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the inputs, which must fit."""
        del bits
        return Steps(tuple(map(Link, range(len(shapes)))), known=grid_step(layer))

    @property
    def accumulator(self) -> tuple[int, int]:
        """Range of any partial sum."""
        low = np.array([min(fmt.min, 0) for fmt in self.sources])[:, np.newaxis] << self.up
        high = np.array([fmt.max for fmt in self.sources])[:, np.newaxis] << self.up
        return int(low.sum(axis=0).min()), int(high.sum(axis=0).max())

    @property
    def output(self) -> Activations:
        """Shape of the longest input."""
        return Activations(self.shape, self.out, self.scale)


def quantize(
    layer: add.Add, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedAdd:
    """Return the integer op for `layer`.

    All channels share one shift: the coarsest input of each is shifted up by as many bits; where
    all steps must be equal, the coarsest of all.

    Raises
    ------
    InputError
        If the steps of a channel are not powers of two apart (`hwgen.quantized.align` sees to it),
        or too far.
    """
    scales = np.stack([source.scale for source in sources])
    coarsest = scales.max(axis=0)
    if chosen.even:
        coarsest = np.full_like(coarsest, coarsest.max())
    below = octaves(coarsest / scales)
    if (below != np.round(below)).any() or below.max() > MAX_UP:
        raise InputError(
            f"{layer.name} must add values whose steps are powers of two apart, 2**{MAX_UP} at "
            f"most, not {(coarsest / scales).max():g} times"
        )
    up = (below.max() - below).astype(np.int64)
    signed = not layer.relu and any(source.fmt.signed for source in sources)
    step, shift, grid = coarsest * 2.0 ** -below.max(), chosen.shift, layer.grid
    if grid is not None:
        shift = _down(layer.name, grid, step)
        if shift < 0:
            up, step, shift = up - shift, step * 2.0**shift, 0
    return QuantizedAdd(
        name=layer.name,
        shape=layer.output_shape(*(source.shape for source in sources)),
        sources=tuple(source.fmt for source in sources),
        up=up,
        relu=layer.relu,
        shift=shift,
        out=Format.of_width(bits.activation, signed=signed, frac_bits=0)
        if grid is None
        else out_format(grid),
        scale=step * 2.0**shift,
        even=grid is not None and shift > 0 and grid.rounding == "even",
    )


def _down(name: str, grid: Grid, step: Floats) -> int:
    """Return the shift that takes sums of a step a channel to a grid; negative: up.

    Raises
    ------
    InputError
        If there is none.
    """
    down = octaves(grid.steps(len(step)) / step)
    shift = round(float(down.min()))
    if (down != shift).any():
        raise InputError(
            f"{name} must add values whose steps are those of the quantiser behind it times powers "
            f"of two, not {step.min():g} for {grid.step[0]:g}; {WAY_OUT}"
        )
    if shift > 0 and grid.rounding not in ("even", "up"):
        raise InputError(
            f"{name} must be rounded to the nearest, not by {grid.rounding}; export the quantiser "
            f"of the sum with the rounding mode ROUND"
        )
    return shift


OP = QuantizedAdd
