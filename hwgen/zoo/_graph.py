"""Graphs from the tensors of torch modules, layer by layer."""

from __future__ import annotations

import numpy as np

from hwgen.network import (
    SAMPLES,
    Graph,
    Layer,
    Node,
    Output,
    Shape,
    anomaly,
    neuron,
    polynomial,
    quadratic,
)  # fmt: skip
from hwgen.network.ops.add import Add
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.relu import Relu
from hwgen.network.polynomial import Sums, Terms
from hwgen.training.design import State

_EPS = 1e-5
"""Of `torch.nn.BatchNorm1d`, unless told otherwise."""


class Wiring:
    """Nodes, each added behind those that it reads.

    A node has the name of its torch layer, dots being underscores.

    Parameters
    ----------
    state
        The module's tensors.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._nodes: list[Node[Layer]] = []

    @property
    def nodes(self) -> polynomial.Nodes:
        """All that was added."""
        return tuple(self._nodes)

    def add(self, layer: Layer, *sources: str) -> str:
        """Add any layer; return the name of its value."""
        self._nodes.append(Node(layer, sources or (SAMPLES,)))
        return layer.name

    def conv(
        self,
        key: str,
        source: str,
        *,
        stride: int = 1,
        padding: int = 0,
        right: int | None = None,
        dilation: int = 1,
        groups: int = 1,
    ) -> str:
        """Add the convolution whose tensors are called ``key.weight`` and ``key.bias``.

        `right` are the zeros on the right, if they are not as many as on the left. Tensors of
        task-driven neurons, ``key.global_bias`` and so on, are told by their names.
        """
        if f"{key}.{neuron.BIAS}" in self._state:
            sums = Sums((stride, padding, dilation, right))
            return self._several(key, source, neuron.terms(self._state, key), sums)
        weight = self._state[f"{key}.weight"]
        bias = self._state.get(f"{key}.bias", np.zeros(len(weight)))
        conv = Conv1d(
            _name(key), weight, bias, stride, padding, relu=False,
            groups=groups, dilation=dilation, padding_right=right,
        )  # fmt: skip
        return self.add(conv, source)

    def quadratic(self, key: str, source: str, *, stride: int, padding: int) -> str:
        """Add the quadratic convolution whose tensors are called ``key.weight_r`` and so on."""
        of = {end: self._state[f"{key}.{end}"] for end in quadratic.TENSORS}
        return self._several(key, source, quadratic.terms(of), Sums((stride, padding, 1, None)))

    def quadratic_dense(self, key: str, source: str) -> str:
        """Add the quadratic dense layer whose tensors are called ``key.weight_r`` and so on."""
        of = {end: self._state[f"{key}.{end}"] for end in quadratic.TENSORS}
        return self._several(key, source, quadratic.terms(of), Sums())

    def _several(self, key: str, source: str, terms: Terms, sums: Sums) -> str:
        made = polynomial.layer(_name(key), source, terms, sums)
        self._nodes += made
        return made[-1].name

    def norm(self, key: str, source: str) -> str:
        """Add the batch normalisation of a key, by its running mean and variance."""
        norm = BatchNorm1d(
            _name(key),
            weight=self._state[f"{key}.weight"],
            bias=self._state[f"{key}.bias"],
            mean=self._state[f"{key}.running_mean"],
            variance=self._state[f"{key}.running_var"],
            eps=_EPS,
        )
        return self.add(norm, source)

    def relu(self, key: str, source: str) -> str:
        """Add a ReLU."""
        return self.add(Relu(_name(key)), source)

    def sum(self, key: str, *sources: str) -> str:
        """Add the sum of several values."""
        return self.add(Add(_name(key)), *sources)

    def concat(self, key: str, *sources: str) -> str:
        """Add several values side by side."""
        return self.add(Concat(_name(key)), *sources)

    def dense(self, key: str, source: str) -> str:
        """Add the dense layer of a key."""
        weight, bias = self._state[f"{key}.weight"], self._state[f"{key}.bias"]
        return self.add(Dense(_name(key), weight, bias), source)

    def scored(self, made: str, given: str, samples: Shape) -> Graph[Layer]:
        """Return the graph whose class is whether `made` is far from `given`.

        `samples` is the shape of a window.
        """
        ends = tuple(Output(name, "values") for name in (made, given))
        plain = Graph((SAMPLES,), tuple(self._nodes), ends)
        shapes = plain.walk(lambda node, of: node.op.output_shape(*of), {SAMPLES: samples})
        return anomaly.scored(plain, made, given, shapes)

    def classified(self, source: str) -> Graph[Layer]:
        """Return the graph, whose class is told by the logits `source`."""
        return Graph((SAMPLES,), self.nodes, (Output(source),))


def _name(key: str) -> str:
    return key.replace(".", "_")
