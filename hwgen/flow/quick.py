"""A quick build: the least that gives a bitstream that meets the clock, and what it left out.

The Verilog is compared with the golden model all the same, bit for bit, on fewer windows. What a
full build has left in the folder is taken; what a quick one leaves does not serve for a full one.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from hwgen.flow.current import Current
from hwgen.flow.options import Settings


def left_out(settings: Settings, known: Current, folder: Path) -> dict[str, Any] | None:
    """Return the report's ``quick``: what was left out, and what does it; None if nothing was.

    Parameters
    ----------
    settings
        Of the build.
    known
        What its stages have said: those that have done all of their work are not told.
    folder
        Of the build.
    """
    less = []
    if known.verify and known.verify.said.brief:
        windows = known.verify.said.found.windows
        less.append(
            f"verification beyond {windows} windows at full speed: samples that come late, results "
            f"that wait, resets, windows given up"
        )
    if known.synth and known.netlist is None:
        less.append("the netlist's check")
    if known.synth and known.synth.said.basis["options"].get("quick"):
        if settings.hardware.design.goal == "area":
            less.append("the cells of the core by itself")
        less.append("the order of seeds: which one met the clock first is chance")
    if not less:
        return None
    return {"left_out": less, "full": f"hwgen synth {shlex.quote(str(folder))}"}
