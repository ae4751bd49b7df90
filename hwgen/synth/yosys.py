"""Runs Yosys, without its ABC9 step where that ends without a word.

ABC9 maps logic to look-up tables. On some designs it ends Yosys in the middle of its log, in its
builds for pip at least. The mapping before it, ABC, does the same with a few more cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hwgen import tools
from hwgen.errors import ToolError
from hwgen.targets.family import Toolchain

NOTICE = "Yosys's ABC9 ended without a word; synthesised without it, with some more cells"

_LAST = "Running ABC command"
"""With what the last line of such a log begins."""


def run(
    command: Sequence[str],
    place: Path,
    log: Path,
    *,
    what: str,
    without: Callable[[], Sequence[str]],
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[str, ...]:
    """Run a command of Yosys; return what the user must know of it.

    Parameters
    ----------
    command, place, log, what
        As of `tools.run`.
    without
        Gives the command without ABC9.
    progress
        Told when it begins again.

    Raises
    ------
    ToolError
        If it fails in another way, or without ABC9 too.
    """
    try:
        tools.run(command, place, log, what=what)
    except ToolError:
        if not ended_silently(log):
            raise
    else:
        return ()
    progress(f"{what}, again without ABC9, which ended without a word")
    tools.run(without(), place, log, what=what)
    return (NOTICE,)


def without_abc9(toolchain: Toolchain, synthesis: str) -> list[str]:
    """Return the commands that do what the one for synthesis does, without ABC9."""
    return [each.format(synthesis) for each in toolchain.without_abc9]


def ended_silently(log: Path) -> bool:
    """Return whether a log ends where ABC9 begins."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return False
    last = [line.strip() for line in lines if line.strip()][-1:]
    return bool(last) and last[0].startswith(_LAST)
