"""File formats of recordings: one module a format, named like the file's ending.

To add a format ``.xyz``, add ``xyz.py`` with a function

    read(path: Path, data: bytes, channel: str) -> Signal

where `path` serves messages and hints in the name, `data` is the file's content and `channel`
says which signal is meant where there are several. It raises `InputError` where it can say what
to do; whatever else it raises is reported as a file that is not of that format.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hwgen.signals.formats._signal import Signal

__all__ = ["Signal", "endings", "reader"]


@cache
def endings() -> tuple[str, ...]:
    """Return the accepted endings, sorted, such as ``(".csv", ".mat", ".npy", ".wav")``."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(f".{name}" for name in names if not name.startswith("_")))


def reader(ending: str) -> Callable[[Path, bytes, str], Signal]:
    """Return the `read` function of `ending`, one of `endings`."""
    # Imported on use: scipy.io takes a while, and most commands need one format or none.
    return importlib.import_module(f"{__name__}.{ending[1:]}").read
