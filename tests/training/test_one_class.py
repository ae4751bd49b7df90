"""Training on healthy recordings: it repeats itself, and finds what is not like them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen import importers, zoo
from hwgen.errors import CannotMeetError, InputError, UsageError
from hwgen.importers import save_checkpoint
from hwgen.network import anomaly
from hwgen.network.threshold import Rule
from hwgen.signals import Dataset, Recording, synthetic_dataset
from hwgen.signals.run_to_failure import healthy_dataset
from hwgen.training.one_class import train_one_class
from hwgen.training.scores import network_scorer

SMALL = zoo.designed("ae", {"window": 128})


def quick(design=SMALL, **other):
    recipe = design.recipe("default")
    usual = {"steps": 40, "batch": 64, "learning_rate": 0.01} | other
    return replace(recipe, student=replace(recipe.student, **usual))


@pytest.fixture(scope="module")
def data():
    every = synthetic_dataset(3, classes=4, seconds=1.0)
    faults = tuple(each for each in every.recordings if each.label != "normal")
    faulty = Dataset("synthetic", tuple(each.label for each in faults), faults)
    return healthy_dataset(3, seconds=2.0), faulty


def trained(data, design=SMALL, **other):
    given = {"snr_db": None, "seed": 1, "epochs": 2, "recipe": quick(design)} | other
    return train_one_class(*data, design, **given)


@pytest.fixture(scope="module")
def result(data):
    return trained(data, rule=Rule(false_alarms=0.02))


def test_it_finds_faults(result):
    metrics = result.trained.metrics
    assert metrics["auc"] > 0.9
    assert metrics["average_precision"] > 0.9
    assert metrics["false_alarms"] < 0.2
    assert {"auc B007", "auc IR007", "auc OR007", "detected OR007"} <= set(metrics)
    assert metrics["explained"] > 0
    assert result.trained.meta.metrics == metrics
    assert (result.trained.meta.recipe, result.trained.meta.method) == ("default", "mse")


def test_the_network_scores_as_the_module_does(result, tmp_path):
    network, test = result.network, result.trained.test
    assert network.classes == anomaly.CLASSES
    save_checkpoint(tmp_path / "x.pt", network, meta=result.trained.meta,
                    calibration=result.trained.calibration, test=test)  # fmt: skip
    back = importers.load(tmp_path / "x.pt")
    np.testing.assert_allclose(
        network_scorer(back.network)(test.x), result.score(test.x), rtol=1e-3, atol=1e-3
    )
    score = anomaly.score_of(back.network)
    assert score.threshold == pytest.approx(result.judged.threshold)
    assert score.false_alarms == 0.02


def test_windows_that_travel(result):
    calibration, test = result.trained.calibration, result.trained.test
    assert (calibration.labels == 0).all()
    assert len(calibration.x) == 80
    assert np.bincount(test.labels).tolist() == [40, 42]


def test_the_kind_of_noise_travels(data):
    recipe = replace(quick(), noise="pink")
    assert trained(data, snr_db=3.0, recipe=recipe, epochs=1).trained.meta.noise == "pink"


def test_a_seed_gives_one_network_and_another_another(data, result):
    again = trained(data, rule=Rule(contamination=0.1))
    assert (result.score(result.trained.test.x) == again.score(result.trained.test.x)).all()
    assert again.judged.threshold != result.judged.threshold
    assert anomaly.score_of(again.network).false_alarms is None
    other = trained(data, seed=2)
    assert not np.array_equal(other.score(result.trained.test.x), again.score(again.trained.test.x))


def test_faults_are_not_learnt_from(data, result):
    alone = trained((data[0], None))
    x = result.trained.test.x
    assert (alone.score(x) == result.score(x)).all()
    assert "auc" not in alone.trained.metrics
    assert (alone.trained.test.labels == 0).all()


def test_it_goes_on_where_it_was(data, result, tmp_path):
    def stop(number, *_):
        if number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(data, resume=tmp_path / "r", progress=stop)
    epochs = []
    again = trained(data, resume=tmp_path / "r", progress=lambda n, *_: epochs.append(n))
    assert epochs == [2]
    assert (again.score(result.trained.test.x) == result.score(result.trained.test.x)).all()


@pytest.mark.parametrize(
    ("name", "sizes", "channels"),
    [("mlp-ae", {"window": 64}, 1), ("conv-ae", {"window": 64, "prepare": "z-score"}, 2)],
)
def test_networks_on_samples(name, sizes, channels):
    rng = np.random.default_rng(0)
    shape = (2000,) if channels == 1 else (2000, channels)
    made = [Recording("normal", rng.standard_normal(shape), 1e3, f"{n}") for n in range(2)]
    design = zoo.designed(name, sizes)
    found = trained((Dataset("x", ("normal",), tuple(made)), None), design, snr_db=0.0)
    assert found.network.channels == channels
    assert np.isfinite(found.judged.healthy).all()


def test_constant_windows_have_a_score(data):
    zeros = Recording("still", np.zeros(1000), 12e3, "still")
    ones = Recording("off", np.full(1000, 3.0), 12e3, "off")
    found = trained((data[0], Dataset("x", ("still", "off"), (zeros, ones))))
    for scores in found.judged.faulty.values():
        assert np.isfinite(scores).all()
    constant = Recording("normal", np.full(4000, 2.0), 12e3, "c")
    learnt = trained((Dataset("x", ("normal",), (constant,)), None))
    assert np.isfinite(learnt.judged.healthy).all()


def test_what_cannot_be_trained_on(data):
    short = Dataset("x", ("normal",), (Recording("normal", np.ones(700), 1e3, "s.csv"),))
    with pytest.raises(InputError, match=r"s\.csv is too short: its threshold's part has 94 sam"):
        trained((short, None))
    tiny = Dataset("x", ("IR",), (Recording("IR", np.ones(50), 12e3, "t.csv"),))
    with pytest.raises(InputError, match=r"t\.csv is too short: its recording has 50 samples"):
        trained((data[0], tiny))
    still = Dataset("x", ("normal",), (Recording("normal", np.zeros(4000), 1e3, "z.csv"),))
    with pytest.raises(InputError, match="must be a usable number"):
        trained((still, None))
    two = Dataset("x", ("normal",), (Recording("normal", np.ones((4000, 2)), 1e3, "z"),))
    with pytest.raises(UsageError, match="ae takes 1 channel, not 2"):
        trained((two, None))


def test_one_that_diverges_is_told(data):
    said = []
    with pytest.raises(CannotMeetError, match="diverged 3 times"):
        trained(data, recipe=quick(learning_rate=1e30, averaging=None), say=said.append)
    assert said == ["training of the autoencoder diverged; trying another seed"] * 3
