"""Max-pooling as the end of the sweep before it: no pass of its own."""

from __future__ import annotations

from hwgen.errors import InputError
from hwgen.plans.sweep import Sweep
from hwgen.quantized.ops.maxpool1d import QuantizedMaxPool1d


def fuse(before: Sweep | None, op: QuantizedMaxPool1d) -> Sweep:
    """Return `before` with the pooling behind it.

    Raises
    ------
    InputError
        If the pooling does not follow a convolution.
    """
    if before is None or before.pool != 1 or before.positions == 1:
        raise InputError(f"{op.name} must follow a convolution directly; put it behind one")
    if op.padding or op.stride not in (None, op.size):
        raise InputError(f"{op.name} must pool groups that do not overlap, without padding")
    return before.pooled(op.size)
