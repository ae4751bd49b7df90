"""The teacher is the published network, and works at other windows."""

from __future__ import annotations

import pytest
import torch

from hwgen.zoo.teacher import TeacherNet


def test_the_published_tensors():
    channels = [1, 16, 32, 64, 64, 64, 64]
    expected = {}
    for k in range(1, 7):
        expected[f"cnn.Conv1D_{k}.weight"] = (channels[k], channels[k - 1], 64 if k == 1 else 3)
        expected[f"cnn.Conv1D_{k}.bias"] = (channels[k],)
        for part in ("weight", "bias", "running_mean", "running_var"):
            expected[f"cnn.BN_{k}.{part}"] = (channels[k],)
        expected[f"cnn.BN_{k}.num_batches_tracked"] = ()
    expected |= {"fc1.weight": (48, 64), "fc1.bias": (48,)}
    expected |= {"fc2.weight": (10, 48), "fc2.bias": (10,)}
    state = TeacherNet(2048, 10).state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == expected


def test_the_published_lengths():
    lengths = []
    teacher = TeacherNet(2048, 10)
    for module in teacher.cnn:
        module.register_forward_hook(lambda m, _, y: lengths.append((type(m).__name__, y.shape[2])))
    teacher(torch.randn(2, 2048))
    assert [n for name, n in lengths if name == "Conv1d"] == [128, 64, 32, 16, 8, 2]
    assert [n for name, n in lengths if name == "MaxPool1d"] == [64, 32, 16, 8, 4, 1]


@pytest.mark.parametrize("window", [16, 32, 64, 256, 1024, 4096])
def test_other_windows_and_classes(window):
    logits = TeacherNet(window, 3)(torch.randn(4, window))
    assert logits.shape == (4, 3)
    assert torch.isfinite(logits).all()
