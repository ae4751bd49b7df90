"""hwgen: from a trained bearing-fault network to a verified FPGA bitstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hwgen.importers.live import from_torch as from_torch

__version__ = "0.1.0"

_LAZY = {"from_torch": "hwgen.importers.live"}
"""What a program takes from here, by its module: commands start without importing these."""


def __getattr__(name: str) -> Any:
    """Return a function of the Python interface, imported when it is first asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'hwgen' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
