"""Integer gated recurrent unit: all steps inside are powers of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format, Integers
from hwgen.network import Shape
from hwgen.network.ops import gru
from hwgen.quantized.op import Activations, Chosen, QuantizedOp
from hwgen.quantized.precision import Precision
from hwgen.quantized.recurrent import Formats, Rows, rows
from hwgen.quantized.steps import Steps


@dataclass(frozen=True, eq=False)
class QuantizedGru(QuantizedOp):
    """What `hwgen.golden.ops.gru` computes, each rounding half up, each result saturated.

    Parameters
    ----------
    length, source, width, weight_bits, backwards
        As in `hwgen.quantized.ops.lstm.QuantizedLstm`.
    opened
        Weights of the gates r and z.
    given, kept
        Those of n that meet the input, and those that meet the state before.
    """

    op: ClassVar[str] = "gru"
    depends: ClassVar[tuple[str, ...]] = ("dense_weight", "activation")
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "opened": Rows.from_json,
        "given": Rows.from_json,
        "kept": Rows.from_json,
    }
    length: int
    source: Format
    width: int
    opened: Rows
    given: Rows
    kept: Rows
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
        return self.kept.weight_hidden.shape[1]

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
    layer: gru.Gru, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedGru:
    """Return the integer op for `layer` on its one source; nothing in it is calibrated."""
    del chosen
    (source,) = sources
    width, units = bits.activation, layer.units
    given = layer.weight_input * source.scale
    kept = layer.weight_hidden * 2.0 ** -(width - 1)
    gates, last = slice(None, 2 * units), slice(2 * units, None)
    weight, least = bits.dense_weight, Formats(width).gate_octave
    bias, hidden = layer.bias, layer.bias_hidden
    return QuantizedGru(
        name=layer.name,
        length=source.shape[1],
        source=source.fmt,
        width=width,
        opened=rows(given[gates], kept[gates], bias[gates] + hidden[gates], weight, least),
        # What r is multiplied by is in steps of a state, and is added to these sums.
        given=rows(given[last], 0 * kept[last], bias[last], weight, width),
        kept=rows(0 * given[last], kept[last], hidden[last], weight, width),
        weight_bits=weight,
        backwards=layer.backwards,
    )


OP = QuantizedGru
