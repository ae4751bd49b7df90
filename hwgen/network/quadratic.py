"""Layers of quadratic neurons: a product of two sums, and a sum of squares.

``q(x) = (x w_r + b_r) (x w_g + b_g) + (x^2) w_b + b_b`` (F. Fan et al., On Expressivity and
Trainability of Quadratic Networks, IEEE TNNLS 2023); published files have the names below.
"""

from __future__ import annotations

from collections.abc import Mapping

from hwgen.network.layer import Floats
from hwgen.network.polynomial import Terms

TENSORS = tuple(f"{kind}_{part}" for kind in ("weight", "bias") for part in "rgb")
"""Ends of the names of a quadratic layer's tensors."""


def terms(of: Mapping[str, Floats]) -> Terms:
    """Return the terms of a layer, of its `TENSORS`.

    Weights are ``(filters, channels, kernel)`` or ``(outputs, inputs)``, biases ``(filters,)``.
    """
    factors = [(of[f"weight_{part}"], of[f"bias_{part}"]) for part in "rg"]
    return Terms({2: of["weight_b"]}, {2: factors}, of["bias_b"])
