"""Records between stages, for tests that do not run the stage that makes them."""

from __future__ import annotations

from typing import Any

from hwgen.flow.generated import Generated
from hwgen.plans.design import Design
from hwgen.plans.step import Array
from hwgen.plans.timing import Timing


def generated(*, latency: int = 165, interval: int, pause: int = 1, **fields: Any) -> Generated:
    """Return what the generator would say of a small array."""
    timing = Timing(latency, interval, pause)
    return Generated({}, Design(Array(1, 1), 0), timing, **{"hop": 1, "transform": "fft"} | fields)
