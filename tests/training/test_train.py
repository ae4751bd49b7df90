"""Training learns, repeats itself, notices a collapse, and refuses what it cannot use."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from hwgen import importers
from hwgen.errors import CannotMeetError, InputError, UsageError
from hwgen.importers import save_checkpoint
from hwgen.metrics import macro_f1
from hwgen.signals import Dataset, Recording, read_dataset, split_dataset, synthetic_dataset
from hwgen.training import RECIPES, losses, train
from hwgen.training.recipe import Averaging, Optimisation
from hwgen.training.speed import STEADY
from hwgen.zoo.bearingpga import BearingPGA
from hwgen.zoo.wdcnn import Wdcnn

CWRU = Path(__file__).resolve().parents[2].parent / "shared/data/cwru/0HP"
SMALL = BearingPGA(window=256, kernel=32)


@pytest.fixture(scope="module")
def dataset():
    return synthetic_dataset(3, classes=4, seconds=2.0)


def shorter(recipe, steps):
    plans = (dataclasses.replace(plan, steps=steps) for plan in (recipe.student, recipe.teacher))
    return dataclasses.replace(recipe, **dict(zip(("student", "teacher"), plans, strict=True)))


@pytest.fixture(scope="module")
def result(dataset):
    return train(dataset, snr_db=10.0, seed=1, epochs=2, design=SMALL)


def test_it_learns(result):
    assert result.metrics["f1"] > 0.9
    assert result.metrics["train_f1"] > 0.9
    assert result.metrics["restarts"] == 0
    assert result.meta.metrics == result.metrics


def test_its_figures_stay(result):
    conv, dense = result.network.layers[1], result.network.layers[3]
    # Of version 0.1; another processor rounds otherwise.
    np.testing.assert_allclose(
        conv.weight[:, 0, 5], [0.7568870, 1.9171917, -1.9233401, -2.5048108], rtol=1e-3
    )
    np.testing.assert_allclose(
        dense.bias, [0.1788910, -0.0934621, -0.1742185, 0.3442683], rtol=1e-3
    )
    assert result.network.input_scale == pytest.approx(2.5527546792005027, rel=1e-12)
    assert result.test.x.sum(dtype=np.float64) == pytest.approx(914.574, abs=0.1)
    assert result.metrics["f1"] == pytest.approx(0.97416, abs=0.002)


def test_the_network_carries_what_a_build_needs(dataset, result):
    network = result.network
    assert network.classes == dataset.classes
    assert network.sample_rate == 12000.0
    assert network.input_samples == 256
    assert (result.meta.data, result.meta.snr_db) == ("synthetic", 10.0)
    assert result.meta.snr_range == (7.0, 13.0)
    assert (result.meta.recipe, result.meta.method) == ("default", "ce")
    train_part, _ = split_dataset(dataset)
    power = np.mean([np.mean(r.samples**2) for r in train_part.recordings]) * 1.1
    assert network.input_scale == pytest.approx(1 / np.sqrt(power))


def test_windows_are_balanced_noisy_unscaled_and_from_their_part(dataset, result):
    train_part, test_part = split_dataset(dataset)
    for kept, part in ((result.calibration, train_part), (result.test, test_part)):
        assert np.bincount(kept.labels).tolist() == [40] * 4
        for recording in part.recordings:
            x = kept.x[kept.labels == dataset.classes.index(recording.label)]
            ends = recording.samples[:256], recording.samples[-256:]
            for window, clean in zip((x[0], x[-1]), ends, strict=True):
                noise = window - clean
                assert np.mean(noise**2) == pytest.approx(
                    np.mean(recording.samples**2) / 10, rel=0.4
                )
    logits = result.network.run(result.test.x * result.network.input_scale)
    assert macro_f1(result.test.labels, logits.argmax(axis=1), 4) > 0.9


def test_the_same_seed_gives_the_same_network_and_another_another(dataset):
    torch.manual_seed(11)
    state = torch.random.get_rng_state()

    def run(seed):
        return train(dataset, snr_db=0.0, seed=seed, epochs=1, design=SMALL)

    first, again, other = run(5), run(5), run(6)
    assert first.network.to_json() == again.network.to_json()
    np.testing.assert_array_equal(first.test.x, again.test.x)
    assert first.network.to_json() != other.network.to_json()
    assert torch.equal(state, torch.random.get_rng_state())


def test_another_shape_trains_saves_and_loads(tmp_path):
    data = synthetic_dataset(0, classes=6, seconds=1.5)
    shape = BearingPGA(window=1024, filters=8, kernel=32, hidden=12)
    result = train(data, snr_db=None, epochs=2, design=shape)
    assert result.metrics["f1"] > 0.9
    path = tmp_path / "x.pt"
    save_checkpoint(
        path,
        result.network,
        meta=result.meta,
        calibration=result.calibration,
        test=result.test,
    )
    back = importers.load(path)
    assert back.network.to_json() == result.network.to_json()
    assert back.meta == result.meta


@pytest.mark.parametrize("design", [SMALL, Wdcnn(window=1024)], ids=lambda each: each.name)
def test_the_recipe_for_other_loads(dataset, design):
    recipe = shorter(design.recipe("general"), 20)
    result = train(dataset, snr_db=None, epochs=1, design=design, recipe=recipe)
    assert (result.meta.recipe, result.meta.snr_range) == ("general", (-9.0, 40.0))
    if design is SMALL:  # the other one is slower to learn
        assert result.metrics["f1 clean"] > 0.5  # chance: 0.25
    assert {"f1 clean", "f1 at 0 dB", "f1 at -6 dB"} <= set(result.metrics)
    still = dataclasses.replace(recipe, speeds=STEADY)
    other = train(dataset, snr_db=None, epochs=1, design=design, recipe=still)
    assert other.network.to_json() != result.network.to_json()


def test_progress_counts_epochs_and_the_loss_falls(dataset):
    calls = []
    train(
        dataset,
        snr_db=10.0,
        epochs=2,
        design=SMALL,
        progress=lambda *call: calls.append(call),
    )
    assert [call[:2] for call in calls] == [(1, 2), (2, 2)]
    assert calls[1][2] < calls[0][2]


def test_a_collapse_is_said_and_another_seed_tried(dataset, monkeypatch):
    said = []
    good = losses.cross_entropy
    batches = 0

    def blind_at_first(logits, labels):
        """Teach the first run that all is class 0."""
        nonlocal batches
        batches += 1
        return good(logits, torch.zeros_like(labels) if batches <= 100 else labels)

    monkeypatch.setattr(losses, "cross_entropy", blind_at_first)
    result = train(dataset, snr_db=10.0, epochs=1, design=SMALL, say=said.append)
    assert result.metrics["restarts"] == 1
    assert result.metrics["train_f1"] > 0.4
    assert len(said) == 1
    assert "collapsed (F1 0.10 on its own training data); trying another seed" in said[0]


def test_three_collapses_keep_the_best_and_say_so(dataset, monkeypatch):
    said = []
    good = losses.cross_entropy
    monkeypatch.setattr(losses, "cross_entropy", lambda y, t: good(y, torch.zeros_like(t)))
    result = train(dataset, snr_db=10.0, epochs=1, design=SMALL, say=said.append)
    assert result.metrics["restarts"] == 2
    assert len(said) == 3
    assert "keeping the best of 3 runs" in said[-1]


def test_a_run_that_ends_in_nan_counts_as_a_collapse(dataset, monkeypatch):
    said = []
    good = losses.cross_entropy
    batches = 0

    def nan_at_first(logits, labels):
        nonlocal batches
        batches += 1
        return good(logits, labels) * (float("nan") if batches == 5 else 1.0)

    monkeypatch.setattr(losses, "cross_entropy", nan_at_first)
    result = train(dataset, snr_db=10.0, epochs=1, design=SMALL, say=said.append)
    assert result.metrics["restarts"] == 1
    assert said == ["training of the student diverged; trying another seed"]


def test_nothing_but_nan_is_an_error(dataset, monkeypatch):
    monkeypatch.setattr(losses, "cross_entropy", lambda logits, _: logits.sum() * float("nan"))
    with pytest.raises(CannotMeetError, match="student must end with finite weights"):
        train(dataset, snr_db=10.0, epochs=1, design=SMALL)


@pytest.mark.parametrize("method", ["kd", "dkd"])
def test_distillation_trains_a_teacher_first(dataset, method):
    calls = []
    recipe = shorter(RECIPES["default"], steps=60)
    quick = dataclasses.replace(recipe.teacher, steps=40, averaging=None)
    result = train(
        dataset,
        snr_db=10.0,
        epochs=3,
        design=SMALL,
        recipe=dataclasses.replace(recipe, teacher=quick),
        method=method,
        progress=lambda *call: calls.append(call[:2]),
    )
    assert calls == [(n, 6) for n in range(1, 7)]
    assert result.metrics["teacher_f1"] > 0.9
    assert result.metrics["f1"] > 0.8
    assert (result.meta.recipe, result.meta.method) == ("default", method)
    assert result.meta.snr_range == (7.0, 13.0)


def test_the_published_recipe_runs(dataset):
    result = train(dataset, snr_db=10.0, epochs=2, design=SMALL, recipe=RECIPES["published"])
    assert result.meta.snr_range == (10.0, 10.0)
    assert result.meta.method == "dkd"
    assert result.metrics["teacher_f1"] > 0.8


def test_a_mixed_network_is_tested_at_each_ratio(dataset):
    recipe = shorter(RECIPES["mixed"], steps=50)
    result = train(dataset, snr_db=None, epochs=2, design=SMALL, recipe=recipe)
    assert result.meta.snr_range == (-9.0, 40.0)
    assert result.meta.snr_db is None
    at = [result.metrics[f"f1 {name}"] for name in ("at -6 dB", "at 0 dB", "clean")]
    assert at[0] < at[1] < at[2]
    assert result.metrics["f1"] == pytest.approx(np.mean(at))
    assert np.bincount(result.test.labels).tolist() == [42] * 4
    stated = train(dataset, snr_db=20.0, epochs=1, design=SMALL, recipe=recipe)
    assert "f1 clean" not in stated.metrics
    assert stated.network.input_scale == result.network.input_scale


@pytest.mark.parametrize("averaging", [Averaging(0.2), Averaging(0.0, 0.9)])
def test_averaged_weights_are_other_weights_and_learn(dataset, result, averaging):
    plan = Optimisation(2, averaging=averaging)
    recipe = dataclasses.replace(RECIPES["default"], student=plan)
    averaged = train(dataset, snr_db=10.0, seed=1, design=SMALL, recipe=recipe)
    assert averaged.metrics["f1"] > 0.9
    assert averaged.network.to_json() != result.network.to_json()


def test_an_interrupt_passes_through(dataset):
    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(dataset, snr_db=10.0, epochs=2, design=SMALL, progress=interrupt)


def make(*samples, labels="abcdef"):
    recordings = tuple(
        Recording(label, np.asarray(s, dtype=np.float64), None, f"{label}.npy")
        for label, s in zip(labels, samples, strict=False)
    )
    return Dataset("mine", tuple(r.label for r in recordings), recordings)


NOISE = np.random.default_rng(0).normal(size=3000)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (make(NOISE), "at least 2 classes to train on, not 1"),
        (make(NOISE, NOISE[:700]), "b.npy is too short: its test part has .* at least 768"),
        (make(NOISE, NOISE[:300]), "b.npy is too short: its training part has 200"),
        (make(NOISE, NOISE[:1]), "b.npy is too short"),
        (make(0 * NOISE, 0 * NOISE), "mean square must be a usable number"),
        (make(NOISE * 1e20, NOISE), "RMS from 1e-12 to 1e.12 g"),
        (make(NOISE * 1e-20, NOISE * 1e-20), "RMS from 1e-12 to 1e.12 g"),
    ],
)
def test_unusable_recordings_are_refused_before_training(data, says):
    def never(*_):
        raise AssertionError

    with pytest.raises(InputError, match=says):
        train(data, snr_db=None, design=SMALL, progress=never)


def test_one_silent_class_and_an_unknown_rate_train():
    data = make(NOISE, 0 * NOISE)
    result = train(data, snr_db=5.0, epochs=1, design=SMALL)
    assert result.network.sample_rate is None
    assert result.metrics["f1"] > 0.9


def test_options_out_of_range(dataset):
    with pytest.raises(UsageError, match="--snr must be from -100 to 100 dB, not 500"):
        train(dataset, SMALL, snr_db=500)
    with pytest.raises(UsageError, match="--snr"):
        train(dataset, SMALL, snr_db=float("nan"))
    with pytest.raises(ValueError, match="epochs must be at least 1, not 0"):
        train(dataset, SMALL, snr_db=None, epochs=0)
    with pytest.raises(ValueError, match="seed must be 0 or more, not -1"):
        train(dataset, SMALL, snr_db=None, seed=-1)
    with pytest.raises(UsageError, match="--method must be one of"):
        train(dataset, SMALL, snr_db=None, method="mse")
    with pytest.raises(UsageError, match="--method of wdcnn must be ce: it has no teacher"):
        train(dataset, Wdcnn(window=1024), snr_db=None, method="kd")
    with pytest.raises(UsageError, match="bearingpga takes 1 channel, not 2; choose it with"):
        train(synthetic_dataset(0, seconds=1, channels=("1", "2")), SMALL, snr_db=None)


def test_a_short_training_on_real_records():
    if not CWRU.is_dir():
        pytest.skip(f"no {CWRU}")
    data = read_dataset(CWRU)
    result = train(data, BearingPGA(), snr_db=-6.0, epochs=3)
    assert result.metrics["f1"] > 0.9
    assert result.metrics["f1_draws"] > 0.9
    assert 0 < result.metrics["f1_std"] < 0.02
    assert result.network.input_scale == pytest.approx(1.261, abs=0.001)
