"""Runs Yosys, without its ABC9 step where that ends it.

ABC9 maps logic to look-up tables. Where a wire is called like a bit of another it ends Yosys, in
the middle of its log as a rule: what it says last is lost. What hwgen gives to Yosys has no such
wires (`hwgen.hardware.emit.NO_BIT_NAMES`, docs/abc9.md); should it end for another reason, the
mapping before it, ABC, does the same with a few more cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from hwgen import tools
from hwgen.errors import ToolError
from hwgen.targets.family import Toolchain

NOTICE = "Yosys's ABC9 ended early; synthesised without it, with some more cells"

_LAST = ("Running ABC command", "ERROR: Assert `count_id(")
"""With what the last line of such a log begins: its message is lost, or is there."""


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
        if not ended_in_abc9(log):
            raise
    else:
        return ()
    progress(f"{what}, again without ABC9, which ended early")
    tools.run(without(), place, log, what=what)
    return (NOTICE,)


def without_abc9(toolchain: Toolchain, synthesis: str) -> list[str]:
    """Return the commands that do what the one for synthesis does, without ABC9."""
    return [each.format(synthesis) for each in toolchain.without_abc9]


def ended_in_abc9(log: Path) -> bool:
    """Return whether a log ends in ABC9, as it does with names that it takes for each other."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return False
    last = [line.strip() for line in lines if line.strip()][-1:]
    return bool(last) and last[0].startswith(_LAST)
