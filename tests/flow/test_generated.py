"""The record of the generator, as a stage keeps it."""

from __future__ import annotations

import json

import pytest

from hwgen.flow import generate, implement, netlist
from hwgen.flow.generated import Generated
from hwgen.flow.options import HardwareOptions
from hwgen.plans.design import Design
from hwgen.plans.step import Array
from hwgen.plans.timing import Timing

KNOWN = Generated(
    {"digest": "ab"},
    Design(Array(2, 4, 2), 3, lanes=8, unrolled=("conv1",)),
    Timing(12, 40, 2, breakdown=(("conv1", 5), ("last", 7))),
    hop=16,
    transform="none",
    utilisation=0.5,
    estimate={"core": {"lut4": 7}, "board": {"lut4": 9}},
)


def test_round_trip():
    text = json.dumps(KNOWN.to_json())
    assert Generated.from_json(json.loads(text) | {"seconds": 1.5}) == KNOWN


def test_an_older_build_says_less():
    value = KNOWN.to_json()
    del value["estimate"], value["utilisation"]
    old = Generated.from_json(value)
    assert (old.estimate, old.utilisation) == (None, None)
    assert "estimate" not in old.to_json()


@pytest.mark.parametrize("module", [generate, implement, netlist])
def test_what_a_result_holds_for_is_as_json_gives_it_back(module):
    """It is compared with what was kept; and older builds were made without `unroll`."""
    plain = module.basis("ab", HardwareOptions())
    assert "unroll" not in json.dumps(plain)
    given = module.basis("ab", HardwareOptions(unroll=("conv1",), normal=("x",), seeds=(3, 4)))
    assert given != plain
    assert json.loads(json.dumps(given)) == given
