"""Emitted Verilog of a network with branches against the golden model, in Verilator."""

from __future__ import annotations

import pytest

from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from hwgen.plans.step import Array
from hwgen.verify import verify
from tests.integer_graphs import small_residual

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("array", [Array(2, 3), Array(4, 8, 2)], ids=str)
def test_a_residual_network(tmp_path, warm, array):
    case = small_residual(1, array.drain, windows=40)
    plan = case.plan(array, dsp=4)
    source = tmp_path / "core.v"
    write_verilog(generate(plan), "core", source)
    result = verify([source], "core", case.model, case.samples, plan.timing, warm(tmp_path / "sim"))
    assert result.mismatches == 0
    assert result.windows >= 40
    assert result.latency == plan.timing.latency
