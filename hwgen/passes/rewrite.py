"""What passes are made of: one place in a graph, and the graph with something else there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hwgen.network import Floats, Graph, Layer, Network, Node, Output, Shape

Nodes = Graph[Layer]

Match = Callable[[Nodes, Node[Layer]], Nodes | None]
"""Returns the graph rewritten where a node is, or None if the pass is not about this node."""

Shapes = Mapping[str, Shape]
"""Of the values, by name."""

ShapedMatch = Callable[[Nodes, Node[Layer], Shapes], Nodes | None]
"""A `Match` that must know shapes. A value that it makes anew has the shape of what it replaces."""

Pass = Callable[[Network], Nodes]
"""Returns the rewritten graph of a network; the same one where there is nothing to do."""


def everywhere(match: Match) -> Pass:
    """Return the pass that applies `match` to every node in turn."""
    return everywhere_shaped(lambda graph, node, _: match(graph, node))


def everywhere_shaped(match: ShapedMatch) -> Pass:
    """Return the pass that applies `match` to every node in turn."""

    def run(network: Network) -> Nodes:
        graph, shapes = network.graph, network.shapes()
        for name in [node.name for node in graph.nodes]:
            if any(node.name == name for node in graph.nodes):
                graph = match(graph, graph[name], shapes) or graph
        return graph

    return run


def alone(graph: Nodes, name: str) -> bool:
    """Return whether a value has one reader and is no output."""
    return len(graph.readers(name)) == 1 and not graph.leaves(name)


def before(graph: Nodes, name: str) -> Node[Layer] | None:
    """Return the node that gives a value; None for what comes from outside."""
    return None if name in graph.inputs else graph[name]


def swapped(graph: Nodes, first: Node[Layer], second: Node[Layer]) -> Nodes:
    """Return the graph in which `second`, the only reader of `first`, comes before it.

    Both take one value; who reads `second` reads `first`.
    """
    turned = {
        first.name: Node(second.op, first.inputs),
        second.name: Node(first.op, (second.name,)),
    }

    def name(each: str) -> str:
        return first.name if each == second.name else each

    return Graph(
        graph.inputs,
        tuple(
            turned.get(node.name) or Node(node.op, tuple(map(name, node.inputs)))
            for node in graph.nodes
        ),
        tuple(Output(name(output.source), output.kind) for output in graph.outputs),
    )


def merged(graph: Nodes, gone: Node[Layer], into: Node[Layer]) -> Nodes:
    """Return the graph with `into` in the place of `gone` and of the node of its own name.

    Who reads `gone` reads `into`.
    """
    kept = [node for node in graph.nodes if node.name != into.name]
    return _renamed(graph, [into if node is gone else node for node in kept], gone.name, into.name)


def without(graph: Nodes, gone: Node[Layer], instead: str | None = None) -> Nodes:
    """Return the graph in which another value is read in the stead of what `gone` gives.

    `instead` is what `gone` reads, one value, unless it is said.
    """
    kept = [node for node in graph.nodes if node is not gone]
    return _renamed(graph, kept, gone.name, instead or gone.inputs[0])


def _renamed(graph: Nodes, nodes: list[Node[Layer]], old: str, new: str) -> Nodes:
    def name(each: str) -> str:
        return new if each == old else each

    return Graph(
        graph.inputs,
        tuple(
            Node(node.op, tuple(map(name, node.inputs))) if old in node.inputs else node
            for node in nodes
        ),
        tuple(Output(name(output.source), output.kind) for output in graph.outputs),
    )


def inserted(graph: Nodes, behind: Node[Layer], new: Layer) -> Nodes:
    """Return the graph in which who reads `behind` reads `new`, which reads `behind`."""
    kept: list[Node[Layer]] = []
    for node in graph.nodes:
        reads = tuple(new.name if each == behind.name else each for each in node.inputs)
        kept.append(Node(node.op, reads))
        if node.name == behind.name:
            kept.append(Node(new, (behind.name,)))
    outputs = tuple(
        Output(new.name if each.source == behind.name else each.source, each.kind)
        for each in graph.outputs
    )
    return Graph(graph.inputs, tuple(kept), outputs)


def free_name(graph: Nodes, wanted: str) -> str:
    """Return a name that no value has."""
    taken = {*graph.inputs, *(node.name for node in graph.nodes)}
    numbers = (f"{wanted}_{n}" for n in range(2, len(taken) + 3))
    return next(each for each in (wanted, *numbers) if each not in taken)


def times(unit: tuple[float, ...] | None, gain: Floats) -> tuple[float, ...] | None:
    """Return what ones in the integer weights of rows are worth when the rows are multiplied."""
    if unit is None:
        return None
    # Weights of a row that is multiplied by 0 are 0 in any unit.
    return tuple(u * abs(g) if g else u for u, g in zip(unit, gain.tolist(), strict=True))
