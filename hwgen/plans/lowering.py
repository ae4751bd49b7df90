"""From the integer network to steps of an array."""

from __future__ import annotations

from types import ModuleType

from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Node
from hwgen.plans.operand import Operand, Part
from hwgen.plans.step import Array, Step
from hwgen.quantized import QuantizedOp
from hwgen.quantized.op import room


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

    A layer's file says how it is done: ``fuse(before, op)`` at the end of the step that gives what
    it alone reads, ``join(op, operands)`` without any step, or ``lower(op, operands, array)``.

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
        if hasattr(how, "join"):
            joined: Operand = how.join(node.op, operands)
            return joined
        if not _fused(graph, node, steps, how):
            steps[node.name] = _lowered(node, operands, array, how)
        return operand

    given = {SAMPLES: Operand((), 0)} if features is None else {features.name: _operand(features)}
    graph.walk(step, given)
    return tuple(steps.values())


def _operand(op: QuantizedOp) -> Operand:
    shape = op.output.shape
    return Operand((Part(op.name, shape[0]),), shape[1] if len(shape) == 2 else 1)


def _lowered(
    node: Node[QuantizedOp], operands: tuple[Operand, ...], array: Array, how: ModuleType
) -> Step:
    if not hasattr(how, "lower"):
        raise InputError(f"{node.name} must follow a layer that it can be the end of")
    made: Step = how.lower(node.op, operands, array)
    return made


def _fused(
    graph: Graph[QuantizedOp], node: Node[QuantizedOp], steps: dict[str, Step], how: ModuleType
) -> bool:
    """Make a layer the end of the step before it where that can be; return whether it is."""
    before = node.inputs[0]
    alone = len(graph.readers(before)) == 1 and not graph.leaves(before)
    if not hasattr(how, "fuse") or not alone or before not in steps:
        return False
    fused: Step | None = how.fuse(steps[before], node.op)
    if fused is None:
        return False
    # The value has another name now; its place in the order stays.
    rest = [(node.name, fused) if name == before else (name, s) for name, s in steps.items()]
    steps.clear()
    steps.update(rest)
    return True
