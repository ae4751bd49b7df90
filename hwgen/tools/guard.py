"""Runs a tool as a program of its own, and ends it when hwgen is gone, even by `kill -9`.

    python guard.py LIFELINE COMMAND...

LIFELINE is the reading end of a pipe whose other end only hwgen has: it is at its end when hwgen
is. Then everything in this process group goes, what the tool itself started too. Imports nothing
of hwgen: it starts in a few milliseconds.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading

CANNOT_START = 126
"""Exit code, as the shell's."""


def main(lifeline: int, command: list[str]) -> int:
    """Return the tool's exit code; end as it did when a signal ended it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not ignored, for the tool would inherit that: it is the tool that is to end.
        signal.signal(number, lambda *_: None)
    threading.Thread(target=_watch, args=[lifeline], daemon=True).start()
    try:
        code = subprocess.Popen(command).wait()
    except OSError as error:
        print(f"error: cannot start {command[0]}: {error.strerror}", flush=True)
        return CANNOT_START
    if code < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _watch(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
