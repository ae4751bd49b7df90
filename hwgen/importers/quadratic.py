"""Networks of quadratic neurons from bare tensors, under the names that published ones have.

Two kinds say by their tensors how they are wired: dense layers one behind the other (F. Fan et al.,
arXiv:2303.06316), and WDCNN's shape with quadratic convolutions (QCNN: J.-X. Liao et al., IEEE TIM
72, 2023). What is taken for granted is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.checkpoint.tensors import State
from hwgen.errors import InputError
from hwgen.network import SAMPLES, Graph, Layer, Node, Output, Shape, polynomial, quadratic
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.relu import Relu
from hwgen.network.polynomial import Sums, Terms

MARKS = ("weight_r", "weight_g", "weight_b")
_NORM = ("weight", "bias", "running_mean", "running_var")
_PLAIN = ("weight", "bias")
_WEIGHTS = (*MARKS, "weight")
_EPS = 1e-5
"""Of `torch.nn.BatchNorm1d`."""

_WIDE, _NARROW = (64, 8, 28), (3, 1, 1)
"""Taps, stride and padding of QCNN's first convolution, and of the others but the last."""

_WINDOWS = tuple(1 << n for n in range(8, 17))


def is_quadratic(raw: Mapping[Any, Any]) -> bool:
    """Return whether some names are those of quadratic neurons' tensors."""
    return any(isinstance(key, str) and key.rpartition(".")[2] in MARKS for key in raw)


@dataclass(frozen=True)
class Part:
    """A layer's tensors.

    Parameters
    ----------
    name
        What stands before their ends.
    of
        By their ends.
    """

    name: str
    of: Mapping[str, Any]

    @property
    def quadratic(self) -> bool:
        """Whether its neurons are."""
        return "weight_r" in self.of

    @property
    def norm(self) -> bool:
        """Whether it is a batch normalisation."""
        return "running_mean" in self.of

    @property
    def shape(self) -> Shape:
        """Of its weights."""
        shape: Shape = self.of["weight_r" if self.quadratic else "weight"].shape
        return shape

    @property
    def layer(self) -> str:
        """Its name in the network."""
        return self.name.replace(".", "_") or "layer"


def parts(state: State) -> list[Part]:
    """Return the layers of a state, in the order of their tensors but for numbers in names.

    Raises
    ------
    InputError
        Naming each layer that lacks tensors, or has others.
    """
    found: dict[str, dict[str, Any]] = {}
    for key, value in state.items():
        name, _, end = key.rpartition(".")
        found.setdefault(name, {})[end] = value
    found = {name: found[name] for name in ordered(found)}
    wrong = [problem for name, of in found.items() if (problem := _problem(name, of))]
    if wrong:
        raise InputError("; ".join(wrong))
    return [Part(name, of) for name, of in found.items()]


def ordered(names: Collection[str]) -> list[str]:
    """Return names in the order that they have, those that differ in numbers alone by these.

    Some files keep the order in which a module has its tensors, others sort them as text:
    ``layer10`` before ``layer2``, or by size.
    """
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(_NUMBER.sub("#", name), []).append(name)
    for each in alike.values():
        each.sort(key=lambda name: [int(number) for number in _NUMBER.findall(name)], reverse=True)
    return [alike[_NUMBER.sub("#", name)].pop() for name in names]


_NUMBER = re.compile(r"\d+")


def _problem(name: str, of: Mapping[str, Any]) -> str:
    """Return what a layer lacks, or has too much; "" if nothing."""
    some = set(of) & set(quadratic.TENSORS)
    wanted = quadratic.TENSORS if some else _NORM if "running_mean" in of else _PLAIN
    ends = {
        "no": [end for end in wanted if end not in of],
        "also": [end for end in of if end not in wanted],
    }
    told = [f"{title} {', '.join(names)}" for title, names in ends.items() if names]
    if told:
        kind = "a quadratic layer" if some else "a layer"
        return f"{name or 'the file'} has {' and '.join(told)}, but {kind} has {', '.join(wanted)}"
    if deep := [end for end, value in of.items() if end not in _WEIGHTS and value.ndim != 1]:
        return f"{name} must have {', '.join(deep)} of one axis, not {of[deep[0]].shape}"
    if not some:
        return ""
    shapes = {of[f"weight_{part}"].shape for part in "rgb"}
    if len(shapes) > 1:
        return f"{name} must have weights of one shape, not of {', '.join(map(str, shapes))}"
    return ""


def graph(found: Sequence[Part], window: int | None) -> tuple[Graph[Layer], int, list[str]]:
    """Return the graph of layers, the samples of a window, and what was taken for granted.

    Parameters
    ----------
    window
        What the user says; None: what fits.

    Raises
    ------
    InputError
        If the layers do not fit each other, or are of neither kind.
    """
    kinds = [len(part.shape) for part in found if not part.norm]
    if 3 not in kinds:
        return _dense(found, window)
    if kinds != sorted(kinds, reverse=True):
        raise InputError("convolutions must come before dense layers")
    return _convolutional(found, window)


class _Chain:
    """Nodes one behind the other."""

    def __init__(self, window: int) -> None:
        self.nodes: list[Node[Layer]] = []
        self.shape: Shape = (window,)
        self._value = SAMPLES
        self.add(Direct("direct"))

    def add(self, layer: Layer) -> None:
        """Add a layer."""
        self._put((Node(layer, (self._value,)),))

    def put(self, part: Part, terms: Terms, sums: Sums) -> None:
        """Add a layer of several terms."""
        self._put(polynomial.layer(part.layer, self._value, terms, sums))

    def _put(self, nodes: polynomial.Nodes) -> None:
        """Add nodes, the last of which gives the next value."""
        shapes = {self._value: self.shape}
        for node in nodes:
            shapes[node.name] = node.op.output_shape(*(shapes[name] for name in node.inputs))
        self.nodes += nodes
        self._value, self.shape = nodes[-1].name, shapes[nodes[-1].name]

    def conv(self, part: Part, stride: int, padding: int) -> None:
        """Add a convolution."""
        if part.quadratic:
            self.put(part, quadratic.terms(part.of), Sums((stride, padding, 1, None)))
        else:
            weight, bias = part.of["weight"], part.of["bias"]
            self.add(Conv1d(part.layer, weight, bias, stride, padding, relu=False))

    def classified(self) -> None:
        """Add what gives logits as they are, where a quadratic layer is the last."""
        if not isinstance(self.nodes[-1].op, Dense):
            count = self.shape[0]
            self.add(Dense("logits", np.eye(count), np.zeros(count)))

    def dense(self, part: Part) -> None:
        """Add a dense layer; weights of quadratic ones are (inputs, outputs)."""
        if not part.quadratic:
            self.add(Dense(part.layer, part.of["weight"], part.of["bias"]))
            return
        turned = {end: value.T for end, value in part.of.items()}
        self.put(part, quadratic.terms(turned), Sums())

    def norm(self, part: Part) -> None:
        """Add a batch normalisation."""
        weight, bias, mean, variance = (part.of[end] for end in _NORM)
        self.add(BatchNorm1d(part.layer, weight, bias, mean, variance, _EPS))

    def relu(self, after: Part) -> None:
        """Add a ReLU."""
        self.add(Relu(f"{after.layer}_relu"))

    @property
    def graph(self) -> Graph[Layer]:
        """The graph, whose class the last value tells."""
        return Graph((SAMPLES,), tuple(self.nodes), (Output(self._value),))


def _dense(found: Sequence[Part], window: int | None) -> tuple[Graph[Layer], int, list[str]]:
    """Return the graph of dense layers with a ReLU between each two."""
    if norms := [part.name for part in found if part.norm]:
        raise InputError(
            f"dense layers do not say whether {', '.join(norms[:3])} comes before a ReLU or behind "
            f"it"
        )
    first = _ends(found[0], None)[0]
    if window not in (None, first):
        raise InputError(f"{found[0].name} takes {first} samples, but --window says {window}")
    chain, inputs = _Chain(first), first
    for part in found:
        inputs = _ends(part, inputs)[1]
        chain.dense(part)
        if part is not found[-1]:
            chain.relu(part)
    chain.classified()
    return chain.graph, first, [
        f"the order {', '.join(part.name or 'layer' for part in found)}, a ReLU between the "
        "layers, and none behind the last; weights of quadratic layers (inputs, outputs)"
    ]  # fmt: skip


def _ends(part: Part, inputs: int | None) -> tuple[int, int]:
    """Return inputs and outputs of a dense layer; `InputError` if it does not fit."""
    shape = part.shape
    if len(shape) != 2:
        raise InputError(f"{part.name} must have weights of two axes, not {shape}")
    taken, outputs = shape if part.quadratic else shape[::-1]
    end = "bias_r" if part.quadratic else "bias"
    biases = len(part.of[end])
    if (inputs in (None, taken)) and biases == outputs:
        return taken, outputs
    wanted = (inputs or outputs, biases)
    if part.quadratic and wanted == (outputs, taken):
        raise InputError(
            f"{part.name}.weight_r must be (inputs, outputs) {wanted}, as published, not {shape}: "
            f"it is transposed; save {part.name}.weight_r.T, and weight_g and weight_b likewise"
        )
    raise InputError(
        f"{part.name} takes {taken} numbers and gives {outputs}, with {biases} biases, but what "
        f"is before it gives {inputs}"
    )


def _convolutional(
    found: Sequence[Part], window: int | None
) -> tuple[Graph[Layer], int, list[str]]:
    """Return the graph of QCNN's shape."""
    convs = [part for part in found if len(part.shape) == 3]
    strange = [
        f"{part.name} {part.shape}"
        for part, (kernel, *_) in zip(convs, _geometry(convs), strict=True)
        if part.shape[2] != kernel
    ]
    if strange:
        raise InputError(
            f"convolutions must have 64 taps (the first one) and 3 (the others), as QCNN has "
            f"them, not {', '.join(strange[:3])}"
        )
    first = next(part for part in found if not part.norm and len(part.shape) == 2)
    wanted = first.shape[0] if first.quadratic else first.shape[1]
    fits = [each for each in ((window,) if window else _WINDOWS) if _numbers(convs, each) == wanted]
    if not fits:
        raise InputError(
            f"{first.name} must take what QCNN's convolutions and poolings make of "
            f"{window or 'a window of a power of two'} samples, not {wanted} numbers"
        )
    if convs[0].shape[1] != 1:
        raise InputError(f"{convs[0].name} must take one channel, not {convs[0].shape[1]}")
    chain = _Chain(fits[0])
    _fill(chain, found, convs)
    chain.classified()
    normed = "batch normalisation, " if any(part.norm for part in found) else ""
    return chain.graph, fits[0], [
        f"QCNN's shape, which tensors do not say: stride {_WIDE[1]} and padding {_WIDE[2]} of the "
        f"first convolution, 1 and 1 of the others (0 of the last), {normed}ReLU and "
        f"max-pooling of 2 behind each, windows of {fits[0]:,} samples; the order "
        f"{', '.join(part.name for part in found if not part.norm)}"
    ]  # fmt: skip


def _fill(chain: _Chain, found: Sequence[Part], convs: Sequence[Part]) -> None:
    """Put QCNN's layers: each convolution with what is behind it, then dense layers."""
    norms = [part for part in found if part.norm]
    # A module may define all of a kind before another: tensors are in that order, not in use's.
    if len(norms) not in (0, len(convs)):
        raise InputError(
            f"there must be one batch normalisation for each of {len(convs)} convolutions, or "
            f"none, not {len(norms)}"
        )
    for number, (conv, (_, stride, padding)) in enumerate(
        zip(convs, _geometry(convs), strict=True)
    ):
        chain.conv(conv, stride, padding)
        if norms:
            chain.norm(norms[number])
        chain.relu(conv)
        chain.add(MaxPool1d(f"{conv.layer}_pool", 2))
    dense = [part for part in found if len(part.shape) == 2]
    for part in dense:
        chain.dense(part)
        if part is not dense[-1]:
            chain.relu(part)


def _geometry(convs: Sequence[Part]) -> list[tuple[int, int, int]]:
    """Return taps, stride and padding of each convolution."""
    ends = [_WIDE, *[_NARROW] * (len(convs) - 1)]
    return ends if len(convs) == 1 else [*ends[:-1], (3, 1, 0)]


def _numbers(convs: Sequence[Part], window: int) -> int:
    """Return how many numbers are left of a window behind all convolutions and poolings."""
    length = window
    for kernel, stride, padding in _geometry(convs):
        length = max(0, (length + 2 * padding - kernel) // stride + 1) // 2
    return convs[-1].shape[0] * length
