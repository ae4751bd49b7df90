"""The last position of a TCN sees the whole window, and nothing sees what comes later."""

from __future__ import annotations

import pytest
import torch

from hwgen import zoo


def made(window):
    design = zoo.designed("tcn", {"window": window})
    torch.manual_seed(2)
    net = design.module(1, 4, design.recipe("default").student).double().eval()
    return design, net


@pytest.mark.parametrize(
    ("window", "blocks"), [(128, 2), (256, 3), (1024, 5), (2048, 6), (2056, 6), (2088, 7)]
)
def test_there_are_as_many_blocks_as_see_the_window(window, blocks):
    design, net = made(window)
    assert (design.blocks, net.blocks) == (blocks, blocks)
    for value in net.parameters():
        value.data.abs_()  # nothing cancels out, and no ReLU is shut
    x = torch.ones(1, window, dtype=torch.double, requires_grad=True)
    net(x).sum().backward()
    assert (x.grad != 0).all()


def test_a_block_sees_nothing_that_comes_later():
    _, net = made(512)
    x = torch.randn(1, 16, 64, dtype=torch.double)
    later = x.clone()
    later[:, :, 40:] += 1
    with torch.no_grad():
        same = net.block3(x) == net.block3(later)
    assert same[:, :, :40].all()
    assert not same[:, :, 40:].all()


def test_the_graph_works_out_no_more_of_the_last_block_than_is_used():
    design, net = made(2048)
    shapes = design.network(net, 1, tuple("abcd"), 1.0, None).shapes()
    assert shapes["block5_conv2"] == (16, 256)
    assert shapes["block6_seen"] == (16, 129)
    assert [shapes[f"block6_conv{k}"] for k in (1, 2)] == [(16, 65), (16, 1)]
