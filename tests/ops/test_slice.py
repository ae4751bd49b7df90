"""Some channels or positions."""

import pytest

from hwgen.errors import InputError
from hwgen.network.ops.slice import Slice
from tests.ops.harness import Example

EXAMPLES = {
    "channels": Example(Slice("some", "channels", 1, 2), ((4, 7),)),
    "positions": Example(Slice("some", "positions", 2, 4), ((3, 7),)),
    "flat": Example(Slice("some", "channels", 3, 5), ((9,),)),
    "all": Example(Slice("some", "positions", 0, 7), ((2, 7),)),
}
REFUSED = (((2, 7),), ((2,),), ((4, 7, 2),))


def torch_of(layer, x):
    return x.narrow(1 if layer.axis == "channels" else 2, layer.begin, layer.count)


def loops_of(op, x):
    end = op.begin + op.count
    return x[op.begin : end] if op.axis == "channels" else [row[op.begin : end] for row in x]


@pytest.mark.parametrize(
    ("fields", "says"),
    [(("rows", 0, 1), "axis"), (("channels", -1, 1), "begin"), (("positions", 0, 0), "count")],
)
def test_fields_that_are_refused(fields, says):
    with pytest.raises(InputError, match=f"^some {says} must be"):
        Slice("some", *fields)


def test_positions_of_flat_values_are_refused():
    with pytest.raises(InputError, match=r"^some takes values of 2 or more positions"):
        Slice("some", "positions", 1, 1).output_shape((4,))
