"""C that is written for a network gives the network's logits."""

from __future__ import annotations

import numpy as np
import pytest
from compiled import Compiled, generated

from hwgen.network import SAMPLES, Graph, Network, Node, Output
from hwgen.network.ops.adaptiveavgpool1d import AdaptiveAvgPool1d
from hwgen.network.ops.add import Add
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.concat import Concat
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.network.ops.multiply import Multiply
from hwgen.network.ops.slice import Slice
from hwgen.network.ops.spectrum import Spectrum
from hwgen.network.ops.table import Table

LENGTH = 37
"""Of two channels: none of a convolution's positions come out even."""


def rng():
    return np.random.default_rng(6)


def conv(filters, each, taps, *, stride=1, padding=0, relu=False, **more):
    weight = rng().normal(size=(filters, each, taps))
    return Conv1d("x", weight, rng().normal(size=filters), stride, padding, relu=relu, **more)


def network(*nodes, channels=2, spectrum=False):
    """Return a network of nodes, whose last value a dense layer reads; `in` is the source."""
    source = Spectrum("in", 64) if spectrum else Direct("in")
    graph = [Node(source, (SAMPLES,)), *nodes]
    samples = 64 if spectrum else LENGTH
    outputs = (Output(graph[-1].name, "values"),)
    start = Network("x", samples, Graph((SAMPLES,), tuple(graph), outputs), channels=channels)
    size = int(np.prod(start.shapes()[graph[-1].name]))
    graph.append(
        Node(Dense("fc", rng().normal(size=(3, size)), rng().normal(size=3)), (nodes[-1].name,))
    )
    whole = Graph((SAMPLES,), tuple(graph), (Output("fc"),))
    return Network("x", samples, whole, ("a", "b", "c"), channels=channels)


def after(layer, *sources, name="last"):
    from dataclasses import replace

    return Node(replace(layer, name=name), sources or ("in",))


CASES = {
    "one tap": network(after(conv(4, 2, 1))),
    "a block and a rest": network(after(conv(6, 2, 5, relu=True))),
    "filters of an odd number": network(after(conv(3, 2, 3, padding=1))),
    "stride": network(after(conv(4, 2, 7, stride=3, padding=2))),
    "dilation": network(after(conv(4, 2, 3, padding=4, dilation=5, padding_right=0))),
    "stride and dilation": network(after(conv(4, 2, 4, stride=2, padding=3, dilation=3))),
    "depthwise": network(after(conv(2, 1, 3, padding=1, groups=2))),
    "groups": network(after(conv(8, 1, 3, groups=2, padding=1, padding_right=2))),
    "residual": network(
        after(conv(4, 2, 3, padding=1), name="a"),
        after(conv(4, 4, 3, padding=1, relu=True, residual=True), "a", "a"),
    ),
    "max-pool": network(after(MaxPool1d("x", 3))),
    "max-pool that overlaps": network(after(MaxPool1d("x", 3, 2, 1))),
    "mean": network(after(AvgPool1d("x", LENGTH))),
    "mean of zeros too": network(after(AvgPool1d("x", 4, 3, 2))),
    "sum of three": network(
        after(MaxPool1d("x", 3, 1, 1), name="a"),
        after(AvgPool1d("x", 3, 1, 1), name="b"),
        after(Add("x", relu=True), "a", "b", "in"),
    ),
    "number a channel": network(
        after(AvgPool1d("x", LENGTH), name="a"),
        after(Multiply("x"), "in", "a", name="b"),
        after(Add("x", relu=True), "a", "b", "a"),
    ),
    "flat number a channel": network(
        after(Dense("x", rng().normal(size=(2, 2 * LENGTH)), np.ones(2)), name="a"),
        after(Multiply("x"), "a", "in"),
    ),
    "number a position": network(
        after(conv(1, 2, 3, padding=1), name="a"), after(Multiply("x"), "a", "in")
    ),
    "square": network(after(Multiply("x"), "in", "in")),
    "side by side": network(
        after(conv(3, 2, 3, padding=1), name="a"), after(Concat("x"), "a", "in", "a")
    ),
    "some positions": network(
        after(MaxPool1d("x", 1), name="a"), after(Slice("x", "positions", 5, 20), "a")
    ),
    "some channels": network(
        after(conv(4, 2, 3), name="a"), after(Slice("x", "channels", 1, 2), "a")
    ),
    "sigmoid": network(after(conv(4, 2, 3), name="a"), after(Table("x", "sigmoid"), "a")),
    "ReLU by itself": network(
        after(conv(4, 2, 3), name="a"),
        after(Table("x", "relu"), "a", name="b"),
        after(Add("x"), "a", "b"),
    ),
    "one channel": network(after(conv(4, 1, 9, stride=4)), channels=1),
    "spectrum": network(after(conv(4, 1, 5, stride=2)), channels=1, spectrum=True),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_logits(name, tmp_path):
    case = CASES[name]
    x = rng().normal(size=(5, *case.input_shape))
    exact = case.run(x)
    assert np.ptp(exact, axis=0).min() > 0
    found = Compiled(case, tmp_path).logits(x.astype(np.float32))
    # Some dozens of roundings of single precision.
    assert np.abs(found - exact).max() < 3e-6 * np.abs(exact).max()


def test_times_and_shapes(tmp_path):
    case = CASES["stride"]
    library = Compiled(case, tmp_path)
    windows = rng().normal(size=(3, *case.input_shape)).astype(np.float32)
    spent = library.times(windows, 20)
    assert len(spent) == 20
    assert (spent > 0).all()
    with pytest.raises(ValueError, match=r"windows must be of shape \(2, 37\), not \(2, 38\)"):
        library.logits(np.zeros((1, 2, 38), dtype=np.float32))


def test_the_smallest_numbers_of_the_process_stay(tmp_path):
    """A library that is linked with -ffast-math makes them zero for all who come after it."""
    Compiled(CASES["stride"], tmp_path)
    smallest = np.array([5e-324])
    assert (smallest * 1.0 > 0).all()
    assert float(smallest[0]) / 1.0 > 0


def test_what_it_cannot_write_is_named():
    with pytest.raises(TypeError, match="the layer adaptiveavgpool1d of last"):
        generated(network(after(AdaptiveAvgPool1d("x", 5))))
    with pytest.raises(TypeError, match="the function mish of last"):
        generated(network(after(conv(4, 2, 3), name="a"), after(Table("x", "mish"), "a")))
