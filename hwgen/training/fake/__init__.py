"""Ops of the integer network in torch: the golden model's values, with gradients.

One file per op, named like it. Values are integers held in floats wide enough to be exact; a
rounding's gradient is that of no rounding, a saturation's is zero (straight-through estimator: Y.
Bengio et al., 2013, arXiv:1308.3432; in the forward pass of training: B. Jacob et al., CVPR 2018).
The integers come from the op that the quantized rule made, whatever that rule is.
"""

from hwgen.training.fake.chain import exact_dtype, run, run_op

__all__ = ["exact_dtype", "run", "run_op"]
