"""An integer network made again: other weights or other bits, the same shifts."""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Network
from hwgen.quantized.bits import Bits
from hwgen.quantized.model import QuantizedModel
from hwgen.quantized.op import QuantizedOp, room


def requantized(
    network: Network, model: QuantizedModel, bits: Bits | None = None
) -> QuantizedModel:
    """Return the integer network of `network` in `bits`, with the shifts of `model`.

    Parameters
    ----------
    network
        With the layers that `model` was made of, whatever their weights.
    model
        Gives shifts, and bits where none are given: then its first op, which has no weights, is
        taken as it is.
    """
    first: QuantizedOp = model.ops[0]
    if bits is None:
        bits = model.bits
    else:
        layer = network.layers[0]
        rule = room("hwgen.quantized.ops", layer.op).quantize
        first = rule(layer, bits, model.input_scale, getattr(first, "shift", 0))
    ops = [first]
    for layer, old in zip(network.layers[1:], model.ops[1:], strict=True):
        rule = room("hwgen.quantized.ops", layer.op).quantize
        shift, last = getattr(old, "shift", 0), layer is network.layers[-1]
        ops.append(rule(layer, ops[-1].output, bits, shift, last=last))
    return replace(model, ops=tuple(ops), bits=bits)
