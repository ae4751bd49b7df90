"""Nodes and the values between them: what float and integer networks have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from hwgen.errors import InputError

KINDS = ("class", "values")
"""What an output is: logits whose first arg-max is the class, or numbers for the user."""


class Named(Protocol):
    """What a node computes: it has a name, and its value has the same."""

    @property
    def name(self) -> str:
        """Unique in a graph."""


Op = TypeVar("Op", bound=Named)
Other = TypeVar("Other", bound=Named)
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Node(Generic[Op]):
    """An op and the values that it reads.

    Parameters
    ----------
    op
        What is computed.
    inputs
        Names of the values, in the order in which the op takes them.
    """

    op: Op
    inputs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the op, and of the value that it gives."""
        return self.op.name


@dataclass(frozen=True)
class Output:
    """A value that leaves the network.

    Parameters
    ----------
    source
        Name of the value.
    kind
        One of `KINDS`.
    """

    source: str
    kind: str = "class"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"an output must be one of {', '.join(KINDS)}, not {self.kind!r}")

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {"source": self.source, "kind": self.kind}


@dataclass(frozen=True, eq=False)
class Graph(Generic[Op]):
    """Nodes in an order in which each reads only what is there already.

    Parameters
    ----------
    inputs
        Names of the values that come from outside.
    nodes
        In order.
    outputs
        At least one.

    Raises
    ------
    InputError
        If names are not unique, a node reads a value that no earlier one gives, an output names
        none, or a value goes nowhere.
    """

    inputs: tuple[str, ...]
    nodes: tuple[Node[Op], ...]
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        _check_wiring(self)

    @classmethod
    def chain(cls, source: str, ops: Collection[Op], kind: str = "class") -> Graph[Op]:
        """Return the graph of ops each of which reads the one before; the last is the output."""
        nodes, before = [], source
        for op in ops:
            nodes.append(Node(op, (before,)))
            before = op.name
        return cls((source,), tuple(nodes), (Output(before, kind),))

    @property
    def is_chain(self) -> bool:
        """Whether each node reads the one before and the last gives the only output, a class."""
        before = self.inputs
        for node in self.nodes:
            if node.inputs != before:
                return False
            before = (node.name,)
        return self.outputs == (Output(before[0]),)

    @property
    def class_output(self) -> str | None:
        """Name of the value whose first arg-max is the class; None if there is none."""
        return next((o.source for o in self.outputs if o.kind == "class"), None)

    def logits_name(self) -> str:
        """Return `class_output`; `InputError` if there is none."""
        name = self.class_output
        if name is None:
            raise InputError("a network must have an output that is a class; this one has none")
        return name

    @property
    def ops(self) -> tuple[Op, ...]:
        """Return what the nodes compute, in order."""
        return tuple(node.op for node in self.nodes)

    def __getitem__(self, name: str) -> Node[Op]:
        """Return the node of a name; `KeyError` if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(name)

    def with_ops(self, ops: Collection[Op]) -> Graph[Op]:
        """Return the graph with other ops in the place of those of the same name."""
        other = {op.name: op for op in ops}
        nodes = tuple(Node(other.get(node.name, node.op), node.inputs) for node in self.nodes)
        return Graph(self.inputs, nodes, self.outputs)

    def readers(self, name: str) -> tuple[Node[Op], ...]:
        """Return the nodes that read a value."""
        return tuple(node for node in self.nodes if name in node.inputs)

    def sources(self) -> tuple[str, ...]:
        """Return the names of the values that are outputs."""
        return tuple(output.source for output in self.outputs)

    def judged(self) -> tuple[str, ...]:
        """Return the names of the values that it is judged by: the class, else all outputs."""
        return self.sources() if self.class_output is None else (self.class_output,)

    def leaves(self, name: str) -> bool:
        """Return whether a value is an output."""
        return name in self.sources()

    def behind(self, name: str) -> Graph[Op]:
        """Return what is behind a node: a graph whose input is the node's value.

        Raises
        ------
        InputError
            If that reads values from before the node, or there is none.
        """
        before = {name}
        for node in reversed(self.nodes):
            if node.name in before:
                before.update(node.inputs)
        nodes = tuple(node for node in self.nodes if node.name not in before)
        return Graph((name,), nodes, self.outputs)

    def walk(
        self,
        step: Callable[[Node[Op], tuple[T, ...]], T],
        given: Mapping[str, T],
        *,
        keep: Collection[str] | None = None,
    ) -> dict[str, T]:
        """Return what `step` makes of every node, by name.

        Parameters
        ----------
        step
            Takes a node and what was made of each value that it reads.
        given
            What stands for each input; or for nodes, of which `step` is then not asked.
        keep
            Values that are returned; others are forgotten with their last reader. None: all.
        """
        known = dict(given)
        due = [node for node in self.nodes if node.name not in given]
        left = Counter(name for node in due for name in node.inputs)
        for node in due:
            known[node.name] = step(node, tuple(known[name] for name in node.inputs))
            if keep is None:
                continue
            for name in node.inputs:
                left[name] -= 1
                if not left[name] and name not in keep:
                    known.pop(name, None)
        return known if keep is None else {name: known[name] for name in keep}

    def made(
        self, step: Callable[[Node[Op], tuple[Any, ...]], Other], given: Mapping[str, Any]
    ) -> Graph[Other]:
        """Return the graph of what `step` makes of every node, wired as this one."""
        made = self.walk(step, given)
        nodes = tuple(Node(made[node.name], node.inputs) for node in self.nodes)
        return Graph(self.inputs, nodes, self.outputs)


def _check_wiring(graph: Graph[Any]) -> None:
    if not graph.nodes:
        raise InputError("a network must have at least one layer, not none")
    known = set(graph.inputs)
    names = [*graph.inputs, *(node.name for node in graph.nodes)]
    if len(set(names)) != len(names):
        raise InputError(f"layer names must differ, not be {names}")
    for node in graph.nodes:
        for name in node.inputs:
            if name not in known:
                raise InputError(f"{node.name} must read values made before it, not {name!r}")
        if not node.inputs:
            raise InputError(f"{node.name} must read at least one value, not none")
        known.add(node.name)
    if not graph.outputs:
        raise InputError("a network must have at least one output, not none")
    for output in graph.outputs:
        if output.source not in known:
            raise InputError(f"an output must be a value of the network, not {output.source!r}")
    for name in _unread(graph):
        raise InputError(f"{name} must be read by a layer or be an output; leave it out")


def _unread(graph: Graph[Any]) -> Iterator[str]:
    read = {name for node in graph.nodes for name in node.inputs}
    read |= {output.source for output in graph.outputs}
    yield from (node.name for node in graph.nodes if node.name not in read)
    yield from (name for name in graph.inputs if name not in read)
