"""What was read of recordings is told by every command, again on a second run, and reported."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from hwgen.cli.main import run
from hwgen.errors import InputError
from hwgen.flow.build import build
from hwgen.flow.train import train_checkpoint

HEADER = ["index", "class", "files", "seconds", "channel", "rate"]


def told(lines):
    """Return the rows of the table, cell by cell as far as they are words."""
    begin = next(n for n, line in enumerate(lines) if line.split() == HEADER)
    rows = [line.split() for line in lines[begin + 1 :]]
    return [row[:4] for row in rows if row and row[0].isdecimal()]


def test_a_build_tells_it_and_a_second_one_again(finished):
    settings, folder = finished
    said: list[str] = []
    build(settings, folder, said.append)
    assert "quantize: unchanged, not run again" in said
    rows = [[str(i), name, "1", "0.250"] for i, name in enumerate(("inner", "outer", "sound"))]
    assert told(said) == rows
    report = json.loads((folder / "report.json").read_text())
    assert [row["class"] for row in report["data"]["classes"]] == ["inner", "outer", "sound"]


def test_report_tells_it(finished, capsys):
    assert run(["report", str(finished[1])]) == 0
    assert len(told(capsys.readouterr().out.splitlines())) == 3


def test_training_tells_it_before_it_begins(recordings, tmp_path, monkeypatch):
    monkeypatch.setattr("hwgen.training.train", lambda *_, **__: pytest.fail("stop"))
    said: list[str] = []
    with pytest.raises(pytest.fail.Exception):
        train_checkpoint(str(recordings), tmp_path / "x.pt", say=said.append)
    assert [row[1] for row in told(said)] == ["inner", "outer", "sound"]
    assert any("sample rate" in line for line in said)


def test_training_does_not_write_over_what_it_reads(recordings, tmp_path, capsys):
    folder = shutil.copytree(recordings, tmp_path / "set")
    (file,) = folder.rglob("sound*")
    before = file.read_bytes()
    assert run(["train", "--data", str(folder), "-o", str(file)]) == 7
    assert "it is what is read; name another file" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_what_is_refused_afterwards_stands_below_the_table(hwgen_lines, write_state, tmp_path):
    network = write_state(tmp_path / "n.pt")
    (tmp_path / "set").mkdir()
    for name in ("a", "b"):
        np.save(tmp_path / "set" / f"{name}.npy", np.random.default_rng(0).normal(size=3000))
    lines, error = hwgen_lines(
        "quantize", network, "--data", tmp_path / "set", "-o", tmp_path / "o.json"
    )
    assert [row[1] for row in told(lines)] == ["a", "b"]
    assert "must have one class per logit (3), not 2 (a, b)" in error


@pytest.fixture
def hwgen_lines(capsys):
    def call(*arguments):
        capsys.readouterr()
        assert run(list(map(str, arguments))) == InputError.exit_code
        out, err = capsys.readouterr()
        return out.splitlines(), err

    return call
