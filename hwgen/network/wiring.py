"""The JSON form of a graph: version 2 names what each node reads, version 1 was a chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hwgen.errors import InputError
from hwgen.network.graph import Graph, Node, Op, Output

_MAX_NODES = 4096
"""More is taken for a damaged or hostile file."""


def graph_to_json(graph: Graph[Any]) -> dict[str, Any]:
    """Return nodes (each op's fields, and what it reads) and outputs."""
    return {
        "nodes": [node.op.to_json() | {"inputs": list(node.inputs)} for node in graph.nodes],
        "outputs": [output.to_json() for output in graph.outputs],
    }


def graph_from_json(
    value: Mapping[str, Any], source: str, op_from_json: Callable[[Any], Op], chain: str
) -> Graph[Op]:
    """Return the graph that `graph_to_json` wrote.

    Parameters
    ----------
    value
        The object; not trusted.
    source
        Name of the graph's input.
    op_from_json
        Reads an op's fields.
    chain
        Key of the ops in a file of version 1.

    Raises
    ------
    InputError
        If the wiring breaks a rule.
    KeyError, TypeError, ValueError
        If the object is damaged.
    """
    if "nodes" not in value:
        return Graph.chain(source, [op_from_json(op) for op in value[chain]])
    if len(value["nodes"]) > _MAX_NODES:
        raise InputError(
            f"a network must have at most {_MAX_NODES} layers, not {len(value['nodes'])}"
        )
    nodes = []
    for each in value["nodes"]:
        fields = dict(each)
        inputs = _names(fields.pop("inputs"))
        nodes.append(Node(op_from_json(fields), inputs))
    outputs = tuple(Output(str(each["source"]), each["kind"]) for each in value["outputs"])
    return Graph((source,), tuple(nodes), outputs)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise InputError(f"inputs must be a list of names, not {value!r}")
    return tuple(value)
