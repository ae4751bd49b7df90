"""Starts the command line: ``hwgen``, ``python -m hwgen``.

Imports nothing before Ctrl-C is in hand: it may come while modules are being imported.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

from hwgen.errors import INTERRUPTED


class _Interrupt(KeyboardInterrupt):
    """Ctrl-C.

    Where a plain `KeyboardInterrupt` passes through an ``exec`` of text, which importing torch
    does, CPython ends with the signal at last, whatever was caught and whatever `sys.exit` said.
    """


def main() -> NoReturn:
    """Run the command line; never returns."""
    came = False

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        nonlocal came
        came = True
        raise _Interrupt

    # A shell's background job ignores Ctrl-C, and goes on doing so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    try:
        from hwgen.cli.main import main as commands

        commands()
    except Exception as error:
        # Modules that are half imported fail in ways of their own.
        if not came:
            raise
        raise _told() from error
    except KeyboardInterrupt:
        raise _told() from None


def _told() -> SystemExit:
    print("error: interrupted", file=sys.stderr)
    return SystemExit(INTERRUPTED)


if __name__ == "__main__":
    main()
