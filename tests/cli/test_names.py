"""Names of files and classes are printed as they are: no markup, no emoji, in any encoding."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

NAMES = ("IR [mild] :x:", "IR [severe] $a$", "\N{MICRO SIGN}\n\x1b[31m[b]")
SHOWN = ("IR [mild] :x:", "IR [severe] $a$", r"\n\x1b[31m[b]")


@pytest.fixture
def folder(tmp_path):
    """Recordings with names that a terminal, a page or a figure could take for something else."""
    rng = np.random.default_rng(7)
    (tmp_path / "set").mkdir()
    for number, name in enumerate(NAMES):
        tone = np.sin(np.arange(3000) * 0.4 * (number + 1))
        np.save(tmp_path / "set" / f"{name}.npy", tone + 0.1 * rng.standard_normal(3000))
    return tmp_path / "set"


@pytest.fixture
def run(tmp_path, write_state):
    """Quantize in a program of its own, with a terminal of some kind."""
    write_state(tmp_path / "net.pt")

    def run(folder, **environment):
        return subprocess.run(
            [sys.executable, "-m", "hwgen", "quantize", tmp_path / "net.pt", "--data", folder,
             "--sample-rate", "12000", "-o", tmp_path / "out.json"],
            env=os.environ | environment, capture_output=True, check=False, timeout=120,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "utf-8", "COLUMNS": "20"},
        {"PYTHONIOENCODING": "ascii", "COLUMNS": "20"},
        {"PYTHONIOENCODING": "cp437"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "7"},
    ],
    ids=lambda each: each.get("PYTHONIOENCODING", "C"),
)
def test_quantize_prints_names_and_numbers_whole(run, folder, tmp_path, environment):
    encoding = environment.get("PYTHONIOENCODING", "ascii")
    done = run(folder, **environment)
    text = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    for index, name in enumerate(SHOWN):
        (line,) = [line for line in text.splitlines() if name in line and "0.250" in line]
        assert line.split()[0] == str(index)
    assert ("\N{MICRO SIGN}" in text) == (encoding != "ascii")
    assert "\x1b" not in text
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    assert [line for line in text.splitlines() if line.startswith("F1 float 0.")]
    page = (tmp_path / "out-report" / "index.html").read_text(encoding="utf-8")
    assert "IR [severe] $a$" in page


def test_an_error_names_the_file_as_it_is(hwgen, folder, write_state, tmp_path):
    bad = folder / "[red]x\n:x:.npy"
    bad.write_bytes(b"nothing")
    outcome = hwgen("quantize", write_state(tmp_path / "n.pt"), "--data", folder, "-o", "x.json")
    assert outcome.code == 3
    assert r"[red]x\n:x:.npy" in outcome.line
