"""Ctrl-C at every stage: exit code 130, one line, no process and nothing half-written left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
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
    deadline = time.monotonic() + 120
    while not list(tmp_path.rglob("*.resume")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    check(program)
    assert [path.suffix for path in (tmp_path / "new" / "train").iterdir()] == [".resume"]
    assert not list(tmp_path.rglob("stage.json"))
    assert not list(tmp_path.rglob("report.json"))


def interrupted_while(arrange: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program in an interpreter that first does something else."""
    code = f"""
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
{arrange}
sys.argv[1:] = {list(arguments)}
runpy.run_module("hwgen", run_name="__main__")
"""
    # As a module: what is run with -c takes another way out.
    place = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "arranged.py").write_text(code)
        return subprocess.run(
            [sys.executable, "-m", "arranged"],
            cwd=name,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | place,
        )


@pytest.mark.parametrize("module", ["hwgen.cli.main", "rich.console", "hwgen.cli.boards"])
@pytest.mark.parametrize(
    "come",
    [
        "signal.raise_signal(signal.SIGINT)",
        "exec('import signal; signal.raise_signal(signal.SIGINT)')",
        "try: signal.raise_signal(signal.SIGINT)\n        except BaseException: raise ImportError",
    ],
)
def test_while_a_module_is_being_imported(module, come):
    """Modules make code from text, and turn whatever stops them into an error of their own."""
    arrange = f"""
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name != {module!r}: return None
        {come}
sys.meta_path.insert(0, Finder())
"""
    done = interrupted_while(arrange, "boards")
    assert (done.returncode, done.stderr) == (130, "error: interrupted\n")


def test_an_error_that_nobody_asked_for_is_not_taken_for_ctrl_c():
    arrange = """
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "hwgen.cli.boards": raise ZeroDivisionError
sys.meta_path.insert(0, Finder())
"""
    done = interrupted_while(arrange, "boards")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


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
