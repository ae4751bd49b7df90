"""Makes powers of what others read, too, products of the value with itself.

A table is shared by all channels, whose steps must then be powers of two apart; of a product each
channel's step is its own. What nobody else reads is raised on its way, by a table. Every power of
a value is computed once, from lower ones that are there or are made.
"""

from __future__ import annotations

from dataclasses import replace

from hwgen.network import Layer, Node
from hwgen.network.functions import power_of
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.table import Table
from hwgen.passes.rewrite import Nodes, alone, everywhere, free_name, without


def _match(graph: Nodes, node: Node[Layer]) -> Nodes | None:
    if not isinstance(node.op, Table) or node.op.grid is not None:
        return None
    order = power_of(node.op.function)
    if order < 2 or alone(graph, node.inputs[0]):
        return None
    place = graph.nodes.index(node)
    raised = _Raised(graph, list(graph.nodes[:place]), node.inputs[0])
    if (there := raised.names.get(order)) is not None:
        return without(graph, node, there)
    product = Node[Layer](Multiply(node.name), raised.halves(order))
    return replace(graph, nodes=(*raised.nodes, product, *graph.nodes[place + 1 :]))


class _Raised:
    """The nodes before a power, and lower powers of the same value among them.

    Parameters
    ----------
    graph
        Of whose names no new node has one.
    nodes
        Those before it; what is made is put behind them.
    source
        The value's name.
    """

    def __init__(self, graph: Nodes, nodes: list[Node[Layer]], source: str) -> None:
        self._graph = graph
        self.nodes = nodes
        self._source = source
        orders = {source: 1}
        for node in nodes:
            orders.setdefault(node.name, _order(node, orders))
        self.names = {order: name for name, order in reversed(orders.items()) if order}
        """The first that there is, by order."""

    def halves(self, order: int) -> tuple[str, str]:
        """Return the names of two powers whose product is that of an order."""
        return self._named(order // 2), self._named(order - order // 2)

    def _named(self, order: int) -> str:
        if order not in self.names:
            read = self.halves(order)
            name = free_name(self._graph, f"{self._source}_power{order}")
            self.nodes.append(Node(Multiply(name), read))
            self.names[order] = name
        return self.names[order]


def _order(node: Node[Layer], orders: dict[str, int]) -> int:
    """Return which power a node is of the value whose powers are known; 0 if it is none."""
    if node.op.grid is not None:
        return 0
    read = [orders.get(name, 0) for name in node.inputs]
    if isinstance(node.op, Multiply) and all(read):
        return sum(read)
    return power_of(node.op.function) * read[0] if isinstance(node.op, Table) else 0


run = everywhere(_match)
