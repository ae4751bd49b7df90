"""The tables of codes of weights."""

from __future__ import annotations

import compression
import compression_steps as steps
import numpy as np
import pytest

from hwgen import importers
from hwgen.flow.compress import Wanted


def row(bits: float, f1: float = 0.5) -> dict:
    return {"bits": bits, "file": 2000, "errors": {"a": 0.25, "b": 0.125}, "f1": f1,
            "codes": ["huffman", "uniform"], "seconds": 1.0}  # fmt: skip


def test_rows_with_the_same_bits_stand_once():
    rows = {"plain": {"f1": 1.0, "file": 9000, "windows": 5}, "uniform 4 bits": row(4.06),
            "uniform 3.6 bits": row(3.06, 0.25), "uniform 3 bits": row(3.06, 0.25),
            "ternary 1 bits": {"refused": "bits must be more"}}  # fmt: skip
    lines = compression.bits_table(rows)
    assert lines[0] == "| method | bits a weight | file, bytes | error of a | error of b | F1 |"
    assert lines[2:] == [
        "| float32 | 32 | 9,000 | 0 | 0 | 100.00 |",
        "| `uniform` | 3.06 | 2,000 | 0.250 | 0.125 | 25.00 |",
        "| `uniform` | 4.06 | 2,000 | 0.250 | 0.125 | 50.00 |",
    ]


def test_errors_that_are_not_reached():
    rows = {"auto error 0.1": row(3.5), "uniform error 0.1": row(4.5),
            "ternary error 0.1": {"refused": "x"}}  # fmt: skip
    (line,) = [each for each in compression.errors_table(rows) if each.startswith("| 0.1 |")]
    cells = [each.strip() for each in line.strip("|").split("|")]
    assert cells[1:] == ["not reached"] * 4 + ["not reached", "4.50", "3.50", "huffman, uniform",
                                              "2,000", "50.00"]  # fmt: skip


def test_a_large_layer():
    rows = {"uniform 1 of 4": {"shape": [3, 40], "bits": 4.1, "error": 0.1, "seconds": 0.25},
            "inr 1 of 4": {"refused": "too small"}}  # fmt: skip
    lines = compression.large_table(rows)
    assert lines[2:] == ["| 3 x 40 | `uniform` | 4.10 | 0.100 | 0.2 |"]


def test_the_page_is_written_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    marks = [mark for pair in compression.MARKS.values() for mark in pair]
    page.write_text("before\n" + "\n".join(marks) + "\nafter\n")
    for times in (1, 2):
        compression.write({name: ["| table |"] for name in compression.NAMES}, page)
        assert page.read_text().count("| table |") == 3, times
    assert page.read_text().endswith("after\n")
    page.write_text("no marks")
    with pytest.raises(ValueError, match="once each"):
        compression.write({name: [] for name in compression.NAMES}, page)


def test_the_page_in_the_docs_has_the_marks():
    text = compression.PAGE.read_text()
    assert all(text.count(mark) == 1 for pair in compression.MARKS.values() for mark in pair)


def test_figures_are_those_of_the_file(write_state, tmp_path, monkeypatch):
    path = write_state(tmp_path / "a.pt", filters=8)
    answers = []
    monkeypatch.setattr(steps, "windows", lambda *_: None)
    monkeypatch.setattr(steps, "f1", lambda network, _: answers.append(network) or 0.75)
    found = steps.coded(path, "nowhere", Wanted("uniform", bits=3))
    assert (found["f1"], found["codes"]) == (0.75, ["uniform", "uniform"])
    assert 3 < found["bits"] < 4
    was = importers.load(path).network.layers[1].tensors()["weight"]
    got = answers[0].layers[1].tensors()["weight"]
    share = np.linalg.norm(was - got) / np.linalg.norm(was)
    assert share == pytest.approx(found["errors"]["conv1.weight"])


def test_part_of_the_largest_layer(write_state, tmp_path):
    path = write_state(tmp_path / "a.pt")
    assert steps.largest(path)[0] == "fc1.weight"
    whole, some = (steps.part(path, None, share, "codebook", 3.0) for share in (1, 3))
    assert whole["shape"][0] == 3 * some["shape"][0]
    assert 3 < whole["bits"] < some["bits"]
