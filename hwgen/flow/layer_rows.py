"""The layers of a network as rows: what each is, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwgen.network import Layer, Network, Node, Shape
from hwgen.quantized import QuantizedModel


@dataclass(frozen=True)
class LayerRow:
    """A layer of the network, as it will be built.

    Parameters
    ----------
    name, op
        Its own name, and its kind.
    reads
        Names of what it reads.
    shape
        Of a window's output.
    parameters, macs
        Trained values, and products with them in a window.
    reason
        Why it cannot be done; None where it can.
    """

    name: str
    op: str
    reads: tuple[str, ...]
    shape: Shape
    parameters: int
    macs: int
    reason: str | None = None

    @classmethod
    def of(cls, node: Node[Layer], shapes: Mapping[str, Shape]) -> LayerRow:
        """Return the row of a node."""
        shape = shapes[node.name]
        tensors = node.op.tensors()
        positions = shape[1] if len(shape) == 2 else 1
        # Biases are rows of numbers, weights have more axes.
        macs = positions * sum(tensor.size for tensor in tensors.values() if tensor.ndim > 1)
        parameters = sum(tensor.size for tensor in tensors.values())
        return cls(node.name, node.op.op, node.inputs, shape, parameters, macs)


def rows(network: Network) -> tuple[LayerRow, ...]:
    """Return all rows, in order."""
    shapes = network.shapes()
    return tuple(LayerRow.of(node, shapes) for node in network.graph.nodes)


def section(network: Network, model: QuantizedModel) -> dict[str, Any]:
    """Return the report's ``network``: sizes, and each layer with the bits of its values."""
    found = rows(network)
    bits = {node.name: node.op.output.fmt.width for node in model.graph.nodes}
    weights = {node.name: getattr(node.op, "weight_bits", None) for node in model.graph.nodes}
    return {
        "parameters": sum(row.parameters for row in found),
        "macs": sum(row.macs for row in found),
        "layers": [
            {
                "name": row.name,
                "op": row.op,
                "shape": list(row.shape),
                "parameters": row.parameters,
                "macs": row.macs,
                "bits": bits.get(row.name),
                "weight_bits": weights.get(row.name),
            }
            for row in found
        ],
    }


def timed(
    part: Mapping[str, Any], cycles: Mapping[str, int], utilisation: float | None
) -> dict[str, Any]:
    """Return the report's ``network`` with the cycles of each layer, where it has some of its own.

    A layer that is the end of the one before it has none.
    """
    layers = [each | {"cycles": cycles.get(each["name"])} for each in part["layers"]]
    return {**part, "utilisation": utilisation, "layers": layers}
