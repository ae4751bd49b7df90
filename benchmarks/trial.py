"""Tries mutants: a copy of the tree, the tests that ought to see a fault, and what they say."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mutation import Mutant
from place import ROOT

PARTS = ("hwgen", "tests", "rtl_templates", "sim", "boards", "benchmarks", "docs")
"""What tests read; copied."""
SLACK_S, FACTOR = 20.0, 3.0
"""A run that takes more processor time than this and so many times the sound tree's hangs."""
WALL_FACTOR = 12.0
"""Of the limit of processor time: for a run that waits for ever."""
MEMORY = 4 << 30
"""Bytes; of address space a tool in WebAssembly takes more, without using it."""


_NO_TESTS = 5
"""With what pytest ends where none is left to run."""


class Verdict(StrEnum):
    """What became of a mutant."""

    OWN = "killed"  # by the tests of the module's own
    ELSEWHERE = "killed elsewhere"  # in the folder only
    SURVIVED = "survived"


def own_tests(root: Path, file: str) -> list[str]:
    """Return the test files of a module's own, from the root of the tree.

    ``tests/ROOM/test_X.py`` for ``hwgen/ROOM/X.py``, in the same folder of the room; for an op the
    harness of all ops with its examples; else, of a folder with one test of all its modules,
    ``test_FOLDER.py`` beside it. A module without any of these has those that import it, or at
    least its folder.
    """
    path = Path(file)
    folder = Path("tests", *path.parts[1:-1])
    own = [folder / f"test_{path.stem}.py"]
    if folder.name == "ops":
        examples = Path("tests/ops") / f"test_{path.stem}.py"
        own += [examples, examples.with_name("test_every_op.py")] * (root / examples).exists()
    found = [str(test) for test in own if (root / test).exists()]
    beside = folder.parent / f"test_{folder.name}.py"
    if not found and (root / beside).exists():
        found = [str(beside)]
    module = ".".join(path.with_suffix("").parts)
    return found or _importing(root, module) or _importing(root, module.rpartition(".")[0])


def _importing(root: Path, module: str) -> list[str]:
    """Return the test files that import a module, or one below it."""
    package, _, name = module.rpartition(".")
    uses = re.compile(
        rf"^(?:from|import) {re.escape(module)}\b|^from {re.escape(package)} import .*\b{name}\b",
        re.MULTILINE,
    )
    return [
        str(test.relative_to(root))
        for test in sorted((root / "tests").rglob("test_*.py"))
        if uses.search(test.read_text())
    ]


def folder_tests(root: Path, file: str) -> list[str]:
    """Return the other test files of a module's room."""
    own = own_tests(root, file)
    room = root / "tests" / Path(file).parts[1]
    every = (str(test.relative_to(root)) for test in sorted(room.rglob("test_*.py")))
    return [test for test in every if test not in own]


@dataclass(frozen=True)
class Run:
    """How a run of tests ended.

    Parameters
    ----------
    passed
        Whether all tests passed.
    seconds
        Of processor time, its children's too.
    hung
        Whether it was stopped.
    output
        What it printed.
    """

    passed: bool
    seconds: float
    hung: bool
    output: str


class Tree:
    """A copy of the source tree in which one file at a time is at fault.

    Parameters
    ----------
    folder
        Where it is put; must not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder
        folder.mkdir(parents=True)
        for part in PARTS:
            shutil.copytree(
                ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        for file in ("pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile"):
            shutil.copy(ROOT / file, folder / file)
        self._serial = 1_000_000_000
        self._sound: dict[tuple[str, ...], float] = {}

    def sound_seconds(self, tests: Sequence[str]) -> float:
        """Return the processor time that tests take without a fault.

        Raises
        ------
        SystemExit
            If they fail.
        """
        key = tuple(tests)
        if key not in self._sound:
            run = self._run(tests, limit=3600.0)
            if not run.passed:
                sys.exit(f"{' '.join(tests)} fail without any fault:\n{run.output}")
            self._sound[key] = run.seconds
        return self._sound[key]

    def try_out(self, mutant: Mutant, tests: Sequence[str]) -> Run:
        """Run tests with the fault in the tree, and take it out again."""
        limit = SLACK_S + FACTOR * self.sound_seconds(tests)
        try:
            self._write(mutant.file, mutant.mutated)
            return self._run(tests, limit)
        finally:
            self._write(mutant.file, mutant.source)

    def _write(self, file: str, text: str) -> None:
        path = self.root / file
        path.write_text(text)
        # Python knows a compiled file for another by the second of its source, and its size.
        self._serial += 1
        os.utime(path, (self._serial, self._serial))

    def _run(self, tests: Sequence[str], limit: float, *, slow: bool = False) -> Run:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
                   *(() if slow else ("-m", "not slow")), *tests]  # fmt: skip
        with tempfile.TemporaryDirectory() as scratch:
            environment = os.environ | {
                "PYTHONPATH": str(self.root),
                "TMPDIR": scratch,
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # most of a short run's time
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "HYPOTHESIS_STORAGE_DIRECTORY": scratch,
            }
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            begun = time.monotonic()
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
                preexec_fn=lambda: _limit(limit),  # noqa: PLW1509 - there are no threads
            )
            try:
                output, _ = process.communicate(timeout=WALL_FACTOR * limit)
            except subprocess.TimeoutExpired:
                output = ""
            finally:
                _end(process)
        if process.returncode == _NO_TESTS and not slow:
            return self._run(tests, limit, slow=True)  # a module that has slow ones only
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        late = time.monotonic() - begun >= WALL_FACTOR * limit
        stopped = process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
        return Run(process.returncode == 0, used, late or stopped, output)


def _limit(seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end(process: subprocess.Popen) -> None:
    """End a run and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
