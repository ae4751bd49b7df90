"""From the plan of a source to its hardware."""

from __future__ import annotations

from hwgen.hardware.contract import Source
from hwgen.plans.sources.source import SourcePlan
from hwgen.quantized.op import room


def source(plan: SourcePlan) -> Source:
    """Return the source of features that a plan describes; it can be elaborated only once."""
    package, name = f"hwgen.hardware.{plan.part}".rsplit(".", 1)
    part: Source = room(package, name).PART(plan)
    return part
