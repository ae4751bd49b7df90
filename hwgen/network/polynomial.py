"""Layers of neurons that sum powers of their inputs and products of sums, as the graph has them.

``y = b + sum_k w_k (x ** k) + sum_k prod_m (v_km x + c_km)``; a quadratic neuron has the power 2
and a product of two. Nothing of it is an op of its own: passes make of it what the hardware has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from hwgen.network.graph import Node
from hwgen.network.layer import Floats, Layer
from hwgen.network.ops.add import Add
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.table import Table

Nodes = tuple[Node[Layer], ...]

Factor = tuple[Floats, Floats]
"""Weights and biases of the sums that are one factor of a product."""


@dataclass(frozen=True)
class Terms:
    """Weights of a layer.

    Parameters
    ----------
    powers
        By order: ``(filters, channels, kernel)`` of a convolution, ``(outputs, inputs)`` of a dense
        layer.
    products
        By order: so many factors.
    bias
        ``(filters,)``.
    mixes
        By order, of products that all neurons share: ``(filters, products)``.
    """

    powers: Mapping[int, Floats]
    products: Mapping[int, Sequence[Factor]]
    bias: Floats
    mixes: Mapping[int, Floats] = field(default_factory=dict)


@dataclass(frozen=True)
class Sums:
    """How a layer sums: a convolution, or a dense layer.

    Parameters
    ----------
    conv
        Stride, padding, dilation and, if they are not as many, zeros on the right; None of a dense
        layer.
    """

    conv: tuple[int, int, int, int | None] | None = None

    def of(self, name: str, weight: Floats, bias: Floats) -> Layer:
        """Return weighted sums."""
        if self.conv is None:
            return Dense(name, weight, bias)
        stride, padding, dilation, right = self.conv
        return Conv1d(
            name, weight, bias, stride, padding, relu=False, dilation=dilation, padding_right=right
        )

    def mixed(self, name: str, weight: Floats, bias: Floats) -> Layer:
        """Return weighted sums of what is at one position; weights ``(filters, products)``."""
        if self.conv is None:
            return Dense(name, weight, bias)
        return Conv1d(name, weight[:, :, np.newaxis], bias, 1, 0, relu=False)

    def shifted(self, name: str, bias: Floats) -> Layer:
        """Return what adds a bias to each neuron."""
        if self.conv is None:
            return Dense(name, np.eye(len(bias)), bias)
        weight = np.ones((len(bias), 1, 1))
        return Conv1d(name, weight, bias, 1, 0, relu=False, groups=len(bias))


def layer(name: str, source: str, terms: Terms, sums: Sums) -> Nodes:
    """Return the nodes of a layer; the last has its name.

    Parameters
    ----------
    source
        Name of the value that it reads.
    """
    made = _Layer(name, source, terms, sums)
    return tuple(made.nodes)


class _Layer:
    """The nodes of a layer, each behind those that it reads."""

    def __init__(self, name: str, source: str, terms: Terms, sums: Sums) -> None:
        self.nodes: list[Node[Layer]] = []
        self._name, self._source, self._sums = name, source, sums
        self._bias = terms.bias
        self._numbered = len(terms.products) > 1, len(terms.powers) > 1
        parts = [self._product(order, terms) for order in sorted(terms.products)]
        parts += [self._power(order, weight) for order, weight in sorted(terms.powers.items())]
        if len(parts) > 1:
            self._add(Add(f"{name}_sum"), *parts)
        if self._bias.any():
            self._add(sums.shifted(f"{name}_bias", self._bias), self.nodes[-1].name)
        self.nodes[-1] = Node(replace(self.nodes[-1].op, name=name), self.nodes[-1].inputs)

    def _add(self, op: Layer, *read: str) -> str:
        self.nodes.append(Node(op, read))
        return op.name

    def _taken(self) -> Floats:
        """Return the bias, once; from then on zeros."""
        bias, self._bias = self._bias, np.zeros_like(self._bias)
        return bias

    def _power(self, order: int, weight: Floats) -> str:
        read = self._source
        if order > 1:
            function = "square" if order == 2 else f"power{order}"
            read = self._add(Table(f"{self._name}_{function}", function), read)
        name = f"{self._name}_sums{order if self._numbered[1] else ''}"
        return self._add(self._sums.of(name, weight, self._taken()), read)

    def _product(self, order: int, terms: Terms) -> str:
        name = f"{self._name}_product{order if self._numbered[0] else ''}"
        factors = [
            self._add(self._sums.of(f"{name}_{number}", *factor), self._source)
            for number, factor in enumerate(terms.products[order], 1)
        ]
        # Pairs of sums meet with all their bits.
        while len(factors) > 1:
            pair, rest = factors[:2], factors[2:]
            made = f"{name}_of_{len(factors)}" if rest else name
            factors = [*rest, self._add(Multiply(made), *pair)]
        if order not in terms.mixes:
            return factors[0]
        mixed = self._sums.mixed(f"{name}_mixed", terms.mixes[order], self._taken())
        return self._add(mixed, factors[0])
