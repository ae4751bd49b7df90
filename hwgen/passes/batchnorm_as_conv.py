"""Makes batch normalisation that is left over a depthwise convolution of one tap."""

from __future__ import annotations

import numpy as np

from hwgen.network import Layer, Node
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.passes.grids import quantised
from hwgen.passes.rewrite import Nodes, Shapes, everywhere_shaped, times


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, BatchNorm1d) or len(shapes[node.name]) != 2:
        return None
    norm = node.op
    weight = norm.gain[:, np.newaxis, np.newaxis]
    # What is rounded to a grid behind it is to be so without a rounding of the gains before.
    unit = times((1.0,) * len(norm.gain), norm.gain) if quantised(graph, node.name) else None
    conv = Conv1d(
        norm.name, weight, norm.offset, 1, 0, relu=False, groups=len(norm.gain), unit=unit
    )
    return graph.with_ops([conv])


run = everywhere_shaped(_match)
