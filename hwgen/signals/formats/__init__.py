"""File formats of recordings: one module a format.

To add a format, add a module without a leading underscore that has

    ENDINGS = (".xyz",)

    def read(path: Path) -> Contents: ...

`read` returns everything in the file that may be a signal, a time axis or a sample rate; which of
it is taken is the business of `hwgen.signals.channel` and `hwgen.signals.rate`. It raises
`InputError` where it can say what to do; whatever else it raises is reported as a file that is
not of that format. The module itself is imported often: what is slow to import, or may be
missing, is imported in `read`. ``""`` among the endings stands for a name without one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePath

from hwgen.signals.formats._contents import Channel, Contents, StatedRate

__all__ = ["Channel", "Contents", "StatedRate", "ending_of", "endings", "reader"]


@cache
def _readers() -> dict[str, Callable[[Path], Contents]]:
    """Return the `read` of each ending."""
    names = [each.name for each in pkgutil.iter_modules(__path__) if not each.name.startswith("_")]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {ending: module.read for module in modules for ending in module.ENDINGS}


@cache
def endings() -> tuple[str, ...]:
    """Return the accepted endings, sorted, such as ``("", ".csv", ".mat", ...)``."""
    return tuple(sorted(_readers()))


def ending_of(name: str) -> str:
    """Return the ending of a file's name, in lower case.

    ``""`` where it has none, or what looks like one is a number: ``2003.10.22.12.06.24`` (IMS).
    """
    ending = PurePath(name).suffix.lower()
    return "" if ending[1:].isdecimal() else ending


def reader(ending: str) -> Callable[[Path], Contents]:
    """Return the `read` function of `ending`, one of `endings`."""
    return _readers()[ending]
