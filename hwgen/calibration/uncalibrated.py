"""An integer network before any calibration: good enough to tell cycles and cells."""

from __future__ import annotations

from hwgen.network import Network
from hwgen.quantized import Bits, QuantizedModel, QuantizedOp
from hwgen.quantized.op import room

_SHIFT = 8
"""Division of a layer's sums: calibration's are near it, and little depends on it."""


def provisional(network: Network, bits: Bits, sample_rate: float | None = None) -> QuantizedModel:
    """Return the integer network of `network` with shifts that nobody has measured.

    Its shapes and widths are those of the calibrated one, its weights nearly so.
    """
    first = network.layers[0]
    ops: list[QuantizedOp] = [room("hwgen.quantized.ops", first.op).quantize(first, bits, 1.0, 0)]
    for layer in network.layers[1:]:
        rule = room("hwgen.quantized.ops", layer.op).quantize
        ops.append(rule(layer, ops[-1].output, bits, _SHIFT, last=layer is network.layers[-1]))
    classes = tuple(str(number) for number in range(ops[-1].output.shape[0]))
    return QuantizedModel(
        name=network.name,
        input_samples=network.input_samples,
        classes=classes,
        ops=tuple(ops),
        bits=bits,
        input_scale=1.0,
        sample_rate=sample_rate,
    )
