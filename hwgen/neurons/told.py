"""A fit's largest terms by the names of their inputs, in the table's own units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hwgen.names import escaped
from hwgen.neurons.fitted import Fitted
from hwgen.neurons.rows import Scale
from hwgen.neurons.table import Table
from hwgen.neurons.terms import Term

MOST = 8
_LEAST = 0.05
"""Of the largest: what is smaller is not told."""
_MOST_CELLS = 250_000
"""Of a tensor of all products of inputs; where there are more, powers alone are told."""


@dataclass(frozen=True)
class Monomial:
    """A product of inputs with its factor.

    Parameters
    ----------
    size
        Its factor for standardised inputs and values.
    factor
        In the table's units.
    text
        ``x1*x2``.
    class_name
        Whose answer it adds to; "" where values are met.
    """

    size: float
    factor: float
    text: str
    class_name: str = ""

    def __str__(self) -> str:
        of = f" ({self.class_name})" if self.class_name else ""
        return f"{self.factor:.3g} {self.text}{of}"


def largest(table: Table, fit: Fitted, scale: Scale) -> list[Monomial]:
    """Return the largest monomials of a fit, the largest first.

    Of classes, the factor is less the mean over them, which changes no probability, and each
    monomial is told of the class where it is largest.
    """
    found = [
        _named(table, scale, factors, inputs)
        for term in fit.terms
        for inputs, factors in _monomials(fit, term)
    ]
    found.sort(key=lambda each: -abs(each.size))
    return [each for each in found if abs(each.size) >= _LEAST * abs(found[0].size)][:MOST]


def _monomials(fit: Fitted, term: Term) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Yield the inputs of each monomial, ascending with repeats, and its factors ``(outputs,)``."""
    weight = fit.plain(term).numpy()
    if term.kind == "power":
        for number, factors in enumerate(weight.T):
            yield (number,) * term.order, factors
        return
    inputs = weight.shape[-1]
    if inputs**term.order * weight.shape[2] > _MOST_CELLS:
        return
    # (outputs, inputs, ..., inputs), summed over the ranks
    tensor = weight[0]
    for each in weight[1:]:
        tensor = tensor[..., None] * each.reshape(*each.shape[:2], *[1] * (tensor.ndim - 2), inputs)
    summed = tensor.sum(0).reshape(weight.shape[2], -1)
    places = np.sort(np.indices((inputs,) * term.order).reshape(term.order, -1), axis=0)
    kinds, numbers = np.unique(places, axis=1, return_inverse=True)
    for factors in [np.stack([np.bincount(numbers.ravel(), row) for row in summed])]:
        for kind, column in zip(kinds.T.tolist(), factors.T, strict=True):
            if kind[0] != kind[-1]:
                yield tuple(kind), column


def _named(table: Table, scale: Scale, factors: np.ndarray, inputs: tuple[int, ...]) -> Monomial:
    best = 0
    if table.classes:
        factors = factors - factors.mean()
        best = int(np.abs(factors).argmax())
    size = float(factors[best])
    own = size * scale.of_values[1] / float(np.prod(scale.deviation[list(inputs)]))
    text = "*".join(_powers(table, scale, inputs))
    return Monomial(size, own, text, table.classes[best] if table.classes else "")


def _powers(table: Table, scale: Scale, inputs: tuple[int, ...]) -> Iterator[str]:
    for number in sorted(set(inputs)):
        mean = float(scale.mean[number])
        name = escaped(table.inputs[number])
        base = name if mean == 0 else f"({name} {'-' if mean > 0 else '+'} {abs(mean):.3g})"
        count = inputs.count(number)
        yield base if count == 1 else f"{base}^{count}"
