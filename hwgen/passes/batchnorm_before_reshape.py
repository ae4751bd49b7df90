"""Puts a batch normalisation before a reshape that makes positions of channels.

There it is each channel's as often as the channel becomes a position, and folds into the
convolution: what a transposed convolution is followed by.
"""

from __future__ import annotations

import numpy as np

from hwgen.network import Layer, Node
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.reshape import Reshape
from hwgen.passes.rewrite import Nodes, Shapes, alone, before, everywhere_shaped, swapped


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, BatchNorm1d) or node.op.grid is not None:
        return None
    source = before(graph, node.inputs[0])
    if source is None or not isinstance(source.op, Reshape) or not alone(graph, source.name):
        return None
    times, rest = divmod(shapes[source.inputs[0]][0], source.op.channels)
    if rest or len(shapes[source.inputs[0]]) != 2:
        return None
    # The channels of one position after the other: each of them has all of the latter's.
    op = node.op
    weight, bias, mean, variance = (
        np.tile(each, times) for each in (op.weight, op.bias, op.mean, op.variance)
    )
    norm = BatchNorm1d(op.name, weight, bias, mean, variance, op.eps)
    return swapped(graph, source, Node(norm, node.inputs))


run = everywhere_shaped(_match)
