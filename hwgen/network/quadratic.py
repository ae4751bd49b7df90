"""Layers of quadratic neurons, as the graph has them: a product, squares, and their sum.

``q(x) = (x w_r + b_r) (x w_g + b_g) + (x^2) w_b + b_b`` (F. Fan et al., On Expressivity and
Trainability of Quadratic Networks, IEEE TNNLS 2023); published files have the names below.
"""

from __future__ import annotations

from collections.abc import Mapping

from hwgen.network.graph import Node
from hwgen.network.layer import Floats, Layer
from hwgen.network.ops.add import Add
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.multiply import Multiply

TENSORS = tuple(f"{kind}_{part}" for kind in ("weight", "bias") for part in "rgb")
"""Ends of the names of a quadratic layer's tensors."""

Nodes = tuple[Node[Layer], ...]


def convolution(
    name: str, source: str, of: Mapping[str, Floats], *, stride: int, padding: int
) -> Nodes:
    """Return the nodes of a convolution of quadratic neurons; the last has its name.

    Parameters
    ----------
    source
        Name of the value that it reads.
    of
        Its `TENSORS`: weights ``(filters, channels, kernel)``, biases ``(filters,)``.
    """
    factors = Bilinear1d(
        f"{name}_product", of["weight_r"], of["bias_r"], of["weight_g"], of["bias_g"],
        stride, padding,
    )  # fmt: skip
    squares = Conv1d(
        f"{name}_squares", of["weight_b"], of["bias_b"], stride, padding, relu=False
    )  # fmt: skip
    return _nodes(name, source, factors, squares)


def dense(name: str, source: str, of: Mapping[str, Floats], shape: tuple[int, ...]) -> Nodes:
    """Return the nodes of a dense layer of quadratic neurons; the last has its name.

    Parameters
    ----------
    of
        Its `TENSORS`: weights ``(outputs, inputs)``, biases ``(outputs,)``.
    shape
        Of what it reads, ``(inputs,)`` or ``(channels, positions)``.
    """
    channels, positions = (*shape, 1)[:2]
    one, other = (of[f"weight_{part}"].reshape(-1, channels, positions) for part in "rg")
    factors = Bilinear1d(
        f"{name}_product", one, of["bias_r"], other, of["bias_g"], 1, 0, flat=True
    )  # fmt: skip
    return _nodes(name, source, factors, Dense(f"{name}_squares", of["weight_b"], of["bias_b"]))


def _nodes(name: str, source: str, factors: Layer, squares: Layer) -> Nodes:
    square = f"{name}_square"
    return (
        Node(factors, (source,)),
        Node(Multiply(square), (source, source)),
        Node(squares, (square,)),
        Node(Add(name), (factors.name, squares.name)),
    )
