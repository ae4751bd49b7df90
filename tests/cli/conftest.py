"""Runs the command line in this process or as a program of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hwgen.cli.main import run


@dataclass(frozen=True)
class Outcome:
    """Exit code and output."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line on the error stream."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("error: ")
        return lines[0].removeprefix("error: ")


@pytest.fixture
def hwgen(capsys) -> Callable[..., Outcome]:
    """Run a command in this process."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Outcome(code, captured.out, captured.err)

    return call


class Program:
    """A running `hwgen` and the folder that all its processes work in or below.

    Parameters
    ----------
    folder
        Its working folder.
    """

    def __init__(self, folder: Path, *arguments: object):
        self._folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hwgen", *map(str, arguments)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []

    def wait_for(self, beginning: str) -> None:
        """Read its output up to a line that begins so."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith(beginning):
                return
        pytest.fail(f"no {beginning!r} in {self.said}, {self.process.stderr.read()}")

    def wait_for_children(self, text: str) -> None:
        """Wait until it runs a program whose command has the text."""
        deadline = time.monotonic() + 60
        while not any(text in command for command in self.children().values()):
            assert time.monotonic() < deadline, self.children()
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.02)

    def children(self) -> dict[int, str]:
        """Return the processes, other than itself, that work in its folder: number, command."""
        found = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if not entry.name.isdigit() or int(entry.name) == self.process.pid:
                    continue
                if (entry / "cwd").readlink().is_relative_to(self._folder):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(entry.name)] = command
        return found

    def end(self, number: int = signal.SIGINT) -> Outcome:
        """Send the signal and wait for its end."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return Outcome(self.process.returncode, "".join(self.said) + out, err)


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., Program]]:
    """Start a command as a program of its own, in the test's folder; ended with the test."""
    programs = []

    def begin(*arguments: object) -> Program:
        programs.append(Program(tmp_path, *arguments))
        return programs[-1]

    yield begin
    for program in programs:
        with program.process as process:
            process.kill()
        for number in program.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory) -> Path:
    """Folder of three made-up recordings of 3,000 samples."""
    folder = tmp_path_factory.mktemp("recordings")
    rng = np.random.default_rng(0)
    for number, name in enumerate(("inner", "outer", "sound")):
        tone = np.sin(np.arange(3000) * 0.4 * (number + 1))
        np.save(folder / f"{name}.npy", 0.3 * tone + 0.1 * rng.standard_normal(3000))
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def listing() -> Callable[[Path], dict[str, bytes]]:
    """Return every file below a folder with its content."""
    return tree
