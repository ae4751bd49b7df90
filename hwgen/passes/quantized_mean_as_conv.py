"""Makes an average-pooling before a quantiser a convolution: it is rounded once."""

from __future__ import annotations

import numpy as np

from hwgen.network import Layer, Node
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.passes.grids import quantised
from hwgen.passes.rewrite import Nodes, Shapes, everywhere_shaped


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if not isinstance(node.op, AvgPool1d) or not quantised(graph, node.name):
        return None
    pool, channels = node.op, shapes[node.name][0]
    share = 1.0 / pool.size
    conv = Conv1d(
        pool.name,
        np.full((channels, 1, pool.size), share),
        np.zeros(channels),
        pool.size if pool.stride is None else pool.stride,
        pool.padding,
        relu=False,
        groups=channels,
        unit=(share,) * channels,
    )
    return graph.with_ops([conv])


run = everywhere_shaped(_match)
