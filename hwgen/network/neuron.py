"""What a neuron sums: powers of its inputs, and products of weighted sums of them.

``y = b + sum_k w_k (x ** k) + sum_k prod_m (v_km x)``, k over `powers` and over `products`; the
form is that of H. Pei et al., NeuronSeek (arXiv:2506.15715). A conventional neuron has the power 1;
a quadratic one the power 2 and a product of two sums.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwgen.errors import InputError
from hwgen.network.functions import MAX_ORDER
from hwgen.network.layer import Floats
from hwgen.network.polynomial import Factor, Terms

FORMAT, VERSION = "hwgen-neuron", 1

BIAS = "global_bias"
"""End of the name of a layer's bias in published files."""

MAX_RANK = 64


@dataclass(frozen=True)
class Neuron:
    """The terms of a neuron, without their weights.

    Parameters
    ----------
    powers
        Orders of the element-wise powers, each once, rising.
    products
        Orders of the products of sums, each once, rising; a product of one sum is the power 1.
    rank
        Products that all neurons of a layer share, each with weights of its own for them (the CP
        form); None: each neuron has one product of its own an order.

    Raises
    ------
    InputError
        If an order is not within 1..`MAX_ORDER` (2.. for products), or comes twice, the rank is not
        within 1..`MAX_RANK`, or there is no term.
    """

    powers: tuple[int, ...]
    products: tuple[int, ...] = ()
    rank: int | None = None

    def __post_init__(self) -> None:
        if not self.powers and not self.products:
            raise InputError("a neuron must have at least one of powers and products, not none")
        _check("powers", self.powers, 1)
        _check("products", self.products, 2)
        if self.rank is not None and not 1 <= self.rank <= MAX_RANK:
            raise InputError(f"rank of a neuron must be from 1 to {MAX_RANK}, not {self.rank}")

    @property
    def formula(self) -> str:
        """As one writes it: ``w1 x + w2 x^2 + (u1 x)(u2 x) + b``."""
        terms = [f"w{k} x" if k == 1 else f"w{k} x^{k}" for k in self.powers]
        for order in self.products:
            factors = "".join(f"({_LETTERS[order]}{m} x)" for m in range(1, order + 1))
            terms.append(factors if self.rank is None else f"sum of {self.rank} {factors}")
        return " + ".join([*terms, "b"])

    def to_json(self) -> dict[str, Any]:
        """Return the fields of a neuron's file."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "powers": list(self.powers),
            "products": list(self.products),
            "rank": self.rank,
            "formula": self.formula,
        }

    @classmethod
    def from_json(cls, value: Any) -> Neuron:
        """Return what `to_json` wrote; other fields, and the formula, are not looked at.

        Raises
        ------
        InputError
            If it is no such object, or a field is not what it must be.
        """
        if not isinstance(value, Mapping) or value.get("format") != FORMAT:
            raise InputError(f'a neuron must be a JSON object whose format is "{FORMAT}"')
        if value.get("version") != VERSION:
            raise InputError(
                f"version of a neuron must be {VERSION}, not {value.get('version')!r}: "
                "a later hwgen wrote it"
            )
        rank = value.get("rank")
        if rank is not None and not _whole(rank):
            raise InputError(f"rank of a neuron must be a whole number or null, not {rank!r}")
        return cls(_orders(value, "powers"), _orders(value, "products"), rank)


_LETTERS = "__uvpqrst"
"""Of a product's factors, by its order."""


def _check(field: str, orders: Sequence[int], lowest: int) -> None:
    if list(orders) != sorted(set(orders)):
        raise InputError(f"{field} of a neuron must be rising, each once, not {list(orders)}")
    for order in orders:
        if not lowest <= order <= MAX_ORDER:
            why = f": a term of order {order} of 8-bit values has {8 * order} bits"
            raise InputError(
                f"{field} of a neuron must be from {lowest} to {MAX_ORDER}, not {order}"
                f"{why if order > MAX_ORDER else ''}"
            )


def _orders(value: Mapping[str, Any], field: str) -> tuple[int, ...]:
    found = value.get(field)
    if not isinstance(found, list) or not all(_whole(each) for each in found):
        raise InputError(f"{field} of a neuron must be a list of whole numbers, not {found!r}")
    return tuple(found)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_ORDERS = re.compile(r"(pure|int|mix)_layers\.ord_(\d+)(?:\.(\d+))?\.weight")


def terms(tensors: Mapping[str, Floats], key: str) -> Terms:
    """Return the terms of a layer whose tensors have the published names, behind ``key.``.

    ``pure_layers.ord_2.weight`` is of the squares, ``int_layers.ord_3.0.weight`` of the first
    factor of the products of three, ``mix_layers.ord_3.weight`` of products that are shared.
    """
    powers: dict[int, Floats] = {}
    products: dict[int, dict[int, Factor]] = {}
    mixes: dict[int, Floats] = {}
    for name, weight in tensors.items():
        found = _ORDERS.fullmatch(name.removeprefix(f"{key}."))
        if not name.startswith(f"{key}.") or found is None:
            continue
        kind, order = found[1], int(found[2])
        if kind == "pure":
            powers[order] = weight
        elif kind == "int":
            bias = tensors.get(name.removesuffix("weight") + "bias", np.zeros(len(weight)))
            products.setdefault(order, {})[int(found[3])] = weight, bias
        else:
            mixes[order] = weight.reshape(len(weight), -1)
    inner = {order: [each[m] for m in sorted(each)] for order, each in products.items()}
    return Terms(powers, inner, tensors[f"{key}.{BIAS}"], mixes)
