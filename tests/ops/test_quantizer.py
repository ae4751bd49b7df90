"""A quantiser by itself: its grid is all that it does."""

import numpy as np
import pytest
import torch

from hwgen.errors import InputError
from hwgen.network.grid import Grid
from hwgen.network.ops.quantizer import Quantizer
from tests.ops.harness import Example

FOUR = Grid((0.5,), -8, 7)
EXAMPLES = {
    "two axes": Example(Quantizer("quant", grid=FOUR), ((2, 5),)),
    "flat": Example(Quantizer("quant", grid=Grid((0.5, 0.25, 1.0), 0, 15, "floor")), ((3,),)),
}


def torch_of(_, x):
    return x  # the harness asks for what is before the grid


@pytest.mark.parametrize("ends", [(-8, 7), (0, 15), (-100, 27)])
def test_its_value_is_torchs_fake_quantisation(ends):
    x = np.random.default_rng(1).normal(size=(4, 3, 50)) * 4
    x[0, 0, :8] = np.arange(8) / 4  # halves among them
    layer = Quantizer("quant", grid=Grid((0.5,), *ends))
    wanted = torch.fake_quantize_per_tensor_affine(torch.from_numpy(x).float(), 0.5, 0, *ends)
    np.testing.assert_array_equal(layer.value(x), wanted.numpy())


def test_a_step_a_channel():
    layer = Quantizer("quant", grid=Grid((0.5, 2.0), -8, 7))
    x = np.array([[[0.6, 3.0], [0.9, 3.1]]])
    np.testing.assert_array_equal(layer.value(x), [[[0.5, 3.0], [0.0, 4.0]]])


def test_it_has_a_grid():
    with pytest.raises(InputError, match="quant must have a grid, not none"):
        Quantizer("quant")
    with pytest.raises(InputError, match=r"one for each of 3 channels, not 2"):
        Quantizer("quant", grid=Grid((0.5, 2.0), -8, 7)).output_shape((3, 5))
