"""Values side by side: whoever reads them finds each where it lies."""

from __future__ import annotations

from hwgen.plans.operand import Operand
from hwgen.quantized.ops.concat import QuantizedConcat


def join(op: QuantizedConcat, operands: tuple[Operand, ...]) -> Operand:
    """Return all inputs as one operand."""
    del op
    parts = tuple(part for operand in operands for part in operand.parts)
    return Operand(parts, operands[0].positions)
