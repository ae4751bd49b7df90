"""Samples as values."""

import numpy as np

from hwgen.network.ops.direct import Direct
from tests.ops.harness import Example

EXAMPLES = {
    "one channel": Example(Direct("direct"), ((24,),), samples=True),
    "three channels": Example(Direct("direct"), ((3, 10),), samples=True),
}
REFUSED = (((1, 2, 3),), ((),))


def torch_of(_, x):
    return x if x.ndim == 3 else x.unsqueeze(1)


def loops_of(op, x):
    return [x] if np.ndim(x) == 1 else x
