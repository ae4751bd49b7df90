"""Random small networks with branches, seeded: what several folders of tests need."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hwgen.network import SAMPLES, Graph, Layer, Network, Node, Output, Shape
from hwgen.network.ops.adaptiveavgpool1d import AdaptiveAvgPool1d
from hwgen.network.ops.add import Add
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.spectrum import Spectrum
from hwgen.network.ops.table import Table

CURVES = ("sigmoid", "tanh", "hard_sigmoid", "hard_swish", "leaky_relu", "silu")
"""Some functions; all of them have examples in their own test."""

Value = tuple[str, Shape]
"""Name and shape of what a block takes and gives."""


class Maker:
    """Puts nodes one behind the other.

    Parameters
    ----------
    seed
        The same one gives the same network.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.nodes: list[Node[Layer]] = []
        self.shapes: dict[str, Shape] = {}

    def put(self, make: Callable[[str], Layer], *inputs: str) -> Value:
        """Add the node of a layer that reads values; return what it gives."""
        layer = make(f"n{len(self.nodes)}")
        self.nodes.append(Node(layer, inputs))
        self.shapes[layer.name] = layer.output_shape(*(self.shapes[name] for name in inputs))
        return layer.name, self.shapes[layer.name]

    def pick(self, *choices):
        """Return one of them."""
        return choices[int(self.rng.integers(len(choices)))]

    def conv(self, source: str, filters: int, *added: str, kernel: int = 0, **fields) -> Value:
        """Add a convolution that keeps the length, unless `fields` say otherwise."""
        channels = self.shapes[source][0]
        kernel = kernel or self.pick(1, 3, 5)
        groups = fields.get("groups", 1)
        dilation = fields.setdefault("dilation", self.pick(1, 1, 2))
        fields.setdefault("padding", dilation * (kernel - 1) // 2)
        taps = channels // groups * kernel
        weight = self.rng.normal(0, 1.2 * taps**-0.5, (filters, channels // groups, kernel))
        # Rows of different size, as batch normalisation leaves them.
        weight *= np.exp(self.rng.normal(0, 0.5, (filters, 1, 1)))
        bias = self.rng.normal(0, 0.2, filters)
        stride = fields.pop("stride", 1)
        return self.put(
            lambda name: Conv1d(
                name, weight, bias, stride, residual=len(added) > 0, **fields
            ),
            source, *added,
        )  # fmt: skip

    def dense(self, source: str, outputs: int, *, relu: bool) -> Value:
        """Add a dense layer."""
        inputs = int(np.prod(self.shapes[source]))
        weight = self.rng.normal(0, inputs**-0.5, (outputs, inputs))
        bias = self.rng.normal(0, 0.1, outputs)
        return self.put(lambda name: Dense(name, weight, bias, relu), source)

    def plain(self, name: str, shape: Shape) -> Value:
        """Any convolution."""
        groups = self.pick(*(g for g in (1, 1, 2, 3) if shape[0] % g == 0))
        filters = groups * self.pick(1, 2)
        kernel = self.pick(1, 2, 3, 4)
        sides = {
            "padding": self.pick(*range(kernel)), "padding_right": self.pick(None, 0, kernel - 1)
        }  # fmt: skip
        return self.conv(
            name, filters, kernel=kernel, groups=groups, dilation=1, stride=self.pick(1, 2),
            relu=self.pick(True, False), **sides,
        )  # fmt: skip

    def separable(self, name: str, shape: Shape) -> Value:
        """Depthwise, then pointwise."""
        depthwise, _ = self.conv(name, shape[0], groups=shape[0])
        return self.conv(depthwise, self.pick(2, 3, 4), kernel=1)

    def pooled(self, name: str, _: Shape) -> Value:
        """Any pooling."""
        size = self.pick(2, 3)
        stride, padding = self.pick(None, 1, 2), self.pick(0, 1)
        kind = self.pick(MaxPool1d, AvgPool1d)
        if kind is AvgPool1d and stride == 2:
            return self.put(lambda made: AdaptiveAvgPool1d(made, size + 2), name)
        return self.put(lambda made: kind(made, size, stride, padding), name)

    def residual(self, name: str, shape: Shape) -> Value:
        """Two convolutions to whose sums the block's input is added."""
        first, _ = self.conv(name, self.pick(2, 3))
        return self.conv(first, shape[0], name, relu=self.pick(True, False))

    def projected(self, name: str, _: Shape) -> Value:
        """A stand-alone add of two or three convolutions."""
        filters, stride = self.pick(2, 3), self.pick(1, 2)
        parts = [
            self.conv(name, filters, relu=False, stride=stride)[0]
            for _ in range(self.pick(2, 3))
        ]  # fmt: skip
        relu = self.pick(True, False)
        return self.put(lambda made: Add(made, relu), *parts)

    def skipped(self, name: str, shape: Shape) -> Value:
        """A stand-alone add of the block's input to what a convolution makes of it."""
        made, _ = self.conv(name, shape[0], relu=self.pick(True, False))
        return self.put(lambda added: Add(added, relu=True), name, made)

    def branches(self, name: str, _: Shape) -> Value:
        """A convolution and a pooling of the input, side by side."""
        conv, _ = self.conv(name, self.pick(1, 2))
        kind = self.pick(MaxPool1d, AvgPool1d)
        pool, _ = self.put(lambda made: kind(made, 3, 1, 1), name)
        return self.put(Concat, conv, pool)

    def curved(self, name: str, _: Shape) -> Value:
        """A function of a convolution's outputs, or of the block's input."""
        if self.pick(True, True, False):
            name, _ = self.conv(name, self.pick(2, 3), relu=False)
        function = self.pick(*CURVES)
        return self.put(lambda made: Table(made, function), name)

    def gated(self, name: str, shape: Shape) -> Value:
        """The input times a number for each channel, or times a function of a convolution."""
        if self.pick(True, False):
            pooled, _ = self.put(lambda made: AvgPool1d(made, shape[1]), name)
            gate, _ = self.dense(pooled, shape[0], relu=False)
        else:
            gate, _ = self.conv(name, shape[0], relu=False)
        curve, _ = self.put(lambda made: Table(made, self.pick("sigmoid", "tanh")), gate)
        return self.put(Multiply, *self.pick((name, curve), (curve, name)))

    def flat(self, name: str, _: Shape) -> Value:
        """Two dense layers whose numbers stand side by side."""
        parts = [self.dense(name, self.pick(2, 3), relu=self.pick(True, False))[0] for _ in "ab"]
        return self.put(Concat, *parts)


def random_graph(seed: int, blocks: int = 4) -> Network:
    """Return a network of a few random blocks, with a class or values or both."""
    maker = Maker(seed)
    window, channels = maker.pick(32, 64), maker.pick(1, 1, 2, 3)
    maker.shapes[SAMPLES] = (window,) if channels == 1 else (channels, window)
    if channels == 1 and maker.pick(True, False):
        name, shape = maker.put(lambda name: Spectrum(name, window), SAMPLES)
    else:
        name, shape = maker.put(Direct, SAMPLES)
    for _ in range(int(maker.rng.integers(1, blocks + 1))):
        kinds = [maker.plain, maker.separable, maker.pooled, maker.projected, maker.branches,
                 maker.curved, maker.gated]  # fmt: skip
        if not isinstance(maker.nodes[-1].op, Direct | Spectrum):
            kinds += [maker.residual, maker.skipped]
        if shape[1] >= 4:
            name, shape = maker.pick(*kinds)(name, shape)
    if np.prod(shape) > 48 or maker.pick(True, False):
        size = shape[1] if maker.pick(True, False) else -(-shape[1] // 4)
        name, shape = maker.put(lambda made: AvgPool1d(made, size), name)
    outputs = []
    if maker.pick(True, False):
        outputs.append(Output(name if maker.pick(True, False) else maker.flat(name, shape)[0],
                              "values"))  # fmt: skip
    if maker.pick(True, False):
        name, shape = maker.dense(name, 5, relu=True)
    if not outputs or maker.pick(True, True, False):
        outputs.append(Output(maker.dense(name, 3, relu=False)[0]))
    elif not any(name == output.source for output in outputs):
        outputs.append(Output(name, "values"))
    graph = Graph((SAMPLES,), tuple(maker.nodes), tuple(outputs))
    return Network("random", window, graph, channels=channels)
