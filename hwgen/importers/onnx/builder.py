"""The network as it grows: nodes, and names for them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.importers.onnx.curve import IDENTITY, Curve, Origin, chained, known, line_of
from hwgen.importers.onnx.limits import limited
from hwgen.importers.onnx.view import Unsupported, View
from hwgen.network import SAMPLES, Floats, Graph, Layer, Node, Output, Shape
from hwgen.network.functions import FUNCTIONS
from hwgen.network.ops.add import Add
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.relu import Relu
from hwgen.network.ops.reshape import Reshape
from hwgen.network.ops.table import Table

JOINED: dict[str, Callable[[str], Layer]] = {"Add": Add, "Mul": Multiply}
"""Layers of two values, by the op that joins them."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A constant that a quantiser of the training has made.

    Parameters
    ----------
    value
        Real numbers.
    unit
        What one is worth in the integers that they are, ``value``'s shape.
    """

    value: Floats
    unit: Floats


Value = View | Floats | Trained
"""What a node reads: a tensor that depends on the samples, or a constant."""


_MOST_STEPS = 50
"""Functions behind each other that are still one; more are layers."""

_NAMED = 4
"""Nodes of a function that are named beside its last one."""

_SAME = 1e-6
"""Octaves by which scales may miss a power of two."""


@dataclass(frozen=True)
class Call:
    """An ONNX node and what it reads.

    Parameters
    ----------
    op, name
        Its kind, and its name in the file.
    inputs
        None for one that is left out.
    attributes
        By name, as Python's values.
    weights
        Names of its constant inputs.
    opset
        Version of the operator set.
    outputs
        How many tensors it gives.
    """

    op: str
    name: str
    inputs: tuple[Value | None, ...]
    attributes: dict[str, Any]
    weights: tuple[str, ...] = ()
    opset: int = 18
    outputs: int = 1

    def view(self, number: int = 0) -> View:
        """Return an input that depends on the samples."""
        return self.as_it_is(number).merged()

    def as_it_is(self, number: int = 0) -> View:
        """Return such an input; both ways of a recurrent layer are still told apart."""
        found = self.inputs[number] if number < len(self.inputs) else None
        if isinstance(found, View):
            return found
        if not self.views:
            raise Unsupported(
                "is made of constants alone, which are not worked out here (too many numbers, or "
                "an op that has no value beforehand); have "
                "the exporter do it (dynamo=False of torch.onnx.export does)"
            )
        raise Unsupported(f"must read what depends on the samples as input {number}")

    def constant(self, number: int, usual: Any = None) -> Any:
        """Return an input that is constant; `usual` for one that is left out."""
        found = self.inputs[number] if number < len(self.inputs) else None
        if isinstance(found, View):
            raise Unsupported(f"must have a constant as input {number}, not a value of the network")
        if isinstance(found, Trained):
            return found.value
        return usual if found is None else found

    def unit(self, number: int) -> Floats | None:
        """Return what one is worth in the integers of a constant; None where it has none."""
        found = self.inputs[number] if number < len(self.inputs) else None
        return found.unit if isinstance(found, Trained) else None

    def given(self, name: str, number: int, usual: Any = None) -> Any:
        """Return what older operator sets have as an attribute and newer ones as an input."""
        found = self.constant(number)
        if found is None:
            return self.attributes.get(name, usual)
        return found.tolist() if isinstance(found, np.ndarray) else found

    @property
    def views(self) -> tuple[View, ...]:
        """All inputs that depend on the samples."""
        return tuple(each for each in self.inputs if isinstance(each, View))


@dataclass
class Builder:
    """Nodes of the network so far, and what was assumed to make them.

    `origin` is the node of the file that they are made of, while it is walked over.
    """

    notes: list[str] = field(default_factory=list)
    nodes: list[Node[Layer]] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    origin: Origin | None = None
    _done: dict[tuple[str, Curve], str] = field(default_factory=dict)

    def name(self, call: Call, what: str = "") -> str:
        """Return a name for a layer: that of its weights in the training script, or the node's."""
        weights = [each for each in call.weights if re.search(r"[./]weight(_quantized)?$", each)]
        found = weights[0].rpartition("weight")[0] if weights else call.name or call.op
        clean = (
            re.sub(r"\W+", "_", found, flags=re.ASCII).strip("_").removeprefix("node_")
            or call.op.lower()
        )
        clean = re.sub(r"_(Conv|Gemm|MatMul)$", "", clean) or call.op.lower()
        if clean[0].isdigit():
            clean = f"{call.op.lower()}_{clean}"
        clean += what
        taken = {SAMPLES, *(node.name for node in self.nodes)}
        numbers = (f"{clean}_{n}" for n in range(2, len(taken) + 3))
        return next(each for each in (clean, *numbers) if each not in taken)

    def put(self, layer: Layer, *sources: View) -> View:
        """Add a layer; its value is seen as ``(1, *shape)``."""
        reads = tuple(self.ready(each).value for each in sources)
        try:
            shape = layer.output_shape(*(self.shapes[each] for each in reads))
        except InputError as error:
            raise Unsupported(str(error).removeprefix(f"{layer.name} ")) from error
        self.nodes.append(Node(layer, reads))
        self.shapes[layer.name] = shape
        return View(layer.name, shape, (1, *shape), tuple(range(len(shape))))

    def graph(self, outputs: tuple[Output, ...]) -> Graph[Layer]:
        """Return the graph of some outputs, without the nodes that nobody reads."""
        wanted = {output.source for output in outputs}
        kept = []
        for node in reversed(self.nodes):
            if node.name in wanted:
                wanted.update(node.inputs)
                kept.append(node)
        return Graph((SAMPLES,), tuple(reversed(kept)), outputs)

    def ready(self, view: View) -> View:
        """Return the view of a value to which nothing is still to be done."""
        if view.pads != (0, 0):
            raise Unsupported(
                "must not read zeros that are put around a value; give the padding to a convolution"
            )
        if view.classified:
            raise Unsupported("must not read what a softmax or an arg-max gives")
        view.check_whole()
        view = view.merged()
        _not_coded(view)
        if view.curve is None:
            return view
        return replace(view, value=self.curve(view.value, view.curve), curve=None)

    def _curved(self, value: str, curve: Curve) -> str:
        """Add the layers that apply a function to a value; return the name of the last."""
        line, found = line_of(curve.whole), known(curve.whole)
        if line is None and found is None:
            for each in (parts := limited(curve.whole) or []):
                value = self.curve(value, IDENTITY.then(each))
            return value if parts else self._apart(value, curve)
        if line == (1.0, 0.0):
            return value
        shape = self.shapes[value]
        call = Call("scaled" if line else (found or ("", None))[0], "", (), {})
        name = self.name(call)
        if line is not None:
            ones = np.ones(shape[0])
            layer: Layer = _line(name, line[0] * ones, line[1] * ones)
        else:
            assert found is not None
            layer = Relu(name) if found[0] == "relu" else Table(name, *found)
        self.nodes.append(Node(layer, (value,)))
        self.shapes[name] = shape
        return name

    def _apart(self, value: str, curve: Curve) -> str:
        """Add the layers of a function that none of the known ones is, by its parts.

        Known functions behind each other, or two that are joined.
        """
        steps = curve.steps
        for count in range(1, len(steps) - 1):
            behind = chained(steps[-count:])
            if line_of(behind.whole) or known(behind.whole) or limited(behind.whole):
                return self.curve(self.curve(value, steps[-count - 1]), behind)
        if curve.parts is None or curve.parts[0] not in JOINED:
            raise _unknown(curve)
        op, *both = curve.parts
        value = self.curve(value, steps[-2])
        inputs = tuple(self.curve(value, each) for each in both)
        # Behind its inputs, which may be such sums themselves: a name is taken when it is used.
        layer = JOINED[op](self.name(Call(op, "", (), {})))
        self.nodes.append(Node(layer, inputs))
        self.shapes[layer.name] = self.shapes[value]
        return layer.name

    def curve(self, value: str, curve: Curve) -> str:
        """Return the value to which a function is applied; the layers are added once."""
        if curve is IDENTITY:
            return value
        if (value, curve) not in self._done:
            self._done[value, curve] = self._curved(value, curve)
        return self._done[value, curve]

    def curved(self, view: View, last: Callable[[Floats], Floats]) -> View:
        """Return a view with a function of each number still to be applied."""
        if view.pads != (0, 0):
            raise Unsupported("must not read zeros that are put around a value")
        if view.classified:
            raise Unsupported("must not read what a softmax or an arg-max gives")
        _not_coded(view)
        if view.curve is not None and len(view.curve.steps) > _MOST_STEPS:
            view = self.ready(view)
        return replace(view, curve=(view.curve or IDENTITY).then(last, self.origin))

    def scaled(self, call: Call, view: View, gain: Any, offset: Any) -> View:
        """Return a view of the value times `gain` plus `offset`, of each channel or of all.

        Both are constants that go with the tensor's shape by broadcasting.
        """
        gain, offset = (np.asarray(each, dtype=np.float64) for each in (gain, offset))
        if gain.size == 1 and offset.size == 1:
            a, b = float(gain.reshape(())), float(offset.reshape(()))
            return self.curved(view, lambda x: a * x + b)
        view = self.by_channel(self.ready(view), gain, offset)
        channels = self.shapes[view.value][0]
        per = (per_channel(each, view, channels) for each in (gain, offset))
        layer = _line(self.name(call), *per)
        made = self.put(layer, view)
        return replace(made, shape=view.shape, order=view.order, places=view.places)

    def by_channel(self, view: View, *constants: Floats) -> View:
        """Return a view of as many channels as there are constants along an axis.

        It is another one where they go with the positions of a value that has one channel.
        """
        channels, *rest = view.logical
        if channels != 1 or not rest or rest[0] == 1:
            return view
        axis = view.axis_of(1)
        if axis is None or all(_along(each, axis - len(view.shape)) == 1 for each in constants):
            return view
        return self.as_channels(view)

    def as_channels(self, view: View) -> View:
        """Return a view of the numbers of one channel, or flat ones, as channels of one position.

        It costs nothing: the numbers stay where they are.
        """
        numbers = math.prod(view.logical)
        made = self.put(Reshape(self.name(Call("numbers", "", (), {})), numbers), view)
        return replace(made, shape=view.shape)


def _unknown(curve: Curve) -> Unsupported:
    """Return what is to be said of a function that is none of the known ones.

    It is the last node's fault: who reads what that gives needs not be told.
    """
    origins = curve.origins
    names = [name for _, name in origins[:-1]]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    behind = f"with what it reads of {', '.join(names[-_NAMED:])}{more} " if names else ""
    known = f"{', '.join(FUNCTIONS)}, or a line with limits"
    number = origins[-1][0] if origins else None
    return Unsupported(f"{behind}must be one of the functions {known}", number)


def _along(constant: Floats, axis: int) -> int:
    """Return the size of a constant along an axis, counted from the last."""
    return constant.shape[axis] if constant.ndim >= -axis else 1


def _not_coded(view: View) -> None:
    if view.coded is not None:
        raise Unsupported(
            "must not read the integers of a QuantizeLinear; put a DequantizeLinear before it"
        )


def units(value: Floats, unit: Floats | None) -> tuple[float, ...] | None:
    """Return what one is worth in the integers of each row of weights ``(rows, ...)``.

    Where a row has several units they must be powers of two apart: the least is one for all.

    Raises
    ------
    Unsupported
        If a row is no integers times one number.
    """
    if unit is None:
        return None
    rows = unit.reshape(len(value), -1)
    least = rows.min(axis=1)
    apart = np.log2(rows / least[:, np.newaxis])
    if (np.abs(apart - np.round(apart)) > _SAME).any():
        raise Unsupported(
            "must have weights with one scale, or one for each output channel, or scales that are "
            "powers of two apart, not another for each input"
        )
    return tuple(least.tolist())


def _line(name: str, gain: Floats, offset: Floats) -> Layer:
    """Return the layer that multiplies each channel by a number and adds another."""
    return BatchNorm1d(name, gain, offset, 0 * gain, np.ones(len(gain)), 0.0)


def per_channel(constant: Floats, view: View, channels: int) -> Floats:
    """Return the number of each channel of a constant that is broadcast to a tensor."""
    if constant.size == 1:
        return np.full(channels, float(constant.reshape(())))
    axis = view.axis_of(0)
    sizes = (1,) * (len(view.shape) - constant.ndim) + constant.shape
    wanted = tuple(channels if n == axis else 1 for n in range(len(view.shape)))
    if axis is None or sizes != wanted:
        raise Unsupported(
            f"must have one constant a channel ({channels}), not constants of the shape "
            f"{constant.shape} with values of {view.shape}"
        )
    return by_place(constant.reshape(-1), view)


def by_place(row: Floats, view: View) -> Floats:
    """Return numbers for a row, along the last axis, as the value has that row."""
    if view.places is None:
        return row
    turned = np.empty_like(row)
    turned[..., list(view.places)] = row
    return turned
