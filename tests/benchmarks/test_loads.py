"""The table of other loads: what is trained, and what its lines say."""

from __future__ import annotations

import sys

import loads
import pytest

from hwgen import zoo

FIGURES = [
    {"f1 clean": 1.0, "f1 at 0 dB": 0.5, "f1 at -6 dB": 0.25,
     "f1 on 1HP clean": 0.5, "f1 on 1HP at 0 dB": 0.4, "f1 on 1HP at -6 dB": value}
    for value in (0.25, 0.75)
]  # fmt: skip


@pytest.mark.parametrize("row", loads.ROWS, ids=lambda row: row.name)
def test_every_row_can_be_trained_and_is_tested_where_the_table_says(row):
    asked = row.training
    recipe = zoo.designed(asked.network, asked.shape).recipe(asked.recipe)
    assert recipe.tested_snrs(None) == (-6.0, 0.0, None)
    assert f"--recipe {asked.recipe}" in row.options
    assert asked.network == zoo.DEFAULT or f"--network {asked.network}" in row.options


def test_lines_have_mean_and_deviation_of_each_place():
    home, other = loads.lines(loads.ROWS[0], ["1HP"], FIGURES)
    assert home.startswith("| mixed | home | 2 | 1.000 ± 0.000 | 0.500 ± 0.000 | 0.250 ± 0.000 |")
    assert "| 1HP | 2 | 0.500 ± 0.000 | 0.400 ± 0.000 | 0.500 ± 0.354 |" in other
    assert loads.spread([0.5]) == "0.500"


def test_the_command(monkeypatch, capsys, tmp_path):
    seen = []

    def trained(row, seed, data, others, reading):
        seen.append((row.name, seed, data, list(others), reading.class_from))
        return FIGURES[seed]

    monkeypatch.setattr(loads, "FOLDER", tmp_path / "loads")
    monkeypatch.setattr(loads, "trained", trained)
    arguments = ["loads.py", "0HP", "--test-data", "x/1HP", "--seeds", "2", "--rows", "general"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--class-from", "(B)"])
    loads.main()
    assert seen == [("general", seed, "0HP", ["x/1HP"], "(B)") for seed in (0, 1)]
    table = capsys.readouterr().out.splitlines()
    assert len([line for line in table if line.startswith("| general |")]) == 2
