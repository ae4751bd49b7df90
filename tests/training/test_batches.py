"""Batches are balanced, follow from the epoch's number alone, and keep what is held out apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.signals import draw, noisy, synthetic_dataset
from hwgen.training.augment import Augment
from hwgen.training.batches import Drawn, Fresh, published_draw
from hwgen.training.draws import draw_by_class
from hwgen.training.pieces import Pieces

WINDOW = 64


@pytest.fixture(scope="module")
def dataset():
    return noisy(synthetic_dataset(2, classes=3, seconds=1.0), 5.0, 1)


def test_fresh_batches(dataset):
    batches = Fresh(Pieces(dataset, WINDOW), Augment(0.0, 6.0), 7, 4, seed=3)
    first, again, next_epoch = (list(batches.epoch(e)) for e in (0, 0, 1))
    assert [x.shape for x, _ in first] == [(7, WINDOW)] * 4
    assert torch.cat([labels for _, labels in first]).bincount().tolist() == [10, 9, 9]
    assert all(torch.equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0][0], next_epoch[0][0])


def test_drawn_batches_are_everything_once_in_another_order():
    x = torch.arange(10.0)[:, None]
    batches = Drawn(x, torch.arange(10), 4, seed=0)
    assert batches.steps == 3
    orders = []
    for epoch in range(2):
        parts = list(batches.epoch(epoch))
        assert [len(labels) for _, labels in parts] == [4, 4, 2]
        assert all(torch.equal(x[:, 0].long(), labels) for x, labels in parts)
        orders.append(torch.cat([labels for _, labels in parts]).tolist())
        assert sorted(orders[-1]) == list(range(10))
    assert orders[0] != orders[1]


def test_class_by_class_is_the_same_draw(dataset):
    whole, labels = draw(dataset, WINDOW, 100, np.random.default_rng(5))
    parts = list(draw_by_class(dataset, WINDOW, 100, np.random.default_rng(5)))
    np.testing.assert_array_equal(np.concatenate([x for x, _ in parts]), whole)
    assert [label for _, label in parts] == labels[::100].tolist()


def test_a_third_of_the_published_draw_is_held_out(dataset):
    drawn = published_draw(dataset, WINDOW, 0.5, seed=4)
    assert drawn.labels.bincount().tolist() == [500] * 3
    assert drawn.held_labels.bincount().tolist() == [250] * 3
    assert drawn.x.dtype == torch.float32
    for x, labels in ((drawn.x, drawn.labels), (drawn.held_x, drawn.held_labels)):
        for recording in dataset.recordings:
            label = dataset.classes.index(recording.label)
            views = np.lib.stride_tricks.sliding_window_view(0.5 * recording.samples, WINDOW)
            windows = {tuple(w) for w in views.astype(np.float32)}
            assert {tuple(w) for w in x[labels == label].numpy()} <= windows
