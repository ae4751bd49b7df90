"""What taps meet, and the way back, equal torch's own sliding windows to the bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from hwgen.fixedpoint import Format
from hwgen.quantized.ops.conv1d import QuantizedConv1d
from hwgen.training.fake.patches import patches

BYTE = Format(True, 7, 0)
PLAIN = QuantizedConv1d(
    "conv", length=19, source=BYTE, weight=np.ones((2, 3, 4), np.int64), bias=np.zeros(2, np.int64),
    weight_bits=8, stride=1, padding=0, relu=False, shift=0, out=BYTE, scale=np.ones(2),
)  # fmt: skip
SHAPES = {
    "plain": {},
    "padded": {"padding": 3},
    "padded unevenly": {"padding": 0, "padding_right": 2},
    "with strides": {"stride": 3, "padding": 1},
    "strides beyond the kernel": {"stride": 7},
    "dilated": {"dilation": 2, "stride": 2, "padding": 2},
}


def slid(op, x):
    """The same by torch's own operations."""
    padded = functional.pad(x, op.sides)
    taps = padded.unfold(2, op.reach, op.stride)[..., :: op.dilation]
    return taps.permute(0, 2, 3, 1).flatten(2)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("side_by_side", [False, True])
def test_it_equals_sliding_windows_and_their_gradient(shape, side_by_side):
    op = replace(PLAIN, **shape)
    rng = torch.Generator().manual_seed(3)
    x = torch.randn(5, 3, 19, generator=rng)
    if side_by_side:  # channels in memory, as behind another convolution
        x = x.transpose(1, 2).contiguous().transpose(1, 2)
    one, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    found, wanted = patches(op, one), slid(op, other)
    assert found.shape == (5, op.positions, 4 * 3)
    assert torch.equal(found, wanted)
    which = torch.randn(found.shape, generator=rng)
    (found * which).sum().backward()
    (wanted * which).sum().backward()
    assert one.grad.abs().max() > 0
    assert torch.equal(one.grad, other.grad)
