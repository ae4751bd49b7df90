"""A QONNX network in Verilator: file, golden model and hardware are one."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.accelerator.generator import generate
from hwgen.hardware.emit import write_verilog
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.quantized.samples import digitise
from hwgen.verify import verify
from tests.importers.onnx.qonnx import BITS, compared, loaded
from tests.importers.onnx.test_quantised import stack

pytestmark = pytest.mark.slow


def test_a_stack(tmp_path, warm):
    made = stack(narrow=1, signed=1)
    model, found, _, wanted = compared(loaded(tmp_path, made), made)
    np.testing.assert_array_equal(found, wanted)
    assert any(getattr(op, "even", False) for op in model.ops)
    built = plan(model, Design(Array(4, 2), 4))
    source = tmp_path / "core.v"
    write_verilog(generate(built), "core", source)
    samples = digitise(np.random.default_rng(8).normal(size=(40, 64)), BITS)
    result = verify([source], "core", model, samples, built.timing, warm(tmp_path / "sim"))
    assert result.mismatches == 0
    assert result.windows >= 40
