"""From the integer network to steps of an array."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import ModuleType

from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Node
from hwgen.plans.copied import copied
from hwgen.plans.operand import Operand, Part
from hwgen.plans.step import Array, Step
from hwgen.quantized import QuantizedOp
from hwgen.quantized.op import room

OUT = ".out"
"""Behind the name of a value that a step does nothing to but take it out."""


def lowered(
    graph: Graph[QuantizedOp], array: Array, features: QuantizedOp | None = None
) -> tuple[Step, ...]:
    """Return the layers behind the source as steps of an array; values have no places yet.

    Parameters
    ----------
    graph
        The whole network; or what is behind `features`.
    array
        Shape of the array.
    features
        What gives the value that `graph` begins with; None: its first layer, which takes samples.

    An output that no step gives, for it is the source's or lies side by side, is taken out by a
    step of its own. A layer's file says how it is done: ``fuse(before, op)`` at the end of the step
    that gives what it alone reads, ``join(op, operands)`` without any step, or
    ``lower(op, operands, array)``: a step, or several, the last of which gives the value.

    Raises
    ------
    InputError
        If the array cannot do a layer.
    """
    steps: dict[str, Step] = {}

    def step(node: Node[QuantizedOp], operands: tuple[Operand, ...]) -> Operand:
        operand = _operand(node.op)
        if node.inputs == (SAMPLES,):
            return operand
        how = room("hwgen.plans.ops", node.op.op)
        joined: Operand | None = how.join(node.op, operands) if hasattr(how, "join") else None
        if joined is not None:
            return joined
        if not _fused(graph, node, steps, how):
            steps.update((each.writes, each) for each in _lowered(node, operands, array, how))
        return operand

    given = {SAMPLES: Operand((), 0)} if features is None else {features.name: _operand(features)}
    operands = graph.walk(step, given)
    formats = {op.name: op.output.fmt for op in (*graph.ops, *filter(None, (features,)))}
    for name in graph.sources():
        if name not in (each.writes for each in steps.values()):
            steps[f"{name}{OUT}"] = copied(
                name, f"{name}{OUT}", formats[name], operands[name], array
            )
    # Logits leave another way than values: they come last, when all others are there.
    return tuple(sorted(_wanted(steps.values(), graph.sources()), key=lambda each: each.answers))


def _wanted(steps: Collection[Step], sources: Collection[str]) -> Iterator[Step]:
    """Yield the steps whose values leave or are read: of some, all channels may be left out."""
    wanted = {*sources, *(f"{name}{OUT}" for name in sources)}
    for step in reversed(list(steps)):
        if step.writes in wanted:
            wanted.update(read.value for read in step.reads)
    yield from (step for step in steps if step.writes in wanted)


def leaving(graph: Graph[QuantizedOp], steps: tuple[Step, ...]) -> tuple[int, ...]:
    """Return the numbers of the steps that give the outputs which are values, in their order."""
    names = [step.writes.removesuffix(OUT) for step in steps]
    # What a step takes out is behind the value of that name, if that is a step's at all.
    return tuple(names.index(o.source) for o in graph.outputs if o.kind == "values")


def _operand(op: QuantizedOp) -> Operand:
    shape = op.output.shape
    return Operand((Part(op.name, shape[0]),), shape[1] if len(shape) == 2 else 1)


def _lowered(
    node: Node[QuantizedOp], operands: tuple[Operand, ...], array: Array, how: ModuleType
) -> tuple[Step, ...]:
    if not hasattr(how, "lower"):
        raise InputError(f"{node.name} must follow a layer that it can be the end of")
    made: Step | tuple[Step, ...] = how.lower(node.op, operands, array)
    return made if isinstance(made, tuple) else (made,)


def _fused(
    graph: Graph[QuantizedOp], node: Node[QuantizedOp], steps: dict[str, Step], how: ModuleType
) -> bool:
    """Make a layer the end of the step before it where that can be; return whether it is."""
    before = node.inputs[0]
    alone = len(graph.readers(before)) == 1 and not graph.leaves(before)
    if not hasattr(how, "fuse") or not alone or before not in steps:
        return False
    if steps[before].loop is not None:
        # Its value goes round as it is.
        return False
    fused: Step | None = how.fuse(steps[before], node.op)
    if fused is None:
        return False
    # The value has another name now; its place in the order stays.
    rest = [(node.name, fused) if name == before else (name, s) for name, s in steps.items()]
    steps.clear()
    steps.update(rest)
    return True
