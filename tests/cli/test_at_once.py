"""Two commands on one folder, and what a killed one leaves to the next."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path

import pytest

from hwgen import lock

ACCESS = 7

pytestmark = pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks into /proc")


@pytest.fixture
def folder(built, tmp_path) -> Path:
    """Return a copy of a verified build in the programs' folder."""
    return Path(shutil.copytree(built, tmp_path / "build"))


def test_whatever_writes_is_refused_while_another_is_at_work(start, hwgen, folder, listing):
    program = start("verify", "build", "--force")
    program.wait_for_children("simulate.py")
    before = listing(folder / "ir"), (folder / "report.json").read_bytes()
    checkpoint = folder.parent / "tiny.pt"
    shutil.copy(folder / "settings.json", checkpoint)  # it is not even looked at
    (folder.parent / "link").symlink_to(folder)
    for command in (
        ("build", checkpoint, "-o", folder, "--snr", "3"),
        ("build", checkpoint, "-o", folder.parent / "link"),
        ("demo", "-o", folder),
        ("verify", folder),
        ("synth", folder),
        ("report", folder),
        ("export", folder),
        ("export", folder, "-o", folder.parent / "elsewhere"),
        ("bench", folder, "--port", "virtual"),
        ("power", folder),
        ("program", folder),
    ):
        begin = time.monotonic()
        outcome = hwgen(*command)
        assert outcome.code == ACCESS, command
        assert f"process {program.process.pid} since " in outcome.line
        assert "hwgen verify build --force" in outcome.line
        assert time.monotonic() - begin < 10
    assert program.process.poll() is None
    assert (listing(folder / "ir"), (folder / "report.json").read_bytes()) == before


def test_what_only_reads_works_meanwhile(start, hwgen, folder, recordings):
    program = start("verify", "build", "--force")
    program.wait_for_children("simulate.py")
    assert hwgen("predict", folder, recordings / "inner.npy").code == 0
    assert program.process.poll() is None


def test_killed_at_work_nothing_works_on_and_the_next_one_may(start, hwgen, folder, listing):
    before = json.loads((folder / "report.json").read_text())
    program = start("verify", "build", "--force")
    program.wait_for_children("cc1plus")
    program.end(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while program.children() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert program.children() == {}
    assert (folder / lock.FOLDER_LOCK).exists()
    assert list(folder.rglob("*.hwgen"))
    # What was found out before still holds: it is of this Verilog.
    assert hwgen("report", folder).code == 0
    after = json.loads((folder / "report.json").read_text())
    assert after["verification"] == before["verification"]
    assert not [name for name in listing(folder) if name.endswith((".hwgen", ".lock"))]


@pytest.mark.parametrize("command", ["quantize", "train"])
def test_one_output_is_written_by_one(hwgen, start, built, tmp_path, command):
    checkpoint = built.parent / "tiny.pt"
    arguments = {
        "quantize": ("quantize", checkpoint, "-o", tmp_path / "x.json"),
        "train": ("train", "--data", "synthetic", "-o", tmp_path / "x.json"),
    }[command]
    program = start("train", "--data", "synthetic", "-o", "x.json")
    deadline = time.monotonic() + 60
    while not (tmp_path / ".x.json.lock").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    outcome = hwgen(*arguments)
    assert outcome.code == ACCESS
    assert f"process {program.process.pid} since" in outcome.line
    assert "hwgen train --data synthetic -o x.json" in outcome.line
    program.end(signal.SIGKILL)
    # The next one begins: it fails for another reason, and leaves nothing of the killed one.
    after = hwgen("train", "--data", tmp_path / "none", "-o", tmp_path / "x.json")
    assert "cannot read" in after.line
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
