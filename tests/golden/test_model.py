"""Whole integer networks: batches, classes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.errors import InputError
from hwgen.quantized import Precision
from hwgen.quantized.precision import TRANSFORMS


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


def stream_of(model, length: int) -> np.ndarray:
    """Noise whose loudness swells and falls, so that the windows of a stream differ."""
    loudness = 6000 * (1 + np.sin(np.arange(length) / 37))
    values = np.random.default_rng(length).normal(0, 1, length) * loudness
    return np.clip(values, -32768, 32767).astype(np.int64)


@pytest.fixture(scope="module", params=TRANSFORMS)
def either(make_example, request):
    return make_example(6, window=64, bits=Precision(transform=request.param)).model


def test_a_stream_without_overlap_is_its_windows(either):
    samples = stream_of(either, 200 * 64 + 63)
    logits = golden.stream(either, samples, 64)
    assert logits.shape == (200, 4)
    assert (logits == golden.run(either, samples[: 200 * 64].reshape(200, 64))).all()
    assert len(np.unique(logits, axis=0)) > 150


@pytest.mark.parametrize("hop", [1, 5, 16, 63])
def test_a_stream_is_the_latest_window_after_every_hop(either, hop):
    samples = stream_of(either, 400)
    logits = golden.stream(either, samples, hop)
    ends = range(64, 401, hop)
    assert len(logits) == len(ends)
    for end, got in zip(ends, logits, strict=True):
        window = samples[end - 64 : end]
        if either.bits.transform == "dft":  # sample m stands at m modulo the window
            window = np.roll(window, end % 64)
        assert (golden.run(either, window[np.newaxis])[0] == got).all()


@pytest.mark.parametrize(("length", "count"), [(0, 0), (63, 0), (64, 1), (65, 2)])
def test_a_stream_answers_from_its_first_window_on(either, length, count):
    assert golden.stream(either, stream_of(either, length), 1).shape == (count, 4)


@pytest.mark.parametrize("hop", [0, -1, 65])
def test_a_hop_beyond_the_window_is_refused(either, hop):
    with pytest.raises(ValueError, match=rf"^hop must be 1 to the window \(64\), not {hop}$"):
        golden.stream(either, np.zeros(100, dtype=np.int64), hop)


def test_what_is_no_stream_is_refused(either):
    with pytest.raises(
        InputError, match=r"^a stream must be \(length,\) of one channel, not \(2, 64\)"
    ):
        golden.stream(either, np.zeros((2, 64), dtype=np.int64), 64)
    with pytest.raises(OverflowError, match=r"^samples must stay within \[-32768, 32767\]"):
        golden.stream(either, np.full(100, 32768), 64)


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


def test_a_single_row_of_logits_has_a_class():
    assert golden.classify(np.array([1, 5, 2])) == 1
    assert golden.classify(np.array([[[1, 2], [4, 3]]])).tolist() == [[1, 0]]
