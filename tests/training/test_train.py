"""Training learns, repeats itself, notices a collapse, and refuses what it cannot use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from hwgen.checkpoint import load_checkpoint, save_checkpoint
from hwgen.errors import InputError, UsageError
from hwgen.metrics import macro_f1
from hwgen.signals import Dataset, Recording, read_dataset, split_dataset, synthetic_dataset
from hwgen.training import Architecture, train
from hwgen.training.fit import learning_rate

CWRU = Path(__file__).resolve().parents[2].parent / "shared/data/cwru/0HP"
SMALL = Architecture(window=256, kernel=32)


@pytest.fixture(scope="module")
def dataset():
    return synthetic_dataset(3, classes=4, seconds=2.0)


@pytest.fixture(scope="module")
def result(dataset):
    return train(dataset, snr_db=10.0, seed=1, epochs=2, architecture=SMALL)


def test_it_learns(result):
    assert result.metrics["f1"] > 0.95
    assert result.metrics["train_f1"] > 0.95
    assert result.metrics["restarts"] == 0
    assert result.meta.metrics == result.metrics


def test_the_network_carries_what_a_build_needs(dataset, result):
    network = result.network
    assert network.classes == dataset.classes
    assert network.sample_rate == 12000.0
    assert network.input_samples == 256
    assert (result.meta.data, result.meta.snr_db) == ("synthetic", 10.0)
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
        return train(dataset, snr_db=0.0, seed=seed, epochs=1, architecture=SMALL)

    first, again, other = run(5), run(5), run(6)
    assert first.network.to_json() == again.network.to_json()
    np.testing.assert_array_equal(first.test.x, again.test.x)
    assert first.network.to_json() != other.network.to_json()
    assert torch.equal(state, torch.random.get_rng_state())


def test_another_shape_trains_saves_and_loads(tmp_path):
    data = synthetic_dataset(0, classes=6, seconds=1.5)
    shape = Architecture(window=1024, filters=8, kernel=32, hidden=12)
    result = train(data, snr_db=None, epochs=2, architecture=shape)
    assert result.metrics["f1"] > 0.9
    path = tmp_path / "x.pt"
    save_checkpoint(
        path,
        result.network,
        meta=result.meta,
        calibration=result.calibration,
        test=result.test,
    )
    back = load_checkpoint(path)
    assert back.network.to_json() == result.network.to_json()
    assert back.meta == result.meta


def test_progress_counts_epochs_and_the_loss_falls(dataset):
    calls = []
    train(
        dataset,
        snr_db=10.0,
        epochs=2,
        architecture=SMALL,
        progress=lambda *call: calls.append(call),
    )
    assert [call[:2] for call in calls] == [(1, 2), (2, 2)]
    assert calls[1][2] < calls[0][2]


def test_a_collapse_is_said_and_another_seed_tried(dataset):
    said = []
    good = torch.nn.functional.cross_entropy
    batches = 0

    def blind_at_first(logits, labels):
        """Teach the first run that all is class 0."""
        nonlocal batches
        batches += 1
        return good(logits, torch.zeros_like(labels) if batches <= 100 else labels)

    result = train(
        dataset, snr_db=10.0, epochs=1, architecture=SMALL, loss=blind_at_first, say=said.append
    )
    assert result.metrics["restarts"] == 1
    assert result.metrics["train_f1"] > 0.4
    assert len(said) == 1
    assert "collapsed (F1 0.10 on its own training data); trying another seed" in said[0]


def test_three_collapses_keep_the_best_and_say_so(dataset):
    said = []

    def blind(logits, labels):
        return torch.nn.functional.cross_entropy(logits, torch.zeros_like(labels))

    result = train(dataset, snr_db=10.0, epochs=1, architecture=SMALL, loss=blind, say=said.append)
    assert result.metrics["restarts"] == 2
    assert len(said) == 3
    assert "keeping the best of 3 runs" in said[-1]


def test_an_interrupt_passes_through(dataset):
    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(dataset, snr_db=10.0, epochs=2, architecture=SMALL, progress=interrupt)


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
        train(data, snr_db=None, architecture=SMALL, progress=never)


def test_one_silent_class_and_an_unknown_rate_train():
    data = make(NOISE, 0 * NOISE)
    result = train(data, snr_db=5.0, epochs=1, architecture=SMALL)
    assert result.network.sample_rate is None
    assert result.metrics["f1"] > 0.9


def test_options_out_of_range(dataset):
    with pytest.raises(UsageError, match="--snr must be from -100 to 100 dB, not 500"):
        train(dataset, snr_db=500)
    with pytest.raises(UsageError, match="--snr"):
        train(dataset, snr_db=float("nan"))
    with pytest.raises(ValueError, match="epochs must be at least 1, not 0"):
        train(dataset, snr_db=None, epochs=0)


def test_the_learning_rate_rises_then_falls():
    rates = [learning_rate(k / 1000) for k in range(1001)]
    peak = int(np.argmax(rates))
    assert 0 < rates[0] < 0.05
    assert 40 <= peak <= 60
    assert rates[peak] == pytest.approx(1.0, abs=0.01)
    assert rates[-1] == pytest.approx(0.0, abs=1e-9)
    assert all(np.diff(rates[peak:]) < 0)


def test_a_short_training_on_real_records():
    if not CWRU.is_dir():
        pytest.skip(f"no {CWRU}")
    data = read_dataset(CWRU)
    result = train(data, snr_db=-6.0, epochs=4)
    assert result.metrics["f1"] > 0.9
    assert result.network.input_scale == pytest.approx(1.261, abs=0.001)
