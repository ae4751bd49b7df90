"""Ctrl-C at every stage: exit code 130, one line, no process and nothing half-written left."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks into /proc")


@pytest.fixture
def folder(built, tmp_path) -> Path:
    """Return a copy of a verified build in the programs' folder."""
    return Path(shutil.copytree(built, tmp_path / "build"))


def check(program, number: int = signal.SIGINT, code: int = 130) -> None:
    outcome = program.end(number)
    assert outcome.code == code
    if code == 130:
        assert outcome.line == "interrupted"
    deadline = time.monotonic() + 5
    while program.children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert program.children() == {}


def test_during_calibration(start, built, tmp_path):
    program = start("build", built.parent / "tiny.pt", "-o", "new", "--snr", "3")
    program.wait_for("quantize:")
    check(program)
    assert list(tmp_path.iterdir()) == []


def test_during_training(start, tmp_path):
    program = start("demo", "-o", "new")
    program.wait_for("train:")
    time.sleep(1.5)
    check(program)
    assert not list(tmp_path.rglob("*.pt"))
    assert not list(tmp_path.rglob("stage.json"))
    assert not list(tmp_path.rglob("report.json"))


@pytest.mark.parametrize("wanted", ["simulate.py", "cc1plus"])
def test_during_verification(start, folder, listing, wanted):
    shutil.rmtree(folder / "sim" / "verilator")
    before = listing(folder)
    program = start("verify", "build", "--force")
    program.wait_for("verify:")
    program.wait_for_children(wanted)
    check(program)
    after = listing(folder)
    for name in ("report.json", "settings.json", "rtl/hwgen_core.v", "ir/model.json"):
        assert after[name] == before[name]
    assert "sim/outcome.json" not in after


def test_during_a_first_verification(start, folder, listing):
    shutil.rmtree(folder / "sim")
    (folder / "report.json").unlink()
    program = start("verify", "build")
    program.wait_for("verify:")
    program.wait_for_children("simulate.py")
    check(program)
    after = listing(folder)
    assert "report.json" not in after
    assert "sim/stage.json" not in after


def test_during_synthesis(start, folder, listing):
    before = listing(folder)
    program = start("synth", "build")
    program.wait_for("synth:")
    program.wait_for_children("yosys")
    check(program)
    after = listing(folder)
    assert after["report.json"] == before["report.json"]
    assert "synth/stage.json" not in after
    assert "synth/top.bit" not in after


def test_being_ended_leaves_no_process_either(start, folder):
    program = start("synth", "build")
    program.wait_for("synth:")
    program.wait_for_children("yosys")
    check(program, signal.SIGTERM, 128 + signal.SIGTERM)
