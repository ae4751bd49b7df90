"""What does nothing."""

from hwgen.network.ops.identity import Identity
from tests.ops.harness import Example

EXAMPLES = {"two axes": Example(Identity("dropout"), ((2, 5),))}


def torch_of(_, x):
    return x
