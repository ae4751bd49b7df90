"""Products with constant matrices, and the adder graphs that they are made of."""

from __future__ import annotations

import time

import numpy as np
import pytest

from hwgen.hardware.unrolled.constant_matrix import ConstantMatrix
from hwgen.plans.constants import subexpressions
from hwgen.plans.constants.adder_graph import AdderGraph, Span, row_span
from hwgen.plans.constants.csd import digits
from hwgen.plans.constants.subexpressions import share


def drawn(seed: int) -> tuple[np.ndarray, Span]:
    """Return a random matrix, with zeros, and the inputs' span."""
    rng = np.random.default_rng(seed)
    bits = int(rng.integers(1, 9))
    matrix = rng.integers(-(1 << bits), (1 << bits) + 1, rng.integers(1, 9, 2))
    matrix[rng.random(matrix.shape) < rng.random()] = 0
    width = int(rng.integers(1, 9))
    low = -(1 << width) if rng.integers(4) == 0 else 0
    return matrix, Span(low, (1 << width) - 1)


def product(graph: AdderGraph, x: np.ndarray, y: dict[str, int]) -> list[int]:
    """Return a component's outputs with shift and sign."""
    return [
        0 if output is None else (y[f"o{row}"] << output.shift) * (-1 if output.negative else 1)
        for row, output in enumerate(graph.outputs)
    ]


@pytest.mark.parametrize("seed", range(40))
def test_a_product_every_cycle(play, seed):
    matrix, source = drawn(seed)
    rng = np.random.default_rng(seed)
    graph = share(matrix, source, extra=int(rng.integers(2)))
    dut = ConstantMatrix(graph)
    x = rng.integers(source.low, source.high + 1, (30, matrix.shape[1]))
    x[:2] = [[source.low], [source.high]]
    for row, ends in ((0, (source.low, source.high)), (-1, (source.high, source.low))):
        x[2 + row] = np.where(matrix[row] < 0, *ends)  # the ends of an output's range
    zero = rng.integers(0, 4, 30) == 0
    got = play(
        dut, {"x": x.tolist(), "zero": [*map(int, zero), 0]}, ["y"], cycles=30 + dut.latency
    )["y"][dut.latency :]
    wanted = np.where(zero[:, np.newaxis], 0, x @ matrix.T)
    assert [product(graph, *pair) for pair in zip(x, got, strict=True)] == wanted.tolist()


@pytest.mark.parametrize("seed", range(40))
def test_graphs_are_legal(seed):
    matrix, source = drawn(seed)
    graph = share(matrix, source)
    for row, output in zip(matrix, graph.outputs, strict=True):
        if output is None:
            assert not row.any()
        else:
            sign = -1 if output.negative else 1
            assert (sign * (graph.rows[output.node] << output.shift) == row).all()
            assert graph.levels[output.node] <= graph.latency
    for node, adder in enumerate(graph.adders, graph.lanes):
        assert max(adder.a, adder.b) < node
        assert max(graph.levels[adder.a], graph.levels[adder.b]) < graph.levels[node]
    most = max(sum(len(digits(int(value))) for value in row) for row in matrix)
    assert graph.latency == max(1, (most - 1).bit_length())
    used = {operand for adder in graph.adders for operand in (adder.a, adder.b)}
    used |= {output.node for output in graph.outputs if output is not None}
    assert used >= set(range(graph.lanes, graph.lanes + len(graph.adders)))


@pytest.mark.parametrize("seed", range(20))
def test_spans_are_exact(seed):
    matrix, source = drawn(seed)
    row = matrix[0]
    every = np.stack(np.meshgrid(*[[source.low, source.high]] * len(row)), -1).reshape(-1, len(row))
    products = every @ row
    assert row_span(row, source) == Span(int(products.min()), int(products.max()))


@pytest.mark.parametrize(
    ("span", "signed", "width"),
    [((0, 0), 0, 1), ((0, 255), 0, 8), ((0, 256), 0, 9), ((-1, 0), 1, 1), ((-128, 128), 1, 9)],
)
def test_width_of_a_span(span, signed, width):
    assert (Span(*span).signed, Span(*span).width) == (bool(signed), width)


def test_a_shared_pair_is_added_once():
    graph = share(np.array([[1, 2, 0], [4, 8, 1], [-1, -2, 1]]), Span(0, 255))
    assert len(graph.adders) == 3
    assert graph.size == sum(bits + bits % 2 for bits in graph.adder_bits)


def test_what_passes_an_adder_by_costs_nothing():
    graph = share(np.array([[1, 16]]), Span(0, 255))
    assert graph.adder_bits == (9,)  # 13 bits, of which the lowest 4 are the first input's


@pytest.mark.parametrize("bits", [5, 8])
def test_sharing_saves_much_and_is_quick_and_the_same_every_time(bits):
    most = (1 << (bits - 1)) - 1
    matrix = np.random.default_rng(1).integers(-most, most + 1, (36, 8))
    start = time.process_time()
    graph = share(matrix, Span(0, 255))
    assert time.process_time() - start < 5
    plain = sum(len(digits(int(value))) for value in matrix.ravel()) - len(matrix)
    assert len(graph.adders) < 0.6 * plain
    subexpressions._shared.cache_clear()
    again = share(matrix, Span(0, 255))
    assert again is not graph
    assert (again.adders, again.outputs, again.levels) == (
        graph.adders,
        graph.outputs,
        graph.levels,
    )


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,)])
def test_an_empty_matrix_is_refused(shape):
    with pytest.raises(ValueError, match=r"^matrix must have rows and columns, not shape "):
        share(np.zeros(shape, dtype=np.int64), Span(0, 1))
