"""Networks that say how far a window is from what they know: autoencoders with a score.

The score is the squared error of the reconstruction, over all of its numbers. It is the second of
two logits, beside a threshold, so that all that is done with a class is done with "anomaly".
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from hwgen.errors import InputError
from hwgen.network.graph import Graph, Node, Output
from hwgen.network.layer import Layer, Shape
from hwgen.network.network import Network
from hwgen.network.ops.add import Add
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.score import Score

CLASSES = ("normal", "anomaly")
"""Of the two logits."""

ERROR, SCORE = "error", "score"
"""Names of the difference and of the score, as long as no other node has them."""


def scored(
    graph: Graph[Layer], made: str, given: str, shapes: dict[str, Shape], score: Score | None = None
) -> Graph[Layer]:
    """Return a graph whose only output says whether a reconstruction is off.

    Parameters
    ----------
    made
        Name of the reconstruction.
    given
        Name of the value that it is to be equal to, of the same shape but for how it is cut.
    shapes
        Of all values, one window's.
    score
        Of another threshold than none.

    Raises
    ------
    InputError
        If the two have not as many numbers.
    """
    if not alike(shapes[made], shapes[given]):
        raise InputError(
            f"an autoencoder must give the numbers that it takes, {shapes[given]} of {given}, not "
            f"{shapes[made]} of {made}"
        )
    graph, made = _uncut(graph, made, shapes)
    nodes = list(graph.nodes)
    one, channels = _negative(graph, nodes, made, shapes)
    other = given
    if len(shapes[given]) == 1 or shapes[given][0] != channels:
        other = _add(nodes, Reshape(_free(nodes, f"{given}_cut"), channels), given)
    error = _add(nodes, Add(_free(nodes, ERROR)), one, other)
    kind = score or Score(SCORE)
    last = _add(nodes, dataclasses.replace(kind, name=_free(nodes, kind.name)), error)
    return Graph(graph.inputs, _wanted(nodes, last), (Output(last),))


def _wanted(nodes: list[Node[Layer]], last: str) -> tuple[Node[Layer], ...]:
    """Return the nodes that one hangs on: what else the network gave is left out."""
    wanted = {last}
    for node in reversed(nodes):
        if node.name in wanted:
            wanted.update(node.inputs)
    return tuple(node for node in nodes if node.name in wanted)


def _uncut(graph: Graph[Layer], made: str, shapes: dict[str, Shape]) -> tuple[Graph[Layer], str]:
    """Return the graph without the cut of flat numbers at its end: the input is cut instead."""
    node = None if made in graph.inputs else graph[made]
    if node is None or not isinstance(node.op, Reshape) or graph.readers(made):
        return graph, made
    (source,) = node.inputs
    if source in graph.inputs or len(shapes[source]) != 1 or len(graph.readers(source)) > 1:
        return graph, made
    nodes = tuple(each for each in graph.nodes if each is not node)
    outputs = (*(o for o in graph.outputs if o.source != made), Output(source, "values"))
    return Graph(graph.inputs, nodes, outputs), source


def alike(made: Shape, given: Shape) -> bool:
    """Return whether two values have their numbers in one order, however these are cut."""
    flat = [shape for shape in (made, given) if len(shape) == 1 or 1 in shape]
    return made == given or (len(flat) == 2 and math.prod(made) == math.prod(given))


def score_of(network: Network) -> Score | None:
    """Return the score that a network's class hangs on; None where it has classes proper."""
    name = network.class_output
    if name is None or name in network.graph.inputs:
        return None
    op = network.graph[name].op
    return op if isinstance(op, Score) else None


def with_score(network: Network, score: Score) -> Network:
    """Return a network that `score_of` has a score of, with another one of the same name."""
    return network.with_layers((score,))


def _negative(
    graph: Graph[Layer], nodes: list[Node[Layer]], made: str, shapes: dict[str, Shape]
) -> tuple[str, int]:
    """Make a value, or what takes its place, negative; return its name, and how many channels.

    The weights of what makes it are, where nothing else reads it: that costs nothing.
    """
    shape = shapes[made]
    node = None if made in graph.inputs or graph.readers(made) else graph[made]
    place = None if node is None else nodes.index(node)
    if node is not None and place is not None and (negative := _negated(node.op)) is not None:
        if not isinstance(negative, Dense):
            if len(shape) == 2:
                nodes[place] = Node(negative, node.inputs)
                return made, shape[0]
        elif len(shapes[node.inputs[0]]) == 1:
            # As a convolution of one position: to what that sums something may be added.
            nodes[place] = Node(_as_conv(negative), (f"{made}_read",))
            read = Reshape(f"{made}_read", shapes[node.inputs[0]][0])
            nodes.insert(place, Node(read, node.inputs))
            return made, shape[0]
    source, channels = made, shape[0]
    if len(shape) == 1:
        source, channels = _add(nodes, Reshape(_free(nodes, f"{made}_row"), 1), made), 1
    minus = Conv1d(
        _free(nodes, f"{made}_minus"), -np.ones((channels, 1, 1)), np.zeros(channels), 1, 0,
        relu=False, groups=channels,
    )  # fmt: skip
    return _add(nodes, minus, source), channels


def _as_conv(dense: Dense) -> Conv1d:
    return Conv1d(
        dense.name, dense.weight[:, :, np.newaxis], dense.bias, 1, 0, relu=False, unit=dense.unit
    )


def _negated(op: Layer) -> Layer | None:
    """Return an op that gives the negative of what `op` does; None where there is none."""
    if op.grid is not None or op.rectified or getattr(op, "residual", False):
        return None
    if isinstance(op, Conv1d | Dense | BatchNorm1d):
        return dataclasses.replace(op, weight=-op.weight, bias=-op.bias)
    return None


def _add(nodes: list[Node[Layer]], op: Layer, *sources: str) -> str:
    nodes.append(Node(op, sources))
    return op.name


def _free(nodes: list[Node[Layer]], name: str) -> str:
    """Return a name that no node has, made of one."""
    taken = {node.name for node in nodes}
    number, found = 2, name
    while found in taken:
        number, found = number + 1, f"{name}_{number}"
    return found
