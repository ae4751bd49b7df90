"""The tables of the search for neurons, and gplearn's programs multiplied out."""

from __future__ import annotations

from types import SimpleNamespace

import neurons
import neurons_steps as steps
import numpy as np
import pytest

from hwgen.network.neuron import Neuron

ADD, SUB, MUL = (SimpleNamespace(name=name) for name in ("add", "sub", "mul"))


@pytest.mark.parametrize(
    ("program", "terms"),
    [
        ([ADD, MUL, 0, 1, MUL, 2, 2], "power 2, product 2"),
        ([SUB, MUL, 0, 1, MUL, 1, 0], "nothing"),
        ([MUL, ADD, 0, 1, ADD, 0, 1], "power 2, product 2"),
        ([ADD, 0, MUL, 0.001, 1], "power 1"),
        ([MUL, 0, MUL, 0, MUL, 0, 1], "product 4"),
        ([ADD, 0.5, 0.25], "nothing"),
    ],
)
def test_programs_are_multiplied_out(program, terms):
    assert steps._terms(program) == terms


def test_known_tables_have_their_formula():
    table = steps.known("x1*x2 + x3^2", 10)
    exact = table.x[:, 0] * table.x[:, 1] + table.x[:, 2] ** 2
    assert np.abs(table.y - exact).max() < 0.1
    assert table.x.shape == (steps.ROWS, 10)


def test_widths_for_as_many_parameters():
    table = steps.known("x1*x2 + x3^2", 10)
    size = steps._size(Neuron((1, 2), (2, 3)), steps.HIDDEN, table)
    for neuron in (Neuron((1,)), Neuron((1, 2), (2,))):
        found = steps._size(neuron, steps._hidden(neuron, table, size), table)
        assert abs(found - size) < 0.1 * size


def test_a_network_learns_and_a_constant_does_not():
    table = steps.known("x1*x2 + x3^2", 10).some(np.arange(600))
    test = steps.known("x1*x2 + x3^2", 10, seed=1).some(np.arange(200))
    neuron = Neuron((1, 2), (2,))
    found = steps._trained(neuron, (6, 3), table, test, 0)
    assert found < 0.1
    assert steps._trained(neuron, (6, 3), table, test, 0) == found


def test_the_page_is_written_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    marks = [mark for pair in neurons.MARKS.values() for mark in pair]
    page.write_text("before\n" + "\n".join(marks) + "\nafter\n")
    row = {"right": 7, "same": 8, "of": 10, "seconds": 1.25}
    lines = neurons.stability({f"search 10 {neurons.FIRST}": row})
    neurons.write({"stability": lines, "accuracy": neurons.accuracy({})}, page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| `x1*x2 + x3^2` | 10 | 7 of 10 | 8 of 10 | 1.2 | not measured |" in text
    neurons.write({"stability": lines, "accuracy": neurons.accuracy({})}, page)
    assert page.read_text() == text
    page.write_text("no marks")
    with pytest.raises(ValueError, match="once each, in this order"):
        neurons.write({"stability": [], "accuracy": []}, page)


def test_rows_of_networks():
    nets = {name: {"scores": [0.5, 0.7], "parameters": 1234} for name in
            ("linear", "quadratic", "found")}  # fmt: skip
    row = {"neuron": Neuron((1,)).to_json(), "times": 2, "of": 3, "seconds": 6.0, "inputs": 4,
           "rows": [100, 20], "task": "classify", "nets": nets}  # fmt: skip
    *_, line, none = neurons.accuracy({"a": row, "b": {"neuron": None, "times": 3, "of": 3}})
    assert line.startswith(
        "| a | 4 | 100 + 20 | `w1 x + b` | 2 of 3 | 2.0 | 0.600 +- 0.141 (1,234)"
    )
    assert none.startswith("| b | | | nothing | 3 of 3 |")


def test_every_item_has_a_file_of_its_own(tmp_path):
    items = neurons.items(10, tmp_path, tmp_path)
    names = [name for part in items.values() for name in part]
    assert len({neurons.path_of(name, tmp_path) for name in names}) == len(names)
    assert sorted(names, key=lambda name: neurons._rank(name, items["stability"]))[0] == (
        "search 10 x1*x2 + x3^2"
    )
    assert neurons.known(names, tmp_path) == {}
