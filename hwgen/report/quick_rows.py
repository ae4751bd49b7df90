"""What the report says of a quick build: its optional part ``quick``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.report.rules import NAMES, TEXT, check_object

_FIELDS = {"left_out": NAMES, "full": TEXT}


def check_quick(report: Mapping[str, Any]) -> None:
    """Raise unless ``quick``, where given, is what it must be."""
    part = report.get("quick")
    if part is not None:
        check_object("quick", part, _FIELDS)


def notes(report: Mapping[str, Any]) -> list[str]:
    """Return the report's notes, and what a quick build left out."""
    part = report.get("quick")
    if part is None:
        return list(report["notes"])
    less = "; ".join(part["left_out"])
    return [*report["notes"], f"a quick build. Left out: {less}. All of it: {part['full']}"]
