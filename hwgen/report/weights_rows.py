"""What the report says of weights from outside the chip: its optional part ``weights``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.report.rules import COUNT, NAMES, SOME, TEXT, check_object
from hwgen.report.text import count, number

_FIELDS = {
    "from": TEXT,
    "digest": TEXT,
    "image_bytes": SOME,
    "flash_offset": COUNT,
    "bytes_per_window": SOME,
    "bytes_per_second": SOME,
    "stream_cycles": SOME,
    "stall_cycles": COUNT,
    "interval_stall_cycles": COUNT,
    "on_chip": NAMES,
    "streamed": NAMES,
}


def check_weights(report: Mapping[str, Any]) -> None:
    """Raise unless ``weights``, where given, is what it must be."""
    part = report.get("weights")
    if part is not None:
        check_object("weights", part, _FIELDS)


def weights_rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of the table; none where all weights are on chip."""
    part = report.get("weights")
    if part is None:
        return []
    speed = number(part["bytes_per_second"] / 1e6, 3)
    rows = [
        (
            f"weights from {part['from']}",
            f"{count(part['bytes_per_window'])} bytes a window at {speed} MB/s: "
            f"{', '.join(part['streamed'])}",
        ),
        (
            "waiting for them",
            f"{count(part['interval_stall_cycles'])} cycles of windows back to back, "
            f"{count(part['stall_cycles'])} of a window alone",
        ),
    ]
    kept = [("weights on chip", ", ".join(part["on_chip"]))] if part["on_chip"] else []
    return [*rows, *kept]
