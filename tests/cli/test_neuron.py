"""`hwgen neuron search`, from a table to a neuron's file."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hwgen.cli.neuron import _tell
from hwgen.network.neuron import Neuron

QUICK = ("--order", "2", "--rank", "3", "--epochs", "10", "--seeds", "2")


@pytest.fixture
def csv(tmp_path):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((300, 4))
    y = x[:, 0] * x[:, 1] + x[:, 2] ** 2
    path = tmp_path / "known.csv"
    lines = [",".join(map(str, row)) for row in np.column_stack([x, y])]
    path.write_text("\n".join(["a,b,c,d,wear", *lines]))
    return path


def test_a_known_formula(hwgen, csv, tmp_path):
    path = tmp_path / "neuron.json"
    outcome = hwgen("neuron", "search", "--data", csv, "--task", "regress", *QUICK, "-o", path)
    assert (outcome.code, outcome.err) == (0, "")
    assert "known.csv: 300 rows of 4 inputs, values" in outcome.out
    assert "formula: w2 x^2 + (u1 x)(u2 x) + b" in outcome.out
    assert "powers: 2; products of sums: 2" in outcome.out
    assert "found by 2 of 2 seeds" in outcome.out
    assert "1 a*b" in outcome.out
    assert "1 c^2" in outcome.out
    value = json.loads(path.read_text())
    assert Neuron.from_json(value) == Neuron((2,), (2,))
    about = value["search"]
    assert (about["task"], about["target"], about["times"], about["of"]) == (
        "regress", "wear", 2, 2,
    )  # fmt: skip
    assert set(about["scores"]) == {"found", "linear", "quadratic"}


def test_json_alone_and_the_same_again(hwgen, csv):
    arguments = "neuron", "search", "--data", csv, *QUICK, "--seed", "4", "--json", "--share-rank"
    first, second = (json.loads(hwgen(*arguments).out) for _ in range(2))
    first["search"].pop("seconds"), second["search"].pop("seconds")
    assert first == second
    assert Neuron.from_json(first) == Neuron((2,), (2,), 3)
    assert [each["seed"] for each in first["search"]["seeds"]] == [4, 5]


def test_nothing_is_found_and_nothing_written(hwgen, tmp_path):
    path = tmp_path / "noise.csv"
    np.savetxt(path, np.random.default_rng(0).standard_normal((200, 4)), delimiter=",")
    outcome = hwgen("neuron", "search", "--data", path, *QUICK, "-o", tmp_path / "n.json")
    assert outcome.code == 4
    assert outcome.line.startswith("nothing found: for 2 of 2 seeds no neuron up to order 2")
    assert [each.name for each in tmp_path.iterdir()] == ["noise.csv"]


@pytest.mark.parametrize(
    ("name", "text", "arguments", "code", "said"),
    [
        ("t.csv", "a,b\n" + "1,x\n" * 40, (), 3, "must change over the rows"),
        ("t.csv", "a,b,c\n" + "1,x,2\n" * 40, (), 3, "column b must have numbers, not 'x'"),
        ("t.csv", "1,2\n" * 5, (), 3, "at least 30 rows, not 5"),
        ("t.csv", "1,2\n" * 40, ("--target", "z"), 2, "--target must name one column"),
        ("t.doc", "1,2\n", (), 3, "must end with one of"),
        ("t.csv", "1,2\n", ("-o", "t.csv"), 7, "it is what is read"),
    ],
)
def test_what_cannot_be_searched(hwgen, tmp_path, monkeypatch, name, text, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    outcome = hwgen("neuron", "search", "--data", name, *arguments)
    assert outcome.code == code
    assert said in outcome.line
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_options_that_do_nothing_with_a_table_are_told(hwgen, csv):
    outcome = hwgen("neuron", "search", "--data", csv, *QUICK, "--snr", "3", "--unit", "g")
    assert outcome.code == 0
    assert "a table has no signal, so --snr does nothing" in outcome.out
    assert "--unit does nothing" in outcome.out


def test_recordings(hwgen):
    outcome = hwgen("neuron", "search", "--data", "synthetic", "--order", "1", "--epochs", "4",
                    "--seeds", "1", "--snr", "0")  # fmt: skip
    assert (outcome.code, outcome.err) == (0, "")
    assert "inputs: 32 bands of equal width" in outcome.out
    assert "formula: w1 x + b" in outcome.out
    assert "macro F1" in outcome.out


@pytest.mark.parametrize(("loss", "warned"), [(0.5, False), (0.7, True)])
def test_a_linear_neuron_that_is_better_is_told(capsys, loss, warned):
    scores = {
        name: {"loss": each, "f1": None, "parameters": 5}
        for name, each in (("found", loss), ("linear", 0.6))
    }
    about = {"times": 1, "of": 2, "seconds": 3.0, "terms": [], "scores": scores, "classes": [],
             "held_rows": 40}  # fmt: skip
    _tell(Neuron((2,)).to_json() | {"search": about})
    assert ("WARNING: on these rows a linear neuron is better" in capsys.readouterr().out) == warned
