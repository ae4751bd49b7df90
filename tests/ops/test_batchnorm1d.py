"""Batch normalisation."""

import numpy as np
import pytest
from torch import from_numpy
from torch.nn import functional

from hwgen.errors import InputError
from hwgen.network.ops.batchnorm1d import BatchNorm1d
from tests.ops.harness import Example


def layer(channels=3, **fields):
    rng = np.random.default_rng(channels)
    tensors = {name: rng.normal(size=channels) for name in ("weight", "bias", "mean")}
    return BatchNorm1d("norm", **(tensors | {"variance": rng.uniform(0.1, 2, channels)} | fields))


EXAMPLES = {
    "two axes": Example(layer(), ((3, 5),)),
    "flat": Example(layer(4, eps=0.1), ((4,),)),
}
REFUSED = (((2, 5),), ((3, 5, 1),))


def torch_of(layer, x):
    tensors = (layer.mean, layer.variance, layer.weight, layer.bias)
    return functional.batch_norm(x, *(from_numpy(t.copy()) for t in tensors), eps=layer.eps)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"bias": np.zeros(2)}, r"norm.bias must have one value a channel \(3\)"),
        ({"mean": np.zeros((3, 1))}, "norm.mean must have 1 dimensions"),
        ({"variance": -np.ones(3)}, "norm variance"),
        ({"variance": np.zeros(3), "eps": 0.0}, "norm variance"),
        ({"eps": "x"}, "norm variance"),
    ],
)
def test_fields_that_are_refused(fields, says):
    with pytest.raises(InputError, match=says):
        layer(**fields)
