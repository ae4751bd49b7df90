"""Sensor parts, one file each: a file with a ``PART`` adds one, and its name is the part's."""

from __future__ import annotations

import difflib
import importlib
import pkgutil

from hwgen.errors import UsageError
from hwgen.gateware.sensors.part import Part

UART = "uart"
"""The source that is no part: windows from the host."""


def names() -> tuple[str, ...]:
    """Return the names of all parts, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_part(name: str) -> Part:
    """Return the part of that name.

    Raises
    ------
    UsageError
        If there is none, with the nearest names.
    """
    known = names()
    if name.lower() in known:
        part: Part = importlib.import_module(f"{__name__}.{name.lower()}").PART
        return part
    near = difflib.get_close_matches(name.lower(), known, n=2, cutoff=0.4)
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise UsageError(f"source must be one of {', '.join((UART, *known))}, not {name!r}{hint}")
