"""Gains where a quantiser's scale fits no shift."""

import numpy as np
import pytest

from hwgen import golden
from hwgen.calibration import calibrate
from hwgen.errors import InputError
from hwgen.metrics import sqnr_db
from hwgen.network import SAMPLES, Graph, Network, Node, Output
from hwgen.network.grid import Grid
from hwgen.network.ops.add import Add
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.quantized import Precision
from hwgen.quantized.rescaling import reachable
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

BITS = Precision(adc=12, full_scale=4.0)
FINE = Grid((2.0**-5,), -128, 127)


def conv(name, filters, channels, unit, grid, *, bits=8, bias=None, **fields):
    rng = np.random.default_rng(len(name))
    units = np.broadcast_to(unit, (filters,))
    top = (1 << (bits - 1)) - 1
    whole = rng.integers(-top, top + 1, (filters, channels, 3))
    whole[:, 0, 0] = top
    weight = whole * units[:, np.newaxis, np.newaxis]
    bias = np.zeros(filters) if bias is None else bias
    return Conv1d(name, weight, bias, 1, 1, relu=False, unit=tuple(units), grid=grid, **fields)


def network(*nodes, out):
    made = [Node(op, tuple(reads)) for op, *reads in nodes]
    graph = Graph((SAMPLES,), tuple(made), (Output(out, "values"),))
    return Network("net", 48, graph)


def apart(net, scale=1.0):
    """Return the built network, and where its integers are others than the float network's."""
    built = reachable(net, BITS, scale)
    windows = np.random.default_rng(2).normal(size=(60, 48)) / scale
    steps = digitise(windows, BITS)
    floats = net.judged(steps * BITS.lsb * scale)
    task = Task((), input_scale=scale)
    model = calibrate(built.network, steps * BITS.lsb, BITS, task).model
    step = net.graph[net.graph.outputs[0].source].op.grid.step[0]
    return built, np.abs(golden.judged(model, steps) * model.steps - floats) / step


def test_powers_of_two_need_nothing():
    net = network(
        (Direct("first", grid=FINE), SAMPLES),
        (conv("one", 4, 1, 2.0**-6, Grid((0.25,), 0, 255)), "first"),
        out="one",
    )
    built, off = apart(net)
    assert built.network is net
    assert (built.gains, dict(built.drift)) == ((), {})
    assert off.max() == 0


@pytest.mark.parametrize("scale", [1.0, 0.731])
def test_samples_come_to_any_quantiser(scale):
    net = network((Direct("first", grid=Grid((0.0211,), -128, 127)), SAMPLES), out="first")
    built, off = apart(net, scale)
    assert built.gains == ("first_gain",)
    assert off.max() <= 1.001
    assert (off > 0.5).mean() < 2 * built.drift["first_gain"] + 1e-3


def test_samples_that_are_coarser_than_the_quantiser():
    net = network((Direct("first", grid=Grid((2.0**-11,), -(1 << 13), 8191)), SAMPLES), out="first")
    built, off = apart(net)
    assert built.gains == ("first_gain",)
    assert off.max() == 0


@pytest.mark.parametrize("units", [0.0371, np.array([0.031, 0.0093, 0.0147, 0.0021])])
@pytest.mark.parametrize("ends", [(0, 255), (-128, 127)])
def test_weights_of_eight_bits_have_a_gain(units, ends):
    net = network(
        (Direct("first", grid=FINE), SAMPLES),
        (conv("one", 4, 1, units, Grid((0.0817,), *ends), bias=np.arange(4) / 7), "first"),
        out="one",
    )
    built, off = apart(net)
    assert built.gains == ("one_gain",)
    assert 0 < built.drift["one_gain"] < 1 / 32
    assert off.max() <= 1.001
    assert (off > 0.5).mean() < 2 * built.drift["one_gain"]


def test_weights_of_few_bits_have_a_factor():
    net = network(
        (Direct("first", grid=FINE), SAMPLES),
        (conv("one", 4, 1, 0.371, Grid((0.817,), 0, 15), bits=3), "first"),
        out="one",
    )
    built, off = apart(net)
    assert built.gains == ()
    assert 0 < built.drift["one"] < 1 / 64
    assert (off > 0.5).mean() < 2 * built.drift["one"] + 1e-3


def test_a_dense_layer_becomes_a_convolution_for_its_gain():
    weight = np.random.default_rng(1).integers(-127, 128, (5, 48)) * 0.0113
    dense = Dense("fc", weight, np.zeros(5), unit=(0.0113,) * 5, grid=Grid((0.07,), -128, 127))
    net = network((Direct("first", grid=FINE), SAMPLES), (dense, "first"), out="fc")
    built, off = apart(net)
    assert built.gains == ("fc_gain",)
    assert (off > 0.5).mean() < 2 * built.drift["fc_gain"] + 0.01


@pytest.mark.parametrize("grid", [Grid((0.0911,), -128, 127), Grid((0.0911,), 0, 255)])
def test_sums_of_values_with_other_steps(grid):
    net = network(
        (Direct("first", grid=FINE), SAMPLES),
        (conv("one", 4, 1, 0.0371, Grid((0.0817,), 0, 255)), "first"),
        (conv("other", 4, 1, 0.0291, Grid((0.0417,), -128, 127)), "first"),
        (Add("sum", relu=not grid.signed, grid=grid), "one", "other"),
        out="sum",
    )
    built, off = apart(net)
    assert len(built.gains) == 4
    # Each input of the sum may be one of its own steps off.
    assert off.max() <= 2.001
    assert (off > 0.5).mean() < 0.05
    assert built.drift["sum"] < 1 / 16


def test_a_sum_of_values_that_have_gains_already_is_exact():
    net = network(
        (Direct("first", grid=FINE), SAMPLES),
        (conv("one", 4, 1, 0.0371, Grid((0.25,), 0, 255)), "first"),
        (conv("other", 4, 1, 0.0291, Grid((0.5,), -128, 127)), "first"),
        (Add("sum", grid=Grid((0.5,), -128, 127)), "one", "other"),
        out="sum",
    )
    built, _ = apart(net)
    assert built.gains == ("one_gain", "other_gain")
    assert "sum" not in built.drift


def test_a_sum_in_a_convolution_becomes_one_of_its_own():
    net = network(
        (Direct("first", grid=FINE), SAMPLES),
        (conv("one", 4, 1, 0.0371, Grid((0.0817,), 0, 255)), "first"),
        (
            conv("both", 4, 4, 0.0291, Grid((0.417,), -128, 127), bits=4, residual=True),
            "one",
            "one",
        ),
        out="both",
    )
    built, off = apart(net)
    assert "both_sum" in built.gains
    assert off.max() <= 1.001
    assert (off > 0.5).mean() < 0.1


def test_samples_that_the_file_does_not_round_are_taken_whole():
    net = network(
        (Direct("first"), SAMPLES),
        (conv("one", 4, 1, 0.0371, Grid((0.0817,), -128, 127)), "first"),
        out="one",
    )
    built, off = apart(net)
    assert built.network.graph["first"].op.grid == Grid((BITS.lsb,), -2048, 2047)
    assert (off > 0.5).mean() < 2 * built.drift["one_gain"] + 1e-3


@pytest.mark.parametrize("unit", [0.0371, np.array([0.031, 0.0093, 0.0147, 0.0021])])
def test_weights_alone_keep_their_integers_behind_each_other(unit):
    net = network(
        (Direct("first"), SAMPLES),
        (conv("one", 4, 1, unit, None), "first"),
        (conv("two", 3, 4, np.array([0.01, 0.02, 0.033]), None), "one"),
        out="two",
    )
    built = reachable(net, BITS, 1.0)
    assert built.gains == (() if isinstance(unit, float) else ("one_gain",))
    windows = np.random.default_rng(2).normal(size=(60, 48))
    model = calibrate(built.network, windows, BITS, Task(())).model
    for name in ("one", "two"):
        layer, op = net.graph[name].op, model.graph[name].op
        whole = layer.weight / np.array(layer.unit)[:, np.newaxis, np.newaxis]
        ratio = op.weight / np.where(whole, whole, 1)
        np.testing.assert_allclose(ratio[whole != 0], np.abs(ratio).max())
    found = golden.judged(model, digitise(windows, BITS)) * model.steps
    assert sqnr_db(net.judged(windows), found) > 25


def test_what_cannot_be_reached_is_refused_when_it_is_made():
    dense = Dense("fc", np.full((5, 12), 127 * 0.0113), np.zeros(5), unit=(0.0113,) * 5,
                  grid=Grid((0.07,), -128, 127))  # fmt: skip
    plain = Dense("hidden", np.ones((12, 48)) / 64, np.zeros(12), grid=Grid((0.25,), -128, 127))
    net = network(
        (Direct("first", grid=FINE), SAMPLES), (plain, "first"), (dense, "hidden"), out="fc"
    )
    with pytest.raises(InputError, match=r"^fc has weights and a quantiser behind it"):
        apart(net)
