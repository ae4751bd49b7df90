"""Integer long short-term memory: all steps inside are powers of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers
from hwgen.network import Shape
from hwgen.network.ops import lstm
from hwgen.quantized.op import Activations, Chosen, QuantizedOp
from hwgen.quantized.precision import Precision
from hwgen.quantized.recurrent import Formats, Rows, rows
from hwgen.quantized.steps import Steps


@dataclass(frozen=True, eq=False)
class QuantizedLstm(QuantizedOp):
    """What `hwgen.golden.ops.lstm` computes, each rounding half up, each result saturated.

    Parameters
    ----------
    length
        Positions.
    source
        Format of the input.
    width
        Bits of activations: they decide the formats inside (`hwgen.quantized.recurrent`).
    opened, proposed
        Weights of the gates i, f, o, which are sigmoids, and of g, a tanh.
    weight_bits
        Of a weight, signed.
    backwards
        Whether it goes from the last position to the first.
    """

    op: ClassVar[str] = "lstm"
    depends: ClassVar[tuple[str, ...]] = ("dense_weight", "activation")
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "opened": Rows.from_json,
        "proposed": Rows.from_json,
    }
    length: int
    source: Format
    width: int
    opened: Rows
    proposed: Rows
    weight_bits: int
    backwards: bool

    @classmethod
    def steps(cls, layer: Any, shapes: tuple[Shape, ...], bits: Precision) -> Steps:
        """Powers of two."""
        del layer, shapes, bits
        return Steps(known=1.0)

    @property
    def formats(self) -> Formats:
        """Those inside."""
        return Formats(self.width)

    @property
    def inside(self) -> tuple[Format, ...]:
        """The widest, of a state."""
        return (self.formats.state,)

    @property
    def units(self) -> int:
        """Numbers of its state."""
        return self.proposed.weight_hidden.shape[1]

    @property
    def tables(self) -> tuple[Integers, Integers]:
        """Of the sigmoid and of the tanh."""
        return self.formats.table("sigmoid"), self.formats.table("tanh")

    @property
    def output(self) -> Activations:
        """``(units, length)``."""
        scale = np.full(self.units, 2.0 ** -(self.width - 1))
        return Activations((self.units, self.length), self.formats.shown, scale)


def quantize(
    layer: lstm.Lstm, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedLstm:
    """Return the integer op for `layer` on its one source; nothing in it is calibrated."""
    del chosen
    (source,) = sources
    width = bits.activation
    given = layer.weight_input * source.scale
    kept = layer.weight_hidden * 2.0 ** -(width - 1)
    gates = np.split(np.arange(4 * layer.units), 4)

    def some(*which: int) -> Rows:
        of = np.concatenate([gates[each] for each in which])
        least = Formats(width).gate_octave
        return rows(given[of], kept[of], layer.bias[of], bits.dense_weight, least)

    return QuantizedLstm(
        name=layer.name,
        length=source.shape[1],
        source=source.fmt,
        width=width,
        opened=some(0, 1, 3),
        proposed=some(2),
        weight_bits=bits.dense_weight,
        backwards=layer.backwards,
    )


OP = QuantizedLstm
