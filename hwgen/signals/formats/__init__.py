"""File formats of recordings: one module a format.

To add a format, add a module, its name without an underscore before it, that has

    ENDINGS = (".xyz",)

    def read(path: Path) -> Contents: ...

`read` opens the file and returns all that may be a signal, a time axis or a sample rate; which is
taken is decided in `hwgen.signals.channel` and `hwgen.signals.rate`, for all formats alike. It
raises `InputError` where it can say what to do; whatever else it raises is reported as a file that
is not of that format. The ending ``""`` is that of names without one.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePath

from hwgen.signals.formats._contents import Channel, Contents, StatedRate

__all__ = ["Channel", "Contents", "StatedRate", "ending_of", "endings", "named", "reader"]

_NO_ENDING = re.compile(r"\.\d*|.*[^\w.].*")
"""After the last dot of a name such as ``2003.10.22.12.06.24`` (IMS)."""


@cache
def _readers() -> dict[str, Callable[[Path], Contents]]:
    """Return the `read` function of each ending."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{n}") for n in names if not n.startswith("_")]
    return {ending: module.read for module in modules for ending in module.ENDINGS}


@cache
def endings() -> tuple[str, ...]:
    """Return the accepted endings, sorted, such as ``("", ".csv", ".mat")``."""
    return tuple(sorted(_readers()))


def named() -> str:
    """Return the accepted endings as a message lists them."""
    return ", ".join([*filter(None, endings()), *["no ending"] * ("" in endings())])


def ending_of(name: PurePath | str) -> str:
    """Return the ending of a file's name, in lower case; ``""`` if it has none, or a number."""
    ending = PurePath(name).suffix.lower()
    return "" if _NO_ENDING.fullmatch(ending) else ending


def reader(ending: str) -> Callable[[Path], Contents]:
    """Return the `read` function of `ending`, one of `endings`."""
    return _readers()[ending]
