"""From a plan to the accelerator: the parts that it is made of."""

from __future__ import annotations

import pytest

from hwgen.hardware.accelerator.generator import generate, layers
from hwgen.hardware.contract import core_members, layers_members, source_members
from hwgen.hardware.shared.layers import SharedLayers
from hwgen.hardware.sources.ops.dft import DftFrontEnd
from hwgen.hardware.sources.ops.spectrum import SpectrumFrontEnd
from hwgen.hardware.sources.part import source
from hwgen.hardware.unrolled.layers import UnrolledLayers
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized import Precision

DESIGNS = [
    ("fft", Design(Array(2, 4), 3), SharedLayers, SpectrumFrontEnd),
    ("dft", Design(Array(2, 4), 3, hop=5), SharedLayers, DftFrontEnd),
    ("dft", Design(None, 3, lanes=4, values=2), UnrolledLayers, DftFrontEnd),
]


@pytest.fixture(scope="module", params=DESIGNS, ids=["fft", "dft, shared", "dft, unrolled"])
def case(request, make_example):
    """Return a plan, and the kinds of parts that it is to become."""
    transform, design, behind, front = request.param
    shape = {"window": 64, "convs": ((2, 8, 2, 3, 2),), "classes": 3}
    model = make_example(2, bits=Precision(transform=transform), **shape).model
    return plan(model, design), behind, front


def test_a_plan_becomes_an_accelerator(case):
    made, _, _ = case
    core = generate(made)
    assert core.plan is made
    assert dict(core.signature.members.items()) == core_members(made)


def test_the_plan_of_the_layers_becomes_their_part(case):
    made, kind, _ = case
    part = layers(made)
    assert type(part) is kind
    assert part.plan is made.layers
    assert dict(part.signature.members.items()) == layers_members(made.front, made.layers)


def test_a_plan_of_a_source_becomes_its_part(case):
    made, _, kind = case
    part = source(made.front)
    assert type(part) is kind
    assert part.plan is made.front
    assert dict(part.signature.members.items()) == source_members(made.front)
