"""Runs external tools: own process group, output in a log, nothing left behind."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from hwgen.errors import FileAccessError, ToolError
from hwgen.files import access
from hwgen.tools.locate import environment

logger = logging.getLogger("hwgen.tools")
"""Tells the user, at level INFO, why something takes long: the first call of a YoWASP tool."""

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 3.0
_FULL_DISK_BYTES = 4096
_LOG_TAIL_BYTES = 65536
_COMPILING = b"This might take a while"
_GUARD = Path(__file__).with_name("guard.py")
_DRIVE_SAYS = {
    "No space left on device": "no space left on device",
    "Disk quota exceeded": "disk quota exceeded",
    "Stale file handle": "stale file handle",
    "Read-only file system": "read-only file system",
}
"""What tools print when the drive fails, and not they."""
_TOO_LARGE = -signal.SIGXFSZ


@contextlib.contextmanager
def _held_back() -> Iterator[None]:
    """Let Ctrl-C and the like wait: a process that is just being started must not be lost."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    came: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for caught in came:
            signal.raise_signal(caught)


class Job:
    """A tool at work in a process group of its own, its output going to a log file.

    As a context manager it leaves nothing running: on any exception, Ctrl-C included, the whole
    group is ended. It ends when this process does, however that ends (`hwgen.tools.guard`).

    Parameters
    ----------
    command
        The argument list.
    cwd
        The working folder, which must exist.
    log
        The log file; written anew.
    what
        What the tool is doing, for error messages: ``"synthesis (Yosys)"``.

    Raises
    ------
    ToolError
        If it cannot be started.
    FileAccessError
        If the log cannot be written.
    """

    def __init__(self, command: Sequence[str], cwd: Path, log: Path, *, what: str) -> None:
        self.log = Path(log)
        self.what = what
        self._cwd = Path(cwd)
        self._told = False
        if shutil.which(command[0]) is None:
            raise ToolError(f"cannot start {command[0]} for {what}: no such program")
        with access(self.log, "write"):
            self.log.parent.mkdir(parents=True, exist_ok=True)
            stream = self.log.open("wb")
        self._lifeline: int | None = None
        try:
            with stream, _held_back():
                self._process, self._lifeline = guarded(
                    command,
                    cwd=self._cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    env=environment(),
                )
        except BaseException:  # Ctrl-C while it was being started
            if hasattr(self, "_process"):
                self.stop()
            raise

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def done(self) -> bool:
        """Return whether it has ended; tell the user, once, when it is compiling itself."""
        if not self._told and _COMPILING in self._read(0, 4096):
            self._told = True
            logger.info(
                "%s: the tool is used for the first time; preparing it takes about a minute, once",
                self.what,
            )
        return self._process.poll() is not None

    def check(self) -> None:
        """Wait for the end and raise unless it went well.

        Raises
        ------
        ToolError
            If the tool failed; names the log and its last meaningful error line.
        FileAccessError
            If the disk is full.
        """
        while not self.done():
            time.sleep(_POLL_SECONDS)
        code = self._process.returncode
        tail = self._tail()
        said = [reason for text, reason in _DRIVE_SAYS.items() if text in tail]
        if _disk_full(self._cwd):
            said = ["no space left on device"]
        if code == _TOO_LARGE:
            said = ["file too large"]
        if said:
            raise FileAccessError(f"cannot write in {self._cwd}: {said[0]}")
        if code:
            raise ToolError(f"{self.what} failed ({_describe(code)}): "
                            f"{error_line(tail)}; log: {self.log}")  # fmt: skip

    def stop(self) -> None:
        """End the whole process group, gently first; do nothing when it has ended."""
        if self._process.poll() is None:
            self._end()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def _end(self) -> None:
        # SIGINT first: the YoWASP tools then remove their temporary folders.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=_GRACE_SECONDS)
                break
        # What the leader started may outlive it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _read(self, start: int, length: int) -> bytes:
        try:
            with self.log.open("rb") as stream:
                stream.seek(start)
                return stream.read(length)
        except OSError:
            return b""

    def _tail(self) -> str:
        try:
            size = self.log.stat().st_size
        except OSError:
            return ""
        return self._read(max(0, size - _LOG_TAIL_BYTES), _LOG_TAIL_BYTES).decode(errors="replace")


def guarded(command: Sequence[str], **options: Any) -> tuple[subprocess.Popen[bytes], int]:
    """Start a program in a process group of its own that ends, at the latest, with this process.

    Parameters
    ----------
    options
        Of `subprocess.Popen`.

    Returns
    -------
    The process, and the end of a pipe that is to be closed once the program has ended; to close it
    before ends the program.

    Raises
    ------
    ToolError
        If the interpreter that starts it cannot be started.
    """
    reading, lifeline = os.pipe()
    guard = [sys.executable, "-I", "-S", str(_GUARD), str(reading), *command]
    try:
        return subprocess.Popen(
            guard, pass_fds=[reading], start_new_session=True, **options
        ), lifeline
    except OSError as error:
        os.close(lifeline)
        raise ToolError(f"cannot start {command[0]}: {error.strerror}") from error
    finally:
        os.close(reading)


def run(
    command: Sequence[str], cwd: Path, log: Path, *, what: str, timeout: float | None = None
) -> None:
    """Run `command` in `cwd` to its end, its output in `log`.

    Parameters
    ----------
    timeout
        Seconds after which it is ended and counts as failed.

    Raises
    ------
    ToolError
        If it cannot be started, fails or takes too long.
    FileAccessError
        If the log cannot be written or the disk is full.
    KeyboardInterrupt
        On Ctrl-C, after the whole process group has been ended.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    with Job(command, cwd, log, what=what) as job:
        while not job.done():
            if deadline is not None and time.monotonic() > deadline:
                raise ToolError(f"{what} did not end within {timeout:g} seconds; log: {job.log}")
            time.sleep(_POLL_SECONDS)
        job.check()


def error_line(log: str) -> str:
    """Return the line of a tool's output that says best what went wrong."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for pattern in (r"(?i)\berror\b\s*[:!]|^%error|^\w*(error|exception)\b.*:", r"(?i)\berror\b"):
        found = [line for line in lines if re.search(pattern, line)]
        if found:
            return found[-1][:300]
    return lines[-1][:300] if lines else "no output"


def _describe(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _disk_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _FULL_DISK_BYTES
    except OSError:
        return False
