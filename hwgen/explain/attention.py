"""Attention of quadratic neurons, from their factored form.

A quadratic neuron is ``q = x^T [x w_b + w_g (x^T w_r) + (w_g b_r + w_r b_g)]`` but for a constant.
The first two terms in the brackets are what it multiplies its receptive field `x` by because of
`x` itself: ``RawQtt(x) = x w_b + w_g (x^T w_r)``; the map is ``Qtt = |grad RawQtt|`` (J.-X. Liao
et al., "Attention-Embedded Quadratic Network (Qttention) for Effective and Interpretable Bearing
Fault Diagnosis", IEEE Transactions on Instrumentation and Measurement 72 (2023), 3511113).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hwgen.network import Floats, Graph, Layer, Network, Node
from hwgen.network.ops.add import Add
from hwgen.network.ops.bilinear1d import Bilinear1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.table import Table


@dataclass(frozen=True, eq=False)
class Quadratic:
    """A layer of quadratic neurons in a graph.

    Parameters
    ----------
    name
        Of the node that gives its sum; of the product where no squares are added.
    source
        Name of the value that it reads.
    product
        The product of its two sums.
    weight_b
        Of the squares, ``(filters, channels, kernel)``; zeros where there are none.
    """

    name: str
    source: str
    product: Bilinear1d
    weight_b: Floats

    @property
    def label(self) -> str:
        """What it is called: its name without what tells its nodes apart."""
        return self.product.name.removesuffix("_product")


def quadratic_layers(network: Network) -> tuple[Quadratic, ...]:
    """Return the layers of quadratic neurons, in order: products of two sums of one value."""
    graph = network.graph
    return tuple(_quadratic(graph, node) for node in graph.nodes if isinstance(node.op, Bilinear1d))


def _quadratic(graph: Graph[Layer], node: Node[Layer]) -> Quadratic:
    product = node.op
    assert isinstance(product, Bilinear1d)
    source = node.inputs[0]
    for name, squares in _sums(graph, node):
        weight = _weight(graph, squares, source, product)
        if weight is not None:
            return Quadratic(name, source, product, weight)
    return Quadratic(node.name, source, product, np.zeros(product.weight_r.shape))


def _sums(graph: Graph[Layer], product: Node[Layer]) -> Iterator[tuple[str, Node[Layer]]]:
    """Yield the name of each sum of the product and another value, and the node of that."""
    by_name = {node.name: node for node in graph.nodes}
    for reader in graph.readers(product.name):
        if isinstance(reader.op, Conv1d) and reader.inputs[1:] == (product.name,):
            yield reader.name, reader
        elif isinstance(reader.op, Add) and len(reader.inputs) == 2:
            other = [name for name in reader.inputs if name != product.name]
            if len(other) == 1 and other[0] in by_name:
                yield reader.name, by_name[other[0]]


def _weight(
    graph: Graph[Layer], node: Node[Layer], source: str, product: Bilinear1d
) -> Floats | None:
    """Return the weights of squares of `source` in the product's shape; None if they are not."""
    op = node.op
    if not isinstance(op, Conv1d | Dense) or isinstance(op, Dense) != product.flat:
        return None
    one = product.halves[0]
    if isinstance(op, Conv1d) and (op.stride, op.sides, op.dilation, op.groups) != (
        one.stride, one.sides, one.dilation, 1
    ):  # fmt: skip
        return None
    place = _squares(graph, node.inputs[0], source)
    size, channels = product.weight_r[0].size, product.weight_r.shape[1]
    if place is None or len(op.weight) != len(product.weight_r):
        return None
    # Other powers of the same value may stand beside the squares.
    width = size if op.weight.ndim == 2 else channels
    some = op.weight[:, place * width : (place + 1) * width]
    return some.reshape(product.weight_r.shape) if some[0].size == size else None


def _squares(graph: Graph[Layer], name: str, source: str) -> int | None:
    """Return behind how many other powers the squares of a value stand; None: nowhere."""
    known = {node.name: node for node in graph.nodes}
    node = known.get(name)
    parts = node.inputs if node is not None and isinstance(node.op, Concat) else (name,)
    return next((n for n, part in enumerate(parts) if _is_square(known.get(part), source)), None)


def _is_square(node: Node[Layer] | None, source: str) -> bool:
    if node is None:
        return False
    table = isinstance(node.op, Table) and node.op.function == "square"
    return (table or isinstance(node.op, Multiply)) and set(node.inputs) == {source}


def raw(layer: Quadratic, x: Floats) -> Iterator[Floats]:
    """Yield RawQtt of each filter, ``(channels, windows, kernel)``: a receptive field a window.

    Parameters
    ----------
    x
        What the layer reads for one window of samples, ``(channels, length)`` or flat.
    """
    product = layer.product
    one = product.halves[0]
    padded = np.pad(_seen(product, x), ((0, 0), one.sides))
    fields = np.lib.stride_tricks.sliding_window_view(padded, one.reach, axis=1)
    fields = fields[:, :: one.stride, :: one.dilation]
    weights = zip(product.weight_r, product.weight_g, layer.weight_b, strict=True)
    for weight_r, weight_g, weight_b in weights:
        answer = np.einsum("cpk,ck->p", fields, weight_r)
        yield fields * weight_b[:, None] + weight_g[:, None] * answer[None, :, None]


def _seen(product: Bilinear1d, x: Floats) -> Floats:
    return x[:, None] if product.flat and x.ndim == 1 else x


def overlap_mean(layer: Quadratic, windows: Floats, length: int) -> Floats:
    """Return one filter's windows at their places, ``(channels, length)``.

    A place has the mean of all windows that cover it, each counted once; 0 where none does. What
    lies on padding is cut off.

    Parameters
    ----------
    windows
        ``(channels, windows, kernel)`` of `raw`.
    length
        Of the layer's input.
    """
    one = layer.product.halves[0]
    channels, count, taps = windows.shape
    padded = length + sum(one.sides)
    total, covered = np.zeros((channels, padded)), np.zeros(padded)
    step, gap = one.stride, one.dilation
    if taps <= count:
        for tap in range(taps):
            places = slice(tap * gap, tap * gap + step * (count - 1) + 1, step)
            total[:, places] += windows[:, :, tap]
            covered[places] += 1
    else:
        for window in range(count):
            places = slice(window * step, window * step + gap * (taps - 1) + 1, gap)
            total[:, places] += windows[:, window]
            covered[places] += 1
    mean: Floats = total / np.maximum(covered, 1)
    return mean[:, one.sides[0] : one.sides[0] + length]


def layer_attention(layer: Quadratic, x: Floats) -> tuple[Floats, Floats]:
    """Return RawQtt and Qtt of every filter, ``(filters, channels, length)`` each.

    Qtt is the absolute central difference along the layer's own positions. A flat value of
    numbers is taken for one channel of as many positions.

    Parameters
    ----------
    x
        What the layer reads for one window of samples.
    """
    length = _seen(layer.product, x).shape[1]
    maps = np.stack([overlap_mean(layer, windows, length) for windows in raw(layer, x)])
    if layer.product.flat and length == 1:
        maps = maps.swapaxes(1, 2)
    if maps.shape[2] < 2:
        return maps, np.abs(maps)
    return maps, np.abs(np.gradient(maps, axis=2))
