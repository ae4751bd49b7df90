"""What was expected before synthesis: the report's optional part ``estimate``."""

from __future__ import annotations

from typing import Any

from hwgen.report.rules import COUNT, check_object
from hwgen.report.text import count

_CELLS = dict.fromkeys(("lut4", "dsp", "ebr"), COUNT)


def check_estimate(report: dict[str, Any]) -> None:
    """Raise unless ``estimate``, where given, is what it must be."""
    part = report.get("estimate")
    if part is None:
        return
    check_object("estimate", part, {})
    for name in ("core", "board"):
        if part.get(name) is not None:
            check_object(f"estimate.{name}", part[name], _CELLS)


def estimated(report: dict[str, Any], kind: str) -> str:
    """Return what the table says of a kind of cells behind what was counted; "" for nothing.

    DSP cells and block RAMs are exact, so that only look-up tables are worth a word.
    """
    board = (report.get("estimate") or {}).get("board")
    return f"; estimated {count(board[kind])}" if board and kind == "lut4" else ""
