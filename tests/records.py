"""Records between stages, for tests that do not run the stage that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.flow.generated import Generated
from hwgen.flow.netlist_checked import NetlistChecked
from hwgen.plans.design import Design
from hwgen.plans.step import Array
from hwgen.plans.timing import Timing
from hwgen.targets import Cells


def generated(*, latency: int = 165, interval: int, pause: int = 1, **fields: Any) -> Generated:
    """Return what the generator would say of a small array."""
    timing = Timing(latency, interval, pause)
    return Generated({}, Design(Array(1, 1), 0), timing, **{"hop": 1, "transform": "fft"} | fields)


def netlist_checked(basis: Mapping[str, Any], *, mismatches: int = 0) -> NetlistChecked:
    """Return what a comparison of a tiny netlist would say."""
    cells = Cells(dict.fromkeys(("lut4", "ff", "dsp", "ebr"), 1))
    return NetlistChecked(basis, 16, mismatches, cells)
