"""What a network does with its samples before all else."""

from __future__ import annotations

import dataclasses

from hwgen.network.graph import Graph, Node
from hwgen.network.layer import Layer
from hwgen.network.network import SAMPLES
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.normalise import Normalise

FILTERS = "front_"
"""What the names of filters in front of a network begin with."""


def reads_samples(graph: Graph[Layer]) -> bool:
    """Return whether a network begins with its samples, normalised or not."""
    return all(isinstance(node.op, (Direct, Normalise)) for node in _first(graph))


def normalised(graph: Graph[Layer]) -> str | None:
    """Return by which method a network normalises its windows; None where it does not."""
    return next((node.op.method for node in _first(graph) if isinstance(node.op, Normalise)), None)


def with_windows(graph: Graph[Layer], method: str | None) -> Graph[Layer]:
    """Return a graph that `reads_samples`, with windows normalised by a method; None: not."""

    def op(node: Node[Layer]) -> Layer:
        if SAMPLES not in node.inputs:
            return node.op
        if method is None:
            return Direct(node.name, grid=node.op.grid)
        return Normalise(node.name, method, grid=node.op.grid)

    nodes = tuple(Node(op(node), node.inputs) for node in graph.nodes)
    return dataclasses.replace(graph, nodes=nodes)


def _first(graph: Graph[Layer]) -> list[Node[Layer]]:
    return [node for node in graph.nodes if SAMPLES in node.inputs]
