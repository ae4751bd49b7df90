"""Other channels and positions of the same numbers."""

import numpy as np
import pytest

from hwgen import golden
from hwgen.errors import InputError
from hwgen.fixedpoint import Format
from hwgen.network.ops.reshape import Reshape
from hwgen.quantized import Activations, Precision
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from tests.ops.harness import Example

EXAMPLES = {
    "more channels": Example(Reshape("cut", 8), ((4, 6),)),
    "one channel": Example(Reshape("cut", 1), ((4, 6),)),
    "fewer channels": Example(Reshape("cut", 2), ((4, 6),)),
    "others": Example(Reshape("cut", 3), ((4, 6),)),
    "rows of a row": Example(Reshape("cut", 4), ((1, 12),)),
    "of flat numbers": Example(Reshape("cut", 3), ((12,),)),
}
REFUSED = (((4, 7),), ((12,),), ((4, 6, 2),))


def torch_of(layer, x):
    last = x.movedim(1, -1) if x.ndim == 3 else x
    return last.reshape(len(x), -1, layer.channels).movedim(-1, 1)


def loops_of(op, x):
    rows = x if isinstance(x[0], list) else [[number] for number in x]
    numbers = [
        (rows[c][p] + (1 << op.down[c] >> 1)) >> int(op.down[c])
        for p in range(len(rows[0]))
        for c in range(len(rows))
    ]
    return [numbers[c :: op.channels] for c in range(op.channels)]


def made(channels, scale, shape=(4, 6)):
    source = Activations(shape, Format(True, 7, 0), np.array(scale))
    return integer_op(Reshape("cut", channels), (source,), Precision(), Chosen())


def test_numbers_of_other_steps_are_brought_to_the_coarsest():
    op = made(2, [1.0, 0.25, 0.5, 1.0])
    assert (op.down.tolist(), op.scale.tolist()) == ([0, 2, 1, 0], [1.0, 1.0])
    x = np.array([[[5], [6], [-3], [7]]]).repeat(6, axis=2)
    assert golden.run_op(op, x)[0].T.tolist() == [[5, 2], [-1, 7]] * 6


def test_channels_that_are_not_mixed_keep_their_steps():
    op = made(8, [1.0, 3.0, 0.5, 0.7])
    assert not op.down.any()
    assert op.scale.tolist() == [1.0, 3.0, 0.5, 0.7] * 2


def test_a_step_far_below_another_leaves_nothing():
    op = made(1, [1.0, 2.0**-60, 1.0, 1.0])
    assert op.down.tolist() == [0, 9, 0, 0]
    low = golden.run_op(op, np.full((1, 4, 6), -128))
    assert low[0, 0, :4].tolist() == [-128, 0, -128, -128]


def test_steps_that_no_shift_brings_together_are_refused():
    with pytest.raises(InputError, match=r"^cut must read channels whose steps are powers of two"):
        made(1, [1.0, 0.75, 1.0, 1.0])


def test_channels_are_positive():
    with pytest.raises(InputError, match=r"^cut channels must be an integer of at least 1, not 0$"):
        Reshape("cut", 0)
