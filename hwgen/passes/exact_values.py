"""Gives sums and means of values on a grid a grid of their own, on which nothing is rounded.

A file that says where values are rounded means that they are not where it says nothing.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from hwgen.errors import InputError
from hwgen.network import Layer, Node
from hwgen.network.grid import Grid
from hwgen.network.ops.add import Add
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.table import Table
from hwgen.passes.grids import grid_of
from hwgen.passes.rewrite import Nodes, Shapes, everywhere_shaped


def _match(graph: Nodes, node: Node[Layer], shapes: Shapes) -> Nodes | None:
    if node.op.grid is not None:
        return None
    grids = [found for name in node.inputs if (found := grid_of(graph, name)) is not None]
    if len(grids) < len(node.inputs) or not grids:
        return None
    try:
        made = _exact(node.op, grids, shapes[node.name][0])
    except InputError:
        return None  # wider than a value can be: calibration chooses
    return None if made is None else graph.with_ops([made])


def _exact(op: Layer, grids: list[Grid], channels: int) -> Layer | None:
    if isinstance(op, Add):
        return replace(op, grid=_sum(op, grids))
    if isinstance(op, Table) and op.function == "relu":
        return replace(op, grid=grids[0].rectified(op.name))
    if isinstance(op, AvgPool1d):
        share, size = 1.0 / op.size, op.size
        (grid,) = grids
        mean = Grid((grid.step[0] * share,), size * grid.low, size * grid.high).whole
        return Conv1d(
            op.name,
            np.full((channels, 1, size), share),
            np.zeros(channels),
            size if op.stride is None else op.stride,
            op.padding,
            relu=False,
            groups=channels,
            unit=(share,) * channels,
            grid=mean,
        )
    return None


def _sum(op: Add, grids: list[Grid]) -> Grid | None:
    """Return the grid of sums; None where steps are not powers of two apart."""
    step = min(grid.step[0] for grid in grids)
    ups = [math.log2(grid.step[0] / step) for grid in grids]
    if any(not up.is_integer() for up in ups):
        return None
    low = sum(grid.low * 2 ** int(up) for grid, up in zip(grids, ups, strict=True))
    high = sum(grid.high * 2 ** int(up) for grid, up in zip(grids, ups, strict=True))
    return Grid((step,), 0 if op.relu else low, high).whole


run = everywhere_shaped(_match)
