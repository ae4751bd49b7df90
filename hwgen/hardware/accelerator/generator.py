"""From a plan to the accelerator."""

from __future__ import annotations

from hwgen.hardware.accelerator.shared import Accelerator
from hwgen.hardware.accelerator.unrolled import UnrolledAccelerator, UnrolledLayers
from hwgen.hardware.contract import Core, Source
from hwgen.hardware.shared.engine import Engine
from hwgen.plans.core import CorePlan
from hwgen.plans.shared import SharedPlan
from hwgen.plans.sources.source import SourcePlan
from hwgen.plans.unrolled.layers import UnrolledLayersPlan
from hwgen.quantized.op import room


def generate(plan: CorePlan) -> Core:
    """Return the accelerator that a plan describes; a component can be elaborated only once."""
    front, layers = source(plan.front), plan.layers
    if isinstance(layers, SharedPlan):
        return Accelerator(plan, front, Engine(layers))
    if isinstance(layers, UnrolledLayersPlan):
        return UnrolledAccelerator(plan, front, UnrolledLayers(layers))
    raise TypeError(f"layers must be planned as shared or unrolled, not as {layers!r}")


def source(plan: SourcePlan) -> Source:
    """Return the source of features that a plan describes: the part in the file of its op."""
    part: Source = room("hwgen.hardware.sources.ops", plan.op.op).PART(plan)
    return part
