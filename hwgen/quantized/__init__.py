"""Integer IR: weights, tables, formats, digest; one rule per op makes it from the float IR."""

from hwgen.quantized.model import QuantizedModel
from hwgen.quantized.op import Activations, QuantizedOp
from hwgen.quantized.precision import Precision

__all__ = ["Activations", "Precision", "QuantizedModel", "QuantizedOp"]
