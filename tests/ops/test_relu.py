"""ReLU by itself."""

from torch.nn import functional

from hwgen.network.ops.relu import Relu
from tests.ops.harness import Example

EXAMPLES = {"two axes": Example(Relu("relu"), ((2, 5),)), "flat": Example(Relu("relu"), ((5,),))}


def torch_of(_, x):
    return functional.relu(x)


def test_nothing_is_below_zero_behind_it():
    assert Relu("relu").rectified
