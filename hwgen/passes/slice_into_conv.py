"""Leaves out at a convolution what a slice behind it takes away: less padding, no step of its own.

Causal convolutions are written so: padded on both sides, and cut off behind.
"""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.slice import Slice
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, merged


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    cut = node.op
    source = before(graph, node.inputs[0])
    if not isinstance(cut, Slice) or cut.axis != "positions" or source is None:
        return None
    conv = source.op
    if not isinstance(conv, Conv1d) or conv.residual or not alone(graph, source.name):
        return None
    positions = shapes[node.inputs[0]][-1]
    ends = cut.begin, positions - cut.begin - cut.count
    left, right = (side - end * conv.stride for side, end in zip(conv.sides, ends, strict=True))
    if min(left, right) < 0:
        return None
    shorter = replace(conv, padding=left, padding_right=None if left == right else right)
    return merged(graph, node, Node(shorter, source.inputs))


run = everywhere_shaped(_match)
