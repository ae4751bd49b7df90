"""An output of a dense layer that has its input's shape: numbers cut as the input's are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwgen.importers.onnx.builder import Builder, Call
from hwgen.importers.onnx.view import View
from hwgen.network import Node, Shape
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.reshape import Reshape


def cut(build: Builder, ready: View, shape: Shape, samples: View) -> View:
    """Return a view with the channels and positions of the samples, where that is what is meant.

    A dense layer's numbers are in the order of the tensor, channel by channel; on chip they are
    position by position: its rows are put in that order, which costs nothing.

    Parameters
    ----------
    ready
        Of the output.
    shape
        Of its tensor, and as of which `samples` are.
    """
    several = len(samples.logical) == 2 and min(samples.logical) > 1
    if shape != samples.shape or len(ready.logical) != 1 or not several:
        return ready
    place = next(n for n, node in enumerate(build.nodes) if node.name == ready.value)
    dense = build.nodes[place].op
    read = any(ready.value in node.inputs for node in build.nodes)
    if not isinstance(dense, Dense) or read or dense.unit is not None or dense.grid is not None:
        return ready
    channels, positions = samples.logical
    if samples.order == (0, 1):
        rows = np.arange(channels * positions).reshape(channels, positions).T.reshape(-1)
        dense = replace(dense, weight=dense.weight[rows], bias=dense.bias[rows])
        build.nodes[place] = Node(dense, build.nodes[place].inputs)
    return build.put(Reshape(build.name(Call("again", "again", (), {})), channels), ready)
