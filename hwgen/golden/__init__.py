"""NumPy integer meaning of each op of the quantized network: what the hardware must equal."""

from hwgen.golden.model import (
    accumulate,
    answers,
    classify,
    judged,
    outputs,
    rounded,
    run,
    run_node,
    run_op,
    stream,
)

__all__ = [
    "accumulate",
    "answers",
    "classify",
    "judged",
    "outputs",
    "rounded",
    "run",
    "run_node",
    "run_op",
    "stream",
]
