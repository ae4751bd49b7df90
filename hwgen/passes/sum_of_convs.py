"""Makes a sum of convolutions, or of dense layers, one layer of what they read, side by side.

Neurons that sum several powers of their inputs have it so; a partial sum is then nowhere in memory
and not rounded. Weights of what is read twice are added.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from hwgen.network import Graph, Layer, Node, Shape
from hwgen.network.ops.add import Add
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, free_name


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Add) or node.op.grid is not None:
        return None
    if len(set(node.inputs)) < len(node.inputs):
        return None
    found: dict[Any, list[Node[Layer]]] = {}
    for name in node.inputs:
        part = before(graph, name)
        if part is not None and alone(graph, name) and (kind := _kind(part, shapes)):
            found.setdefault(kind, []).append(part)
    parts = next((each for each in found.values() if len(each) > 1), None)
    if parts is None or any(shapes[part.name] != shapes[node.name] for part in parts):
        return None
    return _joined(graph, node, parts)


def _kind(part: Node[Layer], shapes: Shapes) -> tuple[Any, ...] | None:
    """Return what layers that are summed have in common; None of what is no such layer."""
    op = part.op
    if not op.linear or not isinstance(op, Conv1d | Dense) or op.unit is not None:
        return None
    read: Shape = shapes[part.inputs[0]]
    if isinstance(op, Dense):
        return "dense", read[1:]
    geometry = op.weight.shape[2], op.stride, op.sides, op.dilation
    return ("conv1d", read[1:], *geometry) if op.groups == 1 else None


def _joined(graph: Nodes, node: Node[Layer], parts: list[Node[Layer]]) -> Nodes:
    gone = {part.name for part in parts}
    rest = tuple(name for name in node.inputs if name not in gone)
    name = free_name(graph, f"{node.name}_sums") if rest else node.name
    relu = isinstance(node.op, Add) and node.op.relu and not rest
    first: Any = parts[0].op
    made = [*_one(graph, replace(first, name=name, relu=relu), parts)]
    if rest:
        made.append(Node(node.op, (*rest, name)))
    nodes: list[Node[Layer]] = []
    for each in graph.nodes:
        if each is node:
            nodes += made
        elif each.name not in gone:
            nodes.append(each)
    return Graph(graph.inputs, tuple(nodes), graph.outputs)


def _one(graph: Nodes, layer: Any, parts: list[Node[Layer]]) -> Iterator[Node[Layer]]:
    """Yield the nodes of the layer that does what all parts do."""
    weights: dict[str, Any] = {}
    for part in parts:
        op: Any = part.op
        weights[part.inputs[0]] = op.weight + weights.get(part.inputs[0], 0.0)
    read = next(iter(weights))
    if len(weights) > 1:
        read = free_name(graph, f"{layer.name}_inputs")
        yield Node(Concat(read), tuple(weights))
    bias = sum(part.op.tensors()["bias"] for part in parts)
    yield Node(replace(layer, weight=np.hstack([*weights.values()]), bias=bias), (read,))


run = everywhere_shaped(_match)
