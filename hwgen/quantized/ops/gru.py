"""Integer gated recurrent unit: all steps inside are powers of two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hwgen.fixedpoint import Format
from hwgen.network.ops import gru
from hwgen.quantized.op import Activations, Chosen
from hwgen.quantized.precision import Precision
from hwgen.quantized.recurrent import Formats, QuantizedRecurrent, Rows, rows


@dataclass(frozen=True, eq=False)
class QuantizedGru(QuantizedRecurrent):
    """What `hwgen.golden.ops.gru` computes, each rounding half up, each result saturated.

    Parameters
    ----------
    opened
        Weights of the gates r and z.
    given, kept
        Those of n that meet the input, and those that meet the state before.
    """

    op: ClassVar[str] = "gru"
    decoders: ClassVar[dict[str, Callable[[Any], Any]]] = {
        "source": Format.from_json,
        "opened": Rows.from_json,
        "given": Rows.from_json,
        "kept": Rows.from_json,
    }
    opened: Rows
    given: Rows
    kept: Rows

    @property
    def units(self) -> int:
        """Numbers of its state."""
        return self.kept.weight_hidden.shape[1]


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
