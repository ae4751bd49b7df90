"""Integer long short-term memory: all steps inside are powers of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hwgen.fixedpoint import Format
from hwgen.network.ops import lstm
from hwgen.quantized.op import Activations, Chosen
from hwgen.quantized.precision import Precision
from hwgen.quantized.recurrent import Formats, QuantizedRecurrent, Rows, rows


@dataclass(frozen=True, eq=False)
class QuantizedLstm(QuantizedRecurrent):
    """What `hwgen.golden.ops.lstm` computes, each rounding half up, each result saturated.

    Parameters
    ----------
    opened, proposed
        Weights of the gates i, f, o, which are sigmoids, and of g, a tanh.
    """

    op: ClassVar[str] = "lstm"
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "opened": Rows.from_json,
        "proposed": Rows.from_json,
    }
    opened: Rows
    proposed: Rows

    @property
    def units(self) -> int:
        """Numbers of its state."""
        return self.proposed.weight_hidden.shape[1]


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
