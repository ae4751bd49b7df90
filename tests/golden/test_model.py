"""Whole integer networks: batches, classes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.errors import InputError


@pytest.fixture(scope="module")
def example(make_example):
    return make_example(3, window=64, convs=((3, 5, 2, 2, 2), (4, 3, 1, 1, 0)), hidden=5)


def test_a_batch_is_its_windows(example):
    samples = np.tile(example.samples, (12, 1))  # more than one batch inside
    assert len(samples) > 256
    logits = golden.run(example.model, samples)
    alone = [golden.run(example.model, window[np.newaxis])[0] for window in example.samples]
    assert (logits == np.tile(alone, (12, 1))).all()


def test_a_run_is_its_ops_one_by_one(example):
    value = example.samples
    for op in example.model.ops:
        value = golden.run_op(op, value)
        assert value.shape[1:] == op.output.shape
        assert value.min() >= op.output.fmt.min
        assert value.max() <= op.output.fmt.max
    assert (golden.run(example.model, example.samples) == value).all()


def test_logits_are_near_float_and_so_are_classes(example):
    exact = example.network.run(example.windows * example.model.input_scale)
    logits = golden.run(example.model, example.samples)
    scale = example.model.ops[-1].output.scale
    assert np.corrcoef(exact.ravel(), (logits * scale).ravel())[0, 1] > 0.995
    assert (exact.argmax(axis=1) == golden.classify(logits)).mean() > 0.9


def test_no_windows_give_no_logits(example):
    assert golden.run(example.model, np.zeros((0, 64), dtype=np.int64)).shape == (0, 4)


@pytest.mark.parametrize("shape", [(64,), (2, 63), (1, 2, 64)])
def test_a_wrong_shape_is_refused(example, shape):
    with pytest.raises(InputError, match=r"^windows must be \(n, 64\), not \("):
        golden.run(example.model, np.zeros(shape, dtype=np.int64))


@pytest.mark.parametrize("value", [-32769, 32768])
def test_a_sample_beyond_the_adc_is_noticed(example, value):
    samples = np.zeros((1, 64), dtype=np.int64)
    samples[0, 7] = value
    with pytest.raises(OverflowError, match=r"^samples must stay within \[-32768, 32767\]"):
        golden.run(example.model, samples)


def test_the_ends_of_the_adc_are_fine(example):
    samples = np.stack([np.full(64, -32768), np.full(64, 32767)])
    assert golden.run(example.model, samples).shape == (2, 4)


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        ([-5, -3, -4], 1),
        ([-3, -3, -3], 0),
        ([-9, 4, 4], 1),
        ([0, 0, 1], 2),
        ([-(1 << 40), -(1 << 40) + 1, -(1 << 40)], 1),
    ],
)
def test_the_class_is_the_first_of_the_largest(logits, expected):
    assert golden.classify(np.array([logits])).tolist() == [expected]
