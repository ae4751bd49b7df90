"""Finds the folders that are read by path: `rtl_templates`, `sim`, `boards`.

In a wheel they lie in ``hwgen/_share``; in a checkout or an editable install beside ``hwgen``.
"""

from __future__ import annotations

from pathlib import Path

from hwgen.errors import FileAccessError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder called `name` (``"boards"``, ``"rtl_templates"`` or ``"sim"``)."""
    for root in (_PACKAGE / "_share", _PACKAGE.parent):
        candidate = root / name
        if candidate.is_dir():
            return candidate
    raise FileAccessError(f"hwgen's own folder {name!r} is missing; reinstall hwgen")
