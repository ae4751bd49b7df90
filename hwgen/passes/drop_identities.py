"""Takes out what does nothing when a network is used."""

from __future__ import annotations

from hwgen.network import Layer, Node
from hwgen.network.ops.identity import Identity
from hwgen.passes.rewrite import Nodes, everywhere, without


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Identity) or len(graph.nodes) == 1:
        return None
    return without(graph, node)


run = everywhere(_match)
