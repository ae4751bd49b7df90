"""Integer IR: weights, tables, formats, digest; one rule per op makes it from the float IR."""

from hwgen.quantized.bits import Bits
from hwgen.quantized.model import QuantizedModel
from hwgen.quantized.op import Activations, QuantizedOp

__all__ = ["Activations", "Bits", "QuantizedModel", "QuantizedOp"]
