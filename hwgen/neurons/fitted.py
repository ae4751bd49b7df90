"""Weights for the terms of a neuron, without gates: quasi-Newton on all rows at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from hwgen.neurons.rows import Rows
from hwgen.neurons.terms import Term, Terms, applied, drawn
from hwgen.training.fit import Diverged

DECAY = 1e-4
"""Of all weights: keeps those of classes that can be told without fault finite."""
_SCALE = 0.3
_INNER, _ROUNDS, _PATIENCE = 10, 30, 3
"""Iterations between two looks at the held rows; looks, at most; those without a gain."""
_GAIN = 0.999


@dataclass(frozen=True, eq=False)
class Fitted:
    """Terms with weights.

    Parameters
    ----------
    weights
        By term: ``(outputs, inputs)`` of a power, ``(order, rank, outputs, inputs)`` of a product.
        A power's are of ``x ^ k`` divided by its root mean square over the rows of the fit.
    bias
        ``(outputs,)``.
    sizes
        Those root mean squares, ``(inputs,)`` by term.
    held
        Loss of each held row.
    """

    weights: dict[Term, Tensor]
    bias: Tensor
    sizes: dict[Term, Tensor]
    held: Tensor

    @property
    def terms(self) -> Terms:
        """In their order."""
        return tuple(self.weights)

    @property
    def loss(self) -> float:
        """Mean over the held rows; infinite where it is no number."""
        mean = float(self.held.mean())
        return mean if math.isfinite(mean) else math.inf

    def answers(self, x: Tensor) -> Tensor:
        """Return ``(n, outputs)``."""
        found = self.bias.expand(len(x), -1)
        for term in self.terms:
            found = found + self.part(term, x)
        return found

    def part(self, term: Term, x: Tensor) -> Tensor:
        """Return what one term adds."""
        return applied(term, x, self.plain(term))

    def plain(self, term: Term) -> Tensor:
        """Return a term's weights of the powers and sums themselves."""
        weight = self.weights[term]
        return weight / self.sizes[term] if term.kind == "power" else weight


def fitted(
    rows: Rows,
    held: Rows,
    terms: Terms,
    rank: int,
    *,
    seed: int,
    start: Fitted | None = None,
    enough: Callable[[Fitted], bool] = lambda _: False,
) -> Fitted:
    """Return the weights with the least loss on the held rows on the way to the least on `rows`.

    Parameters
    ----------
    rows, held
        What is descended on; what says when to stop.
    start
        Begins with its weights, where it has the term; else with random ones of `seed`.
    enough
        Whether a fit on the way is good enough to end there.

    Raises
    ------
    Diverged
        If already the first loss is no number.
    """
    generator = torch.Generator().manual_seed(seed)
    x, inputs = rows.x, rows.x.shape[1]
    sizes = {t: _size(x**t.order) for t in terms if t.kind == "power"}
    weights = {}
    for term in terms:
        new = drawn(term, rank, rows.outputs, inputs, _SCALE, generator)
        weights[term] = start.weights[term].clone() if start and term in start.weights else new
    bias = start.bias.clone() if start else _constant(rows)
    model = Fitted(weights, bias, sizes, held.losses(bias.expand(len(held.x), -1)))
    if not terms:
        return model
    return _descended(model, rows, held, enough)


def constant(rows: Rows, held: Rows) -> Fitted:
    """Return the fit of no term at all: the mean, or how frequent classes are."""
    return fitted(rows, held, (), 1, seed=0)


def _descended(model: Fitted, rows: Rows, held: Rows, enough: Callable[[Fitted], bool]) -> Fitted:
    parameters = [model.bias, *model.weights.values()]
    for each in parameters:
        each.requires_grad_()
    optimiser = torch.optim.LBFGS(
        parameters, max_iter=_INNER, history_size=20, line_search_fn="strong_wolfe",
        tolerance_grad=1e-9, tolerance_change=1e-12,
    )  # fmt: skip

    def loss() -> Tensor:
        optimiser.zero_grad()
        decay = sum((w.square().sum() for w in model.weights.values()), torch.zeros(()))
        value = rows.losses(model.answers(rows.x)).mean() + DECAY * decay
        value.backward()
        return value

    best, waited = _snapshot(model, held), 0
    for _ in range(_ROUNDS):
        before = float(optimiser.step(loss).detach())
        if not math.isfinite(before):
            break
        now = _snapshot(model, held)
        waited = 0 if now.loss < _GAIN * best.loss - 1e-7 else waited + 1
        best = min(best, now, key=lambda each: each.loss)
        if waited >= _PATIENCE or enough(best):
            break
    if not math.isfinite(best.loss):
        raise Diverged
    return best


def _snapshot(model: Fitted, held: Rows) -> Fitted:
    with torch.no_grad():
        weights = {term: weight.detach().clone() for term, weight in model.weights.items()}
        bias = model.bias.detach().clone()
        copy = Fitted(weights, bias, model.sizes, torch.empty(0))
        return Fitted(weights, bias, model.sizes, held.losses(copy.answers(held.x)))


def _size(values: Tensor) -> Tensor:
    size = values.square().mean(0).sqrt()
    return torch.where(size > 0, size, torch.ones_like(size))


def _constant(rows: Rows) -> Tensor:
    if not rows.classes:
        return rows.y.mean(0)
    counts = torch.bincount(rows.y, minlength=rows.classes).double() + 0.5
    return torch.log(counts / counts.sum())
