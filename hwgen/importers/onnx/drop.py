"""A network without the quantisers that it was trained with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hwgen.network import Graph, Layer, Network, Node
from hwgen.network.ops.identity import Identity
from hwgen.network.ops.quantizer import Quantizer
from hwgen.network.ops.relu import Relu


def dropped(network: Network) -> tuple[Network, str]:
    """Return the network of floats, and what is to be said of it.

    Weights stay what the training rounded them to. A quantiser without negative numbers is a ReLU.
    """
    graph = network.graph
    nodes = tuple(Node(_float(node.op), node.inputs) for node in graph.nodes)
    made = replace(network, graph=Graph(graph.inputs, nodes, graph.outputs))
    changed = sum(one is not other.op for one, other in zip(graph.ops, nodes, strict=True))
    if not changed:
        return network, "a network without quantisers: --quantizers drop does nothing"
    return made, (
        f"a network of floats: the quantisers of the file are dropped ({changed} layers), weights "
        f"are what it rounds them to (--quantizers)"
    )


def _float(layer: Any) -> Layer:
    if isinstance(layer, Quantizer):
        assert layer.grid is not None
        return Identity(layer.name) if layer.grid.signed else Relu(layer.name)
    found: Layer = replace(layer, unit=None) if getattr(layer, "unit", None) else layer
    return found
