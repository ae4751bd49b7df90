"""Rounding that looks at the outputs."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.calibration import rounding
from hwgen.calibration.rounding import Compensated
from hwgen.quantized.op import nearest

MOST = 7


def layer(seed: int, *, taps: int = 40, rows: int = 5):
    """Return weights, steps, and inputs that go together as neighbouring bins do."""
    rng = np.random.default_rng(seed)
    independent = rng.normal(0, 1, (600, taps))
    x = np.abs(independent + 2 * np.roll(independent, 1, axis=1) + np.roll(independent, 2, axis=1))
    x *= np.exp(rng.normal(0, 0.5, (600, 1)))  # loudness
    weight = rng.normal(0, 1, (rows, taps)) * np.exp(rng.normal(0, 1, (rows, 1)))
    scale = np.abs(weight).max(axis=1) / MOST
    return weight, scale, np.round(20 * x).astype(np.int64)


def output_error(weight, scale, x, rounded):
    """Return each row's variance of what rounding does to the outputs."""
    integers, step = rounded
    return (x @ (weight - integers * step[:, np.newaxis]).T).var(axis=0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("together", [False, True])
def test_outputs_are_nearer_than_by_nearest_weights(seed, together):
    weight, scale, x = layer(seed)
    plain = nearest(weight, scale, MOST, together=together)
    better = Compensated((x,))(weight, scale, MOST, together=together)
    errors = [output_error(weight, scale, x, rounded) for rounded in (plain, better)]
    assert errors[1].sum() < 0.85 * errors[0].sum()
    assert np.abs(better[0]).max() <= MOST
    assert better[0].dtype == np.int64


def test_steps_keep_their_ratios_when_they_must():
    weight, scale, x = layer(5)
    alone = Compensated((x,))(weight, scale, MOST, together=False)[1] / scale
    together = Compensated((x,))(weight, scale, MOST, together=True)[1] / scale
    assert len(set(together.round(9))) == 1
    assert len(set(alone.round(9))) > 1


def test_what_is_on_the_grid_stays_there():
    weight, scale, x = layer(6)
    integers = nearest(weight, scale, MOST, together=True)[0]
    again, step = Compensated((x,))(integers * scale[:, np.newaxis], scale, MOST, together=True)
    assert (again == integers).all()
    assert (step == scale).all()


def test_inputs_that_never_change_are_rounded_to_the_nearest():
    weight, scale, x = layer(7)
    constant = np.repeat(x[:1], 50, axis=0)
    rounded, step = Compensated((constant,))(weight, scale, MOST, together=False)
    assert (rounded == nearest(weight, step, MOST, together=False)[0]).all()


def test_many_columns_are_done_block_by_block():
    weight, scale, x = layer(8, taps=1500, rows=2)
    plain = nearest(weight, scale, MOST, together=False)
    better = Compensated((x,))(weight, scale, MOST, together=False)
    assert better[0].shape == weight.shape
    errors = [output_error(weight, scale, x, rounded) for rounded in (plain, better)]
    assert errors[1].sum() < errors[0].sum()


def test_rows_of_zeros_stay_zero():
    weight, scale, x = layer(9)
    weight[2] = 0
    assert not Compensated((x,))(weight, scale, MOST, together=False)[0][2].any()


def test_steps_that_are_bound_change_by_powers_of_two_only():
    rng = np.random.default_rng(4)
    x = rng.integers(0, 256, (200, 12))
    weight = rng.standard_t(2, (6, 12))
    scale = np.abs(weight).max(axis=1) / 3
    bound = np.array([True, False] * 3)
    free = Compensated((x,))(weight, scale, 3)[1] / scale
    kept = Compensated((x,))(weight, scale, 3, bound=bound)[1] / scale
    assert (kept[~bound] == free[~bound]).all()
    assert set(kept[bound].tolist()) <= {1.0, 0.5}
    assert not set(free[bound].tolist()) <= {1.0, 0.5}


def test_groups_are_rounded_each_for_itself():
    rng = np.random.default_rng(5)
    columns = rng.integers(0, 256, (100, 5)), rng.integers(0, 256, (100, 5))
    weight = rng.normal(size=(6, 5))
    scale = np.abs(weight).max(axis=1) / 7
    together = Compensated(columns)(weight, scale, 7)
    for part, rows in zip(columns, (slice(0, 3), slice(3, 6)), strict=True):
        alone = Compensated((part,))(weight[rows], scale[rows], 7)
        assert np.array_equal(together[0][rows], alone[0])
        assert np.array_equal(together[1][rows], alone[1])


@pytest.mark.parametrize("together", [False, True])
def test_how_many_steps_are_tried_at_a_time_changes_nothing(together, monkeypatch):
    weight, scale, x = layer(9)
    found = []
    for most in (1, 3 * weight.size, 1 << 20):
        monkeypatch.setattr("hwgen.calibration.rounding._AT_ONCE", most)
        found.append(Compensated((x,))(weight, scale, MOST, together=together))
    for integers, step in found[1:]:
        assert np.array_equal(integers, found[0][0])
        assert np.array_equal(step, found[0][1])
    assert (len(set((found[0][1] / scale).round(9))) == 1) == together


@pytest.mark.parametrize("windows", [1, 5, 39, 100])
def test_rows_are_looked_at_some_at_a_time(monkeypatch, windows):
    monkeypatch.setattr(rounding, "_MOST_ROWS", 64)
    x = np.random.default_rng(0).integers(-9, 9, (windows, 7, 4))
    asked = []

    def columns_of(part):
        asked.append(len(part))
        return part[..., :2].reshape(-1, 2), part[..., 2:].reshape(-1, 2)

    found = rounding.seen(columns_of, x)
    every = columns_of(x)
    step = -(-len(every[0]) // 64)
    assert max(asked[:-1]) <= 9  # 64 rows are those of 9 windows
    for group, whole in zip(found, every, strict=True):
        assert np.array_equal(group, whole[::step])
