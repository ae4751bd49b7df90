"""Values side by side need no step."""

from __future__ import annotations

import numpy as np

from hwgen.fixedpoint import Format
from hwgen.plans.operand import Operand, Part
from hwgen.plans.ops.concat import join
from hwgen.quantized.ops.concat import QuantizedConcat


def test_parts_follow_each_other():
    op = QuantizedConcat("both", ((2, 6), (4, 6)), Format(True, 3, 0), np.ones(6))
    one = Operand((Part("a", 2),), 6)
    two = Operand((Part("b", 3), Part("a", 1)), 6)
    found = join(op, (one, two))
    assert found == Operand((Part("a", 2), Part("b", 3), Part("a", 1)), 6)
    assert found.channels == 6
