"""What a graph of adders is, and what it costs, by hand-made graphs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hwgen.plans.constants.adder_graph import (
    Adder,
    AdderGraph,
    Output,
    Span,
    adder_size,
    row_span,
    scheduled,
)

# x0 + 4 x1, x0 - 2 x1, and their difference with x2: node numbers 3, 4 and 5.
ADDERS = (Adder(0, 1, 2, False), Adder(0, 1, 1, True), Adder(3, 2, 1, True))
MATRIX = np.array([[1, 4, 0], [-2, 4, 0], [0, 0, 0], [1, 4, -2]])
OUTPUTS = (Output(3, 0, False), Output(4, 1, True), None, Output(5, 0, False))

SOURCE = Span(0, 15)


def graph(latency=2, levels=(0, 0, 0, 1, 1, 2), source=SOURCE):
    return AdderGraph(MATRIX, source, ADDERS, OUTPUTS, levels, latency)


def test_a_graph():
    found = graph()
    assert found.lanes == 3
    rows = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 4, 0], [1, -2, 0], [1, 4, -2]]
    assert [row.tolist() for row in found.rows] == rows
    spans = [Span(0, 15)] * 3 + [Span(0, 75), Span(-30, 15), Span(-30, 75)]
    assert list(found.spans) == spans
    assert [span.width for span in spans] == [4, 4, 4, 7, 6, 8]
    # x2 waits a cycle for node 5; nodes 3 and 4 wait for the outputs.
    assert found.last_use == (0, 0, 1, 2, 2, 2)
    assert found.adder_bits == (5, 5, 7)
    assert found.size == 6 + 6 + 8
    assert found.registers == 1 * 4 + 2 * 7 + 2 * 6 + 1 * 8


def test_outputs_wait_for_the_latency():
    found = graph(latency=4)
    assert found.last_use == (0, 0, 1, 4, 4, 4)
    assert found.registers == 4 + 4 * 7 + 4 * 6 + 3 * 8


def test_operands_wait_for_a_later_adder():
    found = graph(levels=(0, 0, 0, 1, 2, 2))
    assert found.last_use == (1, 1, 1, 2, 2, 2)
    assert found.registers == 3 * 4 + 2 * 7 + 6 + 8


def test_an_output_that_is_an_input_waits_too():
    found = AdderGraph(np.array([[2]]), Span(-8, 7), (), (Output(0, 1, False),), (0,), 3)
    assert (found.last_use, found.registers, found.size) == ((3,), 12, 0)


@pytest.mark.parametrize(
    ("span", "other", "shift", "subtract", "low", "high"),
    [
        ((0, 3), (0, 5), 0, False, 0, 8), ((0, 3), (0, 5), 0, True, -5, 3),
        ((-1, 3), (-2, 5), 2, False, -9, 23), ((-1, 3), (-2, 5), 2, True, -21, 11),
    ],
)  # fmt: skip
def test_sums_of_spans(span, other, shift, subtract, low, high):
    assert Span(*span).plus(Span(*other), shift, subtract=subtract) == Span(low, high)


def test_a_plain_sum_of_spans():
    assert Span(1, 2).plus(Span(10, 20)) == Span(11, 22)


@pytest.mark.parametrize(
    ("span", "signed", "width"),
    [((0, 0), False, 1), ((0, 1), False, 1), ((0, 2), False, 2), ((0, 255), False, 8),
     ((-1, 0), True, 1), ((-1, 1), True, 2), ((-128, 127), True, 8), ((-129, 0), True, 9)],
)  # fmt: skip
def test_widths(span, signed, width):
    assert (Span(*span).signed, Span(*span).width) == (signed, width)


@pytest.mark.parametrize(("bits", "size"), [(0, 0), (1, 2), (2, 2), (3, 4), (8, 8), (9, 10)])
def test_size_of_an_adder(bits, size):
    assert adder_size(bits) == size


@pytest.mark.parametrize("ends", [(0, 15), (-8, 7), (3, 15), (-9, -2)])
def test_spans_of_rows(ends):
    row = [3, -2, 0, 5]
    sums = [sum(np.multiply(row, each)) for each in itertools.product(ends, repeat=4)]
    assert row_span(row, Span(*ends)) == Span(min(sums), max(sums))
    sums = [sum(np.multiply(row, each)) for each in itertools.product((0, *ends), repeat=4)]
    assert row_span(row, Span(*ends), free=True) == Span(min(sums), max(sums))


def legal(adders, outputs, widths, latency):
    """Yield every schedule there is."""
    lanes = len(widths) - len(adders)
    ends = {output.node for output in outputs if output is not None}
    for levels in itertools.product(range(1, latency + 1), repeat=len(adders)):
        every = (*([0] * lanes), *levels)
        fits = all(
            every[node] > max(every[adder.a], every[adder.b])
            for node, adder in enumerate(adders, lanes)
        )
        if fits and all(every[node] <= latency for node in ends):
            yield every


def held(levels, adders, outputs, widths, latency):
    """Return the bits of registers that hold nodes behind their own."""
    lanes = len(widths) - len(adders)
    last = list(levels)
    for node, adder in enumerate(adders, lanes):
        for operand in (adder.a, adder.b):
            last[operand] = max(last[operand], levels[node] - 1)
    for output in outputs:
        if output is not None:
            last[output.node] = latency
    return sum(
        (end - level) * width for end, level, width in zip(last, levels, widths, strict=True)
    )


CASES = [
    # Two operands wait instead of their sum, where somebody else wants them to; and one where not.
    ((Adder(0, 1, 0, False),), (Output(2, 0, False), Output(0, 0, False), Output(1, 0, False)),
     (8, 8, 9), 4),
    ((Adder(0, 1, 0, False),), (Output(2, 0, False),), (8, 8, 9), 4),
    ((Adder(0, 1, 0, False),), (Output(2, 0, False), None), (3, 3, 9), 3),
    (ADDERS, OUTPUTS, (4, 4, 4, 7, 6, 8), 5),
    (ADDERS, (None, Output(5, 0, True)), (4, 4, 4, 7, 6, 8), 4),
    ((Adder(0, 1, 0, False), Adder(2, 0, 0, False), Adder(2, 3, 1, True)),
     (Output(4, 0, False),), (2, 2, 9, 4, 6), 5),
]  # fmt: skip


@pytest.mark.parametrize("case", [*CASES[:3], CASES[4]])
def test_few_registers_hold_what_waits(case):
    """The best schedule there is, where one adder after the other finds it."""
    levels = scheduled(*case)
    every = list(legal(*case))
    assert levels in every
    assert held(levels, *case) == min(held(each, *case) for each in every)


@pytest.mark.parametrize("case", CASES)
def test_no_adder_alone_has_a_better_level(case):
    levels = scheduled(*case)
    for each in legal(*case):
        if sum(a != b for a, b in zip(each, levels, strict=True)) <= 1:
            assert held(each, *case) >= held(levels, *case)


def test_schedules_stay_as_they_are():
    found = [scheduled(*case)[len(case[2]) - len(case[0]) :] for case in CASES]
    assert found == [(4,), (1,), (3,), (1, 1, 5), (1, 1, 2), (1, 2, 3)]


def test_of_equal_schedules_the_first_one_stays():
    # The operands are as wide together as their sum: it is added at once.
    assert scheduled((Adder(0, 1, 0, False),), (Output(2, 0, False),), (4, 4, 8), 3) == (0, 0, 1)
