"""From a plan to the accelerator: the parts that it is made of."""

from __future__ import annotations

import pytest

from hwgen.hardware.accelerator.generator import generate, source
from hwgen.hardware.accelerator.shared import Accelerator
from hwgen.hardware.accelerator.unrolled import UnrolledAccelerator
from hwgen.hardware.contract import core_members, source_members
from hwgen.hardware.sources.ops.dft import DftFrontEnd
from hwgen.hardware.sources.ops.spectrum import SpectrumFrontEnd
from hwgen.plans.core import CorePlan
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Bits

DESIGNS = [
    ("fft", Design(Array(2, 4), 3), Accelerator, SpectrumFrontEnd),
    ("dft", Design(Array(2, 4), 3, hop=5), Accelerator, DftFrontEnd),
    ("dft", Design(None, 3, lanes=4, values=2), UnrolledAccelerator, DftFrontEnd),
]


@pytest.fixture(scope="module", params=DESIGNS, ids=["fft", "dft, shared", "dft, unrolled"])
def case(request, make_example):
    """Return a plan, and the kinds of parts that it is to become."""
    transform, design, core, front = request.param
    shape = {"window": 64, "convs": ((2, 8, 2, 3, 2),), "classes": 3}
    model = make_example(2, bits=Bits(transform=transform), **shape).model
    return plan(model, design), core, front


def test_a_plan_becomes_its_accelerator(case):
    made, kind, _ = case
    core = generate(made)
    assert type(core) is kind
    assert core.plan is made
    assert dict(core.signature.members.items()) == core_members(made)


def test_a_plan_of_a_source_becomes_its_part(case):
    made, _, kind = case
    part = source(made.front)
    assert type(part) is kind
    assert part.plan is made.front
    assert dict(part.signature.members.items()) == source_members(made.front)


def test_layers_of_no_kind_are_refused(case):
    with pytest.raises(TypeError, match="layers must be planned as shared or unrolled, not as 7"):
        generate(CorePlan(case[0].front, 7))
