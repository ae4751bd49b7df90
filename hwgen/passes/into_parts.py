"""Makes what is done to every number behind a concatenation the end of the layers before it.

Modules of Inception's kind have it so: convolutions side by side, one batch normalisation and one
ReLU behind all of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hwgen.network import Layer, Node
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.relu import Relu
from hwgen.passes.fold_batchnorm import folded
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, without


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, Relu | BatchNorm1d):
        return None
    joined = before(graph, node.inputs[0])
    if joined is None or not isinstance(joined.op, Concat) or not alone(graph, joined.name):
        return None
    parts = [before(graph, name) for name in joined.inputs]
    ops = [part.op for part in parts if part and part.op.linear and alone(graph, part.name)]
    # A part that takes it in no way would need a step of its own: no better than one for all.
    if len(ops) < len(parts) or len(set(joined.inputs)) < len(parts):
        return None
    if isinstance(node.op, Relu):
        ended: list[Layer] = [_rectified(op) for op in ops]
    else:
        ends = np.cumsum([shapes[op.name][0] for op in ops])
        ended = [
            folded(op, _channels(node.op, int(end) - shapes[op.name][0], int(end)))
            for op, end in zip(ops, ends, strict=True)
        ]
    graph = graph.with_ops(ended)
    return without(graph, graph[node.name])


def _rectified(layer: Any) -> Layer:
    ended: Layer = replace(layer, relu=True)
    return ended


def _channels(norm: BatchNorm1d, begin: int, end: int) -> BatchNorm1d:
    """Return the normalisation of some of the channels."""
    some: dict[str, Any] = {key: value[begin:end] for key, value in norm.tensors().items()}
    return replace(norm, **some)


run = everywhere_shaped(_match)
