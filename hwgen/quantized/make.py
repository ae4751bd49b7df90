"""Integer networks from float ones: each op by its rule, all by one walk."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hwgen.network import SAMPLES, Layer, Network, Node
from hwgen.quantized.align import Alignment
from hwgen.quantized.kept import own_steps
from hwgen.quantized.model import QuantizedModel
from hwgen.quantized.op import Activations, Chosen, QuantizedOp, declared, room
from hwgen.quantized.precision import Precision
from hwgen.quantized.samples import sampled
from hwgen.signals.task import Task

Choose = Callable[[Node[Layer]], Chosen]
"""Says what each node's rule is to be told."""


def integer_op(
    layer: Layer, sources: tuple[Activations, ...], bits: Precision, chosen: Chosen
) -> QuantizedOp:
    """Return what the rule of a layer makes of it."""
    made: QuantizedOp = room("hwgen.quantized.ops", layer.op).quantize(
        layer, sources, declared(bits, layer.op), chosen
    )
    return made


def made(
    network: Network,
    bits: Precision,
    choose: Choose,
    task: Task,
    *,
    as_it_is: Mapping[str, QuantizedOp] | None = None,
) -> QuantizedModel:
    """Return the integer network of `network`.

    Parameters
    ----------
    bits
        As in `QuantizedModel`.
    choose
        Shift and rounding of each node.
    task
        What the network is for.
    as_it_is
        Ops that are not made again, by name.
    """
    ready = as_it_is or {}
    ops: dict[str, QuantizedOp] = {}

    alignment = Alignment(network, bits, task.input_scale)

    def step(node: Node[Layer], sources: tuple[Activations, ...]) -> Activations:
        chosen = alignment.told(node.name, choose(node), own_steps(node.op, sources[0]))
        op = ready.get(node.name) or integer_op(node.op, sources, bits, chosen)
        alignment.made(op)
        ops[node.name] = op
        return op.output

    network.graph.walk(step, {SAMPLES: sampled(network.input_shape, bits, task.input_scale)})
    return assembled(network, ops, bits, task)


def assembled(
    network: Network, ops: Mapping[str, QuantizedOp], bits: Precision, task: Task
) -> QuantizedModel:
    """Return the integer network of the ops that were made of the layers, by name."""
    return QuantizedModel(
        name=network.name,
        input_samples=network.input_samples,
        classes=task.classes,
        graph=network.graph.made(lambda node, _: ops[node.name], {SAMPLES: None}),
        bits=bits,
        input_scale=task.input_scale,
        sample_rate=task.sample_rate,
        channels=network.channels,
    )


def uncalibrated(
    network: Network,
    bits: Precision,
    sample_rate: float | None = None,
    input_scale: float = 1.0,
) -> QuantizedModel:
    """Return an integer network with shifts that nobody has measured.

    It is good enough to tell cycles and cells: shapes and widths are those of the calibrated one,
    weights nearly so.
    """

    def choose(node: Node[Layer]) -> Chosen:
        kind: type[QuantizedOp] = room("hwgen.quantized.ops", node.op.op).OP
        return Chosen(kind.usual_shift, kind.usual_down, exact=node.name == network.class_output)

    classes = tuple(str(number) for number in range(network.logits))
    return made(network, bits, choose, Task(classes, input_scale, sample_rate))


def requantized(
    network: Network, model: QuantizedModel, bits: Precision | None = None
) -> QuantizedModel:
    """Return the integer network of `network` in `bits`, with the shifts of `model`.

    Parameters
    ----------
    network
        With the layers that `model` was made of, whatever their weights.
    model
        Gives shifts, and bits where none are given: then ops that see nothing but samples and have
        no weights are taken as they are.
    """

    def choose(node: Node[Layer]) -> Chosen:
        op = model.graph[node.name].op
        shift, down = (getattr(op, name, 0) for name in ("shift", "down"))
        return Chosen(shift, down, op.factor_bits, exact=node.name == network.class_output)

    kept = {
        node.name: model.graph[node.name].op
        for node in network.graph.nodes
        if bits is None and node.inputs == (SAMPLES,) and not node.op.tensors()
    }
    return made(network, bits or model.bits, choose, model.task, as_it_is=kept)
