"""NumPy integer meaning of each op of the quantized IR: what the hardware must equal."""

from hwgen.golden.model import accumulate, classify, run, run_op, stream

__all__ = ["accumulate", "classify", "run", "run_op", "stream"]
