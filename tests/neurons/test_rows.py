"""Scales and parts of rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hwgen.neurons.rows import parted, rows_of, scale_of


def test_inputs_and_values_have_a_size_of_1(make):
    table = make(lambda x: 100 + 7 * x[:, 0], rows=500, low=3.0)
    part = np.arange(400)
    scale = scale_of(table, part)
    rows = rows_of(table, part, scale)
    assert torch.allclose(rows.x.mean(0), torch.zeros(4, dtype=torch.float64), atol=1e-9)
    assert torch.allclose(rows.x.std(0, correction=0), torch.ones(4, dtype=torch.float64))
    assert float(rows.y.std(correction=0)) == pytest.approx(1)
    assert scale.off_centre
    own = rows_of(table, part, scale.uncentred)
    assert own.x.min() > 0
    assert torch.allclose(own.x.square().mean(0), torch.ones(4, dtype=torch.float64))


def test_a_mean_that_may_be_chance_is_not_taken_off(make):
    scale = scale_of(make(rows=500), np.arange(400))
    assert not scale.mean.any()
    assert not scale.off_centre


def test_parts_have_all_rows_once_and_each_class_its_share(make):
    table = make(lambda x: np.where(x[:, 0] > 1.2, "rare", "often"), rows=200)
    first, second = parted(table, 0.25, 3)
    assert sorted([*first, *second]) == list(range(200))
    for number in (0, 1):
        count = int((table.y == number).sum())
        assert int((table.y[second] == number).sum()) == round(0.25 * count)
    assert not np.array_equal(second, parted(table, 0.25, 4)[1])
    assert np.array_equal(second, parted(table, 0.25, 3)[1])


def test_losses(make):
    table = make(lambda x: np.where(x[:, 0] > 0, "a", "b"), rows=60)
    rows = rows_of(table, np.arange(60), scale_of(table, np.arange(60)))
    assert torch.allclose(rows.losses(torch.zeros(60, 2)), torch.log(torch.tensor(2.0)))
    values = make(rows=60)
    rows = rows_of(values, np.arange(60), scale_of(values, np.arange(60)))
    assert torch.allclose(rows.losses(rows.y + 3), torch.tensor(9.0, dtype=torch.float64))
