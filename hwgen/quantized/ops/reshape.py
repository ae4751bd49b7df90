"""A value's integers as other channels and positions; those that share a channel share a step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.errors import InputError
from hwgen.fixedpoint import Format, Integers, round_half_up
from hwgen.network import Floats, Shape
from hwgen.network.ops import reshape
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, floats, integers
from hwgen.quantized.precision import Precision
from hwgen.quantized.steps import Link, Steps, octaves


@dataclass(frozen=True, eq=False)
class QuantizedReshape(QuantizedOp):
    """``shift_half_up(x, down)`` in the order of positions, the channels of one side by side.

    Parameters
    ----------
    channels
        Of the output.
    shape
        Of the input.
    down
        Of each channel of the input: divided by ``2**down``, halves up. Zeros where all channels
        have one step, or each channel of the output has numbers of one of the input alone.
    out
        Format of input and output.
    scale
        Real value of one in the output, per channel.
    """

    op: ClassVar[str] = "reshape"
    depends: ClassVar[tuple[str, ...]] = ()
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "shape": tuple,
        "down": integers,
        "out": Format.from_json,
        "scale": floats,
    }
    channels: int
    shape: tuple[int, ...]
    down: Integers
    out: Format
    scale: Floats

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Those of the input, which are one step where channels are mixed."""
        del bits
        before = shapes[0][0]
        links = tuple(Link(0, first) for first in range(0, layer.channels, before))
        return Steps(links, even=_mixes(before, layer.channels))

    @property
    def output(self) -> Activations:
        """``(channels, positions)``."""
        shape = self.channels, math.prod(self.shape) // self.channels
        return Activations(shape, self.out, self.scale)


def _mixes(before: int, channels: int) -> bool:
    """Return whether numbers of several channels come to be in one."""
    return channels % before != 0


def quantize(
    layer: reshape.Reshape, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedReshape:
    """Return the integer op for `layer`.

    Raises
    ------
    InputError
        If the steps of channels that are mixed are not powers of two apart
        (`hwgen.quantized.align` sees to it).
    """
    del bits, chosen
    (source,) = sources
    scale, down = source.scale, np.zeros(len(source.scale))
    if _mixes(len(scale), layer.channels):
        down = octaves(scale.max() / scale)
        scale = scale.max(keepdims=True)
    if (down != np.round(down)).any():
        raise InputError(f"{layer.name} must read channels whose steps are powers of two apart")
    return QuantizedReshape(
        name=layer.name,
        channels=layer.channels,
        shape=source.shape,
        # More than this leaves nothing of any integer.
        down=round_half_up(np.minimum(down, source.fmt.width + 1)),
        out=source.fmt,
        scale=np.resize(scale, layer.channels),
    )


OP = QuantizedReshape
