"""How each layer fares in integers, with what it gives out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen import golden
from hwgen.fixedpoint import Format, Integers
from hwgen.metrics import sqnr_db
from hwgen.network import SAMPLES, Floats, Network, Node
from hwgen.quantized import QuantizedModel, QuantizedOp
from hwgen.quantized.samples import digitise


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """How one layer fares in integers.

    Parameters
    ----------
    name, op
        The layer.
    fmt
        Format of its output.
    shift
        Bits dropped at its rounding.
    sqnr_db
        Signal to quantization noise of the output, against the float layer in the float network;
        None where they are equal.
    saturated, values
        Outputs at an end of the format because the accumulator was beyond it, of how many.
    outputs
        The integers.
    """

    name: str
    op: str
    fmt: Format
    shift: int
    sqnr_db: float | None
    saturated: int
    values: int
    outputs: Integers

    def to_json(self) -> dict[str, Any]:
        """Return the fields but the outputs as a JSON object."""
        kept = {key: value for key, value in vars(self).items() if key != "outputs"}
        return kept | {"fmt": str(self.fmt), "width": self.fmt.width}


def layer_statistics(
    network: Network, model: QuantizedModel, windows: Floats
) -> tuple[LayerStatistics, ...]:
    """Return how each layer of `model` fares against `network` on windows ``(n, samples)`` in g."""
    references = network.activations(windows * model.input_scale)
    found: dict[str, LayerStatistics] = {}

    def step(node: Node[QuantizedOp], values: tuple[Integers, ...]) -> Integers:
        sums = golden.accumulate(node.op, *values)
        value = golden.rounded(node.op, sums)
        found[node.name] = _of_layer(node.op, sums, value, references[node.name])
        return value

    model.graph.walk(step, {SAMPLES: digitise(windows, model.bits)}, keep=())
    return tuple(found.values())


def _of_layer(
    op: QuantizedOp, sums: Integers, value: Integers, reference: Floats
) -> LayerStatistics:
    out, shift = op.output, op.dropped if op.rounds else 0
    scale = out.scale.reshape((-1,) + (1,) * (len(out.shape) - 1))
    ratio = sqnr_db(reference, value * scale)
    kept, lost = sums >> shift, 0
    if shift:
        # Below the range of an unsigned output is what the ReLU removes.
        lost = int((kept > out.fmt.max).sum()) + int(out.fmt.signed * (kept < out.fmt.min).sum())
    return LayerStatistics(
        name=op.name,
        op=op.op,
        fmt=out.fmt,
        shift=shift,
        sqnr_db=ratio if np.isfinite(ratio) else None,
        saturated=lost,
        values=int(value.size),
        outputs=value,
    )
