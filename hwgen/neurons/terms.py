"""Terms of a neuron under search: powers, and products of sums less what powers already have.

A product of k sums, ``sum_r prod_m (u_mr x)``, has ``x_i ^ k`` in it: with it the same function
would have several formulas. So what falls on the diagonal is taken off each product here,
``- sum_i (sum_r prod_m u_mri) x_i ^ k``, and powers alone have it. Both are linear spaces of
polynomials that meet in 0 alone, so a function has one set of orders.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from hwgen.network.neuron import MAX_ORDER, MAX_RANK, Neuron

Kind: TypeAlias = Literal["power", "product"]


@dataclass(frozen=True, order=True)
class Term:
    """A power or a product.

    Parameters
    ----------
    order
        1..`MAX_ORDER`; of a product from 2: of one sum it is the power 1.
    kind
        ``"power"`` or ``"product"``.
    """

    order: int
    kind: Kind

    @property
    def formula(self) -> str:
        """``power 2``, ``product 3``."""
        return f"{self.kind} {self.order}"


Terms: TypeAlias = tuple[Term, ...]


def candidates(order: int) -> Terms:
    """Return all terms up to an order: its powers from 1, its products from 2."""
    if not 1 <= order <= MAX_ORDER:
        raise ValueError(f"order must be from 1 to {MAX_ORDER}, not {order}")
    powers = [Term(k, "power") for k in range(1, order + 1)]
    return (*powers, *(Term(k, "product") for k in range(2, order + 1)))


def terms_of(neuron: Neuron) -> Terms:
    """Return the terms of a neuron, powers first."""
    powers = [Term(k, "power") for k in neuron.powers]
    return (*powers, *(Term(k, "product") for k in neuron.products))


def neuron_of(terms: Iterable[Term], rank: int | None = None) -> Neuron:
    """Return the neuron that has these terms; at least one."""
    orders: dict[str, list[int]] = {"power": [], "product": []}
    for term in sorted(terms):
        orders[term.kind].append(term.order)
    products = tuple(orders["product"])
    return Neuron(tuple(orders["power"]), products, rank if products else None)


def check_rank(rank: int) -> int:
    """Return `rank` if it is from 1 to `MAX_RANK`; else ValueError."""
    if not 1 <= rank <= MAX_RANK:
        raise ValueError(f"rank must be from 1 to {MAX_RANK}, not {rank}")
    return rank


def power(x: Tensor, order: int, weight: Tensor) -> Tensor:
    """Return ``sum_i w_ic x_i ^ order``, ``(n, outputs)``; `weight` is ``(outputs, inputs)``."""
    return x**order @ weight.T


def product(x: Tensor, factors: Tensor) -> Tensor:
    """Return the product of sums without its diagonal, summed over its ranks.

    Parameters
    ----------
    x
        ``(n, inputs)``.
    factors
        ``(order, rank, outputs, inputs)``.

    Returns
    -------
    ``(n, outputs)``.
    """
    order, rank, outputs, inputs = factors.shape
    sums = (x @ factors.reshape(-1, inputs).T).reshape(-1, order, rank, outputs)
    return _multiplied(sums, 1).sum(1) - power(x, order, diagonal(factors))


def diagonal(factors: Tensor) -> Tensor:
    """Return what the plain product has of each ``x_i ^ order``, ``(outputs, inputs)``."""
    return _multiplied(factors, 0).sum(0)


def _multiplied(values: Tensor, axis: int) -> Tensor:
    """Return the product along an axis; unlike torch's, quick to differentiate where one is 0."""
    first, *others = values.unbind(axis)
    for each in others:
        first = first * each
    return first


def drawn(
    term: Term, rank: int, outputs: int, inputs: int, scale: float, generator: torch.Generator
) -> Tensor:
    """Return weights to begin with: sums of standardised inputs have a deviation of about 1.

    `scale` multiplies a power's weights and the first factor of a product: with all factors small,
    as published, a product of order 5 begins without a gradient.
    """
    shape = (outputs, inputs) if term.kind == "power" else (term.order, rank, outputs, inputs)
    weight = torch.randn(shape, generator=generator, dtype=torch.float64) / inputs**0.5
    if term.kind == "power":
        return weight * scale
    weight[0] *= scale / rank**0.5
    return weight


def applied(term: Term, x: Tensor, weight: Tensor) -> Tensor:
    """Return what a term gives, ``(n, outputs)``."""
    return power(x, term.order, weight) if term.kind == "power" else product(x, weight)
