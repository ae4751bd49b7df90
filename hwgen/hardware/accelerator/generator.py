"""From a plan to the accelerator."""

from __future__ import annotations

from hwgen.hardware.accelerator.shell import Accelerator
from hwgen.hardware.contract import Core, Layers
from hwgen.hardware.sources.part import source
from hwgen.plans.core import CorePlan
from hwgen.quantized.op import room


def generate(plan: CorePlan) -> Core:
    """Return the accelerator that a plan describes; a component can be elaborated only once."""
    return Accelerator(plan, source(plan.front), layers(plan))


def layers(plan: CorePlan) -> Layers:
    """Return the layers behind the source: the part in the room of their kind."""
    kind = room(f"hwgen.hardware.{plan.layers.kind}", "layers")
    part: Layers = kind.LAYERS(plan.layers, plan.front)
    return part
