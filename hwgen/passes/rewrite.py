"""What passes are made of: one place in a graph, and the graph with something else there."""

from __future__ import annotations

from collections.abc import Callable

from hwgen.network import Graph, Layer, Node, Output

Nodes = Graph[Layer]

Match = Callable[[Nodes, Node[Layer]], Nodes | None]
"""Returns the graph without a node that the pass is about, or None if it is not about this one."""


def everywhere(match: Match) -> Callable[[Nodes], Nodes]:
    """Return the pass that applies `match` to every node in turn."""

    def run(graph: Nodes) -> Nodes:
        for name in [node.name for node in graph.nodes]:
            if any(node.name == name for node in graph.nodes):
                graph = match(graph, graph[name]) or graph
        return graph

    return run


def alone(graph: Nodes, name: str) -> bool:
    """Return whether a value has one reader and is no output."""
    return len(graph.readers(name)) == 1 and not graph.leaves(name)


def before(graph: Nodes, name: str) -> Node[Layer] | None:
    """Return the node that gives a value; None for what comes from outside."""
    return None if name in graph.inputs else graph[name]


def merged(graph: Nodes, gone: Node[Layer], into: Node[Layer]) -> Nodes:
    """Return the graph with `into` in the place of `gone` and of the node of its own name.

    Who reads `gone` reads `into`.
    """
    kept = [node for node in graph.nodes if node.name != into.name]
    return _renamed(graph, [into if node is gone else node for node in kept], gone.name, into.name)


def without(graph: Nodes, gone: Node[Layer]) -> Nodes:
    """Return the graph in which what `gone` reads, one value, is read in its stead."""
    kept = [node for node in graph.nodes if node is not gone]
    return _renamed(graph, kept, gone.name, gone.inputs[0])


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
