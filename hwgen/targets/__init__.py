"""What a core can be made for: a folder a chip family, and one of behavioural cells.

A folder is a package with ``TARGET``; its name is the target's. Nothing else lists them.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any

from hwgen.errors import UsageError
from hwgen.targets.cells import Cells
from hwgen.targets.family import Family
from hwgen.targets.target import Ports, Primitives, Target, Turns, in_registers

__all__ = [
    "Cells",
    "Family",
    "Ports",
    "Primitives",
    "Target",
    "Turns",
    "every",
    "families",
    "find",
    "in_registers",
    "of",
]

_WITHOUT_A_CHIP = "behavioural"


@functools.cache
def every() -> dict[str, Target]:
    """Return all targets by name, in alphabetical order."""
    folders = sorted(each.name for each in pkgutil.iter_modules(__path__) if each.ispkg)
    return {name: importlib.import_module(f"{__name__}.{name}").TARGET for name in folders}


def families() -> dict[str, Family]:
    """Return the chip families by name."""
    return {name: each for name, each in every().items() if isinstance(each, Family)}


def find(name: str) -> Target:
    """Return the target of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name not in every():
        raise UsageError(f"target must be one of {', '.join(every())}, not {name!r}")
    return every()[name]


def of(platform: Any) -> Target:
    """Return the target that an Amaranth platform is of.

    Behavioural cells serve where there is no platform, or one of a family without a folder.
    """
    if platform is not None:
        for target in every().values():
            if target.serves(platform):
                return target
    return every()[_WITHOUT_A_CHIP]
