"""A function of each value as a table: one entry for each integer of the input's format."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, Integers, round_half_up, saturate, shift_half_up
from hwgen.network import Floats, Shape
from hwgen.network.grid import Grid
from hwgen.network.ops import table
from hwgen.quantized.kept import grid_step, out_format
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats, integers
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Steps, octaves

MAX_WIDTH = 16
"""Bits of what is looked up, at most."""

FINE = 20
"""Bits of the largest value before its rounding."""

_REACH = 16.0
"""Functions show their sign this near to zero."""


@dataclass(frozen=True, eq=False)
class QuantizedTable(QuantizedOp):
    """``saturate(shift_half_up(values[(x >> down) - least input], shift))``, element by element.

    Parameters
    ----------
    shape
        Of the input.
    source
        Format of the input.
    down
        ``(channels,)``: a channel is divided by ``2**down``, halves up, before it is looked up.
    values
        ``(2**width of source,)`` integers: the function of each input, from the least one on.
    shift
        Values are divided by ``2**shift``, halves up.
    out
        Format of the output.
    scale
        Real value of one in the output, per channel; all are equal.
    """

    op: ClassVar[str] = "table"
    depends: ClassVar[tuple[str, ...]] = ("activation",)
    usual_shift: ClassVar[int] = FINE - 8
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shape": tuple,
        "source": Format.from_json,
        "up": integers,
        "down": integers,
        "values": integers,
        "out": Format.from_json,
        "scale": floats,
    }
    shape: tuple[int, ...]
    source: Format
    down: Integers
    values: Integers
    shift: int
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Powers of two; all channels of the input share the table."""
        del shapes, bits
        return Steps(known=grid_step(layer) or 1.0, even=True)

    @property
    def entries(self) -> Integers:
        """The table on chip: the output for each input, from the least one on."""
        return saturate(shift_half_up(self.values, self.shift), self.out.min, self.out.max)

    @property
    def output(self) -> Activations:
        """Shape of the input."""
        return Activations(self.shape, self.out, self.scale)


def quantize(
    layer: table.Table, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedTable:
    """Return the integer op for `layer` on its one source.

    Raises
    ------
    InputError
        If the source's values are too wide, or the steps of its channels are not powers of two
        apart (`hwgen.quantized.align` sees to it).
    """
    (source,) = sources
    if source.fmt.width > MAX_WIDTH:
        raise InputError(
            f"{layer.name} must read values of at most {MAX_WIDTH} bits, not {source.fmt.width}; "
            f"logits need no function: it keeps their order"
        )
    step = source.scale.max()
    down = octaves(step / source.scale)
    if (down != np.round(down)).any():
        raise InputError(f"{layer.name} must read channels whose steps are powers of two apart")
    real = layer.apply(np.arange(source.fmt.min, source.fmt.max + 1) * step)
    if layer.grid is not None:
        return _on_grid(layer, layer.grid, source, round_half_up(down), real)
    largest = float(np.abs(real).max())
    fine = 2.0 ** (math.ceil(math.log2(largest)) - FINE) if largest else 1.0
    values = round_half_up(real / fine)
    return QuantizedTable(
        name=layer.name,
        shape=source.shape,
        source=source.fmt,
        down=round_half_up(down),
        values=values,
        shift=chosen.shift,
        out=Format.of_width(bits.activation, signed=_signed(layer, source.fmt), frac_bits=0),
        scale=np.full(source.shape[0], fine * 2.0**chosen.shift),
    )


def _on_grid(
    layer: table.Table, grid: Grid, source: Activations, down: Integers, real: Floats
) -> QuantizedTable:
    """Return the table of a function whose results are rounded to a grid: nothing else is.

    Raises
    ------
    InputError
        If channels have other steps.
    """
    if down.any():
        raise InputError(
            f"{layer.name} must read channels of one step to be rounded once, not of steps that "
            f"are powers of two apart; give all channels one quantiser"
        )
    return QuantizedTable(
        name=layer.name,
        shape=source.shape,
        source=source.fmt,
        down=down,
        values=round_half_up(grid.integers(real[:, np.newaxis])[:, 0]),
        shift=0,
        out=out_format(grid),
        scale=grid.steps(source.shape[0]),
    )


def _signed(layer: table.Table, source: Format) -> bool:
    """Return whether the function goes below zero, whatever the step of what it reads."""
    reals = np.linspace(-_REACH if source.signed else 0.0, _REACH, 257)
    return bool((layer.apply(reals) < 0).any())


OP = QuantizedTable
