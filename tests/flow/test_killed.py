"""`kill -9` at every step of a build on the drive: the next build comes to the same end."""

from __future__ import annotations

import dataclasses
import errno
import functools
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from hwgen import files, report
from hwgen.boards import find_board
from hwgen.errors import FileAccessError, InputError
from hwgen.flow import implement, quantize
from hwgen.flow.build import build
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.left import check_asked
from hwgen.flow.options import DataOptions, Settings, read_settings
from hwgen.flow.results import write_report
from hwgen.quantized import Precision
from hwgen.targets import Cells

STEPS = ("open", "mkdir", "replace", "rename", "unlink", "rmdir")
"""What changes names on the drive. Between two of them a file is written that has no name yet."""
FLUSH = "fsync"
"""Changes no name, but is where a drive tells that it is full or lost."""
UNTIMED = {"stage.json", "report.json"}
"""They tell how long it took."""


def quiet(_: str) -> None:
    pass


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def changes(name: str, arguments: tuple) -> bool:
    """Return whether a call changes what is on the drive: to be killed before is then a case."""
    if name == "open":
        return bool(arguments[1] & os.O_CREAT)
    return name != FLUSH and (name == "mkdir" or os.path.lexists(arguments[0]))


def from_step(number: int, ill: Callable[[], None]) -> None:
    """Have all steps on the drive, from one on, do something else before.

    A kill is tried only where the step changes something: before another it finds the same drive.
    """
    steps = 0

    def counted(name, call):
        def step(*arguments, **options):
            nonlocal steps
            steps += ill is not kill or changes(name, arguments)
            if steps >= number:
                ill()
            return call(*arguments, **options)

        return step

    for name in (*STEPS, FLUSH):
        setattr(os, name, counted(name, getattr(os, name)))


def child(work: Callable[[], object], number: int, ill: Callable[[], None]) -> int:
    """Do work in a child in which something happens from a step on; return its exit code."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            from_step(number, ill)
            work()
            code = 0
        except FileAccessError as error:
            code = error.exit_code
            if "\n" in str(error) or "cannot " not in str(error):
                code = 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def tree(folder: Path) -> dict[str, object]:
    """Return every file with its content; of the report, all but the seconds."""
    found: dict[str, object] = {
        str(path.relative_to(folder)): path.read_bytes() if path.name not in UNTIMED else None
        for path in folder.rglob("*")
        if path.is_file()
    }
    return found | {"report.json": report.read(folder) | {"seconds": None}}


@pytest.fixture(scope="module")
def made(recordings, write_state, tmp_path_factory) -> list[tuple[Settings, quantize.Quantized]]:
    """Return two requests, and the integer network of each."""
    checkpoint = write_state(tmp_path_factory.mktemp("net") / "tiny.pt")
    data = DataOptions(data=str(recordings), sample_rate=12_000)
    first = Settings(checkpoint=str(checkpoint), data=data, verify_windows=12)
    second = dataclasses.replace(
        first,
        data=dataclasses.replace(data, snr_db=-3.0),
        bits=Precision(feature=6),
        hardware=HardwareOptions.of(parallel=1),
        verify_windows=21,
    )
    return [(settings, quantize.quantize(settings, quiet)) for settings in (first, second)]


@pytest.fixture
def quick(stages, made, monkeypatch) -> list[Settings]:
    """Return two requests; what takes long is made once for each, or is a stand-in."""
    networks = {settings.verify_windows: network for settings, network in made}
    monkeypatch.setattr(quantize, "quantize", lambda settings, _: networks[settings.verify_windows])
    monkeypatch.setattr("hwgen.hardware.emit.write_verilog", write_stub)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # nobody cuts the power here
    for module in ("hwgen.flow.build", "hwgen.flow.results"):
        monkeypatch.setattr(f"{module}.find_board", functools.cache(find_board))
    synthesise = implement.implement

    def telling(model, options, board, known, least, folder, say):
        said = synthesise(model, options, board, known, least, folder, say)
        files.write_text(folder / "top.bit", model.digest)
        cells = said.cells.to_json() | {"lut4": int(model.digest[:6], 16)}
        return dataclasses.replace(said, cells=Cells(cells))

    monkeypatch.setattr(implement, "implement", telling)
    return [settings for settings, _ in made]


def write_stub(component, name: str, path: Path) -> None:
    files.write_text(path, f"module {name}; // {component.plan.timing}\n")


def check_belongs_together(folder: Path, whole: list[dict]) -> None:
    """Check that what a user is told of a folder is all of one build, or an error."""
    settings = read_settings(folder)
    try:
        check_asked(settings, folder)
    except InputError:
        return
    told = write_report(settings, folder)
    if told["design"] is None:
        assert told["accuracy"] is None
        return
    of = next(each for each in whole if each["design"]["digest"] == told["design"]["digest"])
    for section in ("accuracy", "verification", "resources", "latency"):
        assert told[section] in (None, of[section]), section


def test_killed_at_every_step_a_build_is_finished_by_the_next(quick, tmp_path):
    finished = []
    for number, settings in enumerate(quick):
        build(settings, tmp_path / f"whole{number}", quiet)
        finished.append(tree(tmp_path / f"whole{number}"))
    whole = [each["report.json"] for each in finished]
    assert whole[0] != whole[1]
    for number in range(1, 500):
        folder = tmp_path / f"{number}"
        shutil.copytree(tmp_path / "whole0", folder)
        code = child(lambda: build(quick[1], folder, quiet), number, kill)  # noqa: B023 -- at once
        assert code in {0, -signal.SIGKILL}
        done = code == 0
        if not done:
            check_belongs_together(folder, whole)
        # The second build again, or the first one, as if nothing had been.
        again = number % 2
        build(quick[again], folder, quiet)
        assert tree(folder) == finished[again], number
        if done:
            break
    print("STEPS", number)
    assert 40 < number < 499


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.ESTALE])
def test_a_drive_that_fills_up_or_is_lost_at_any_step(quick, tmp_path, number):
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    whole = []
    for count, settings in enumerate(quick):
        whole.append(build(settings, tmp_path / f"whole{count}", quiet))
    finished = tree(tmp_path / "whole1")
    for step in range(1 + number % 7, 500, 7):
        folder = tmp_path / f"{step}"
        shutil.copytree(tmp_path / "whole0", folder)
        code = child(lambda: build(quick[1], folder, quiet), step, fail)  # noqa: B023 -- at once
        assert code in {0, FileAccessError.exit_code}, step
        check_belongs_together(folder, whole)
        build(quick[1], folder, quiet)
        assert tree(folder) == finished, step
        if not code:
            break
    print("STEPS", step)
    assert 40 < step < 499
