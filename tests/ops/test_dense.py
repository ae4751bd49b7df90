"""Dense layers, hidden and last."""

import numpy as np
from torch import from_numpy
from torch.nn import functional

from hwgen.network.ops.dense import Dense
from tests.ops.harness import Example


def layer(outputs, inputs, *, relu=False):
    rng = np.random.default_rng(inputs)
    weight = rng.normal(0, 1, (outputs, inputs)) * np.exp(rng.normal(0, 1, (outputs, 1)))
    return Dense("dense", weight, rng.normal(0, 1, outputs), relu)


EXAMPLES = {
    "hidden": Example(layer(5, 6, relu=True), ((2, 3),)),
    "hidden, no ReLU": Example(layer(4, 7), ((7,),)),
    "last": Example(layer(3, 8), ((2, 4),), exact=True),
}
REFUSED = (((2, 4),),)


def torch_of(layer, x):
    y = functional.linear(
        x.flatten(1), from_numpy(layer.weight.copy()), from_numpy(layer.bias.copy())
    )
    return functional.relu(y) if layer.relu else y


def loops_of(op, x):
    values = [value for row in x for value in row] if isinstance(x[0], list) else x
    sums = []
    for row, bias, align in zip(op.weight, op.bias, op.align, strict=True):
        total = int(bias)
        for weight, value in zip(row, values, strict=True):
            total += int(weight) * value
        sums.append(total * 2 ** int(align))
    return sums
