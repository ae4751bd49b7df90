"""A training that was interrupted ends as if it had not been; a foreign state file is not used."""

from __future__ import annotations

import contextlib
import dataclasses
import errno

import numpy as np
import pytest

from hwgen.errors import FileAccessError
from hwgen.signals import synthetic_dataset
from hwgen.training import RECIPES, Recipe, train
from hwgen.training.recipe import Averaging, Optimisation
from hwgen.zoo.bearingpga import BearingPGA

SMALL = BearingPGA(window=256, kernel=32)
PLAN = Optimisation(3, steps=15, averaging=Averaging(0.4))
PUBLISHED = dataclasses.replace(RECIPES["published"].student, epochs=2)
FRESH = Recipe("fresh", student=PLAN, teacher=dataclasses.replace(PLAN, epochs=2), method="dkd")
DRAWN = Recipe("drawn", student=PUBLISHED, teacher=PUBLISHED, method="kd", windows="drawn")


@pytest.fixture(scope="module", autouse=True)
def _nothing_collapses():
    """Such short runs would, for the most part."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hwgen.training.attempts.COLLAPSED_F1", 0.0)
        yield


@pytest.fixture(scope="module")
def dataset():
    return synthetic_dataset(3, classes=4, seconds=1.5)


class Interrupted(Exception):  # noqa: N818
    """Stands for whatever ends the program."""


def run(dataset, path, recipe=FRESH, stop=None, said=None, seed=0):
    """Train, or be interrupted after an epoch; return the result and the epochs that ran."""
    epochs = []

    def progress(done, *_):
        epochs.append(done)
        if done == stop:
            raise Interrupted

    result = None
    with contextlib.suppress(Interrupted):
        result = train(
            dataset,
            snr_db=0.0,
            seed=seed,
            recipe=recipe,
            design=SMALL,
            progress=progress,
            say=None if said is None else said.append,
            resume=path,
        )
    return result, epochs


@pytest.fixture(scope="module")
def whole(dataset):
    return {recipe.name: run(dataset, None, recipe)[0] for recipe in (FRESH, DRAWN)}


@pytest.mark.parametrize(
    ("recipe", "stop", "rest", "where"),
    [
        (FRESH, 1, [2, 3, 4, 5], "teacher 1, epoch 1"),
        (FRESH, 2, [3, 4, 5], "teacher 1, epoch 2"),
        (FRESH, 4, [5], "student 1, epoch 2"),
        (DRAWN, 1, [2, 3, 4], "teacher 1, epoch 1"),
        (DRAWN, 3, [4], "student 1, epoch 1"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_it_goes_on_and_ends_the_same(dataset, whole, tmp_path, recipe, stop, rest, where):
    path = tmp_path / "x.resume"
    run(dataset, path, recipe, stop=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["x.resume"]
    said = []
    result, epochs = run(dataset, path, recipe, said=said)
    assert epochs == rest
    assert said[0] == f"going on from {path} ({where})"
    assert result.network.to_json() == whole[recipe.name].network.to_json()
    assert result.metrics == whole[recipe.name].metrics
    np.testing.assert_array_equal(result.test.x, whole[recipe.name].test.x)


def test_collapses_before_the_interruption_count(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("hwgen.training.attempts.COLLAPSED_F1", 1.1)
    recipe = dataclasses.replace(FRESH, method="ce")
    expected, epochs = run(dataset, None, recipe)
    assert epochs == [1, 2, 3] * 3
    assert expected.metrics["restarts"] == 2
    calls = []

    def stop_in_the_second(done, *_):
        calls.append(done)
        if len(calls) == 5:
            raise Interrupted

    options = {"snr_db": 0.0, "recipe": recipe, "design": SMALL, "resume": tmp_path / "x"}
    with pytest.raises(Interrupted):
        train(dataset, progress=stop_in_the_second, **options)
    result = train(dataset, **options)
    assert result.metrics == expected.metrics
    assert result.network.to_json() == expected.network.to_json()


@pytest.mark.parametrize("change", ["recipe", "seed", "data"])
def test_another_training_starts_anew(dataset, tmp_path, change):
    path = tmp_path / "x.resume"
    run(dataset, path, stop=1)
    recipe = dataclasses.replace(FRESH, gain_jitter=0.2) if change == "recipe" else FRESH
    data = synthetic_dataset(4, classes=4, seconds=1.5) if change == "data" else dataset
    said = []
    _, epochs = run(data, path, recipe, said=said, seed=int(change == "seed"), stop=1)
    assert epochs == [1]
    assert said == [f"{path} is of another training; starting anew"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "empty"])
def test_a_damaged_file_is_not_used(dataset, tmp_path, damage):
    path = tmp_path / "x.resume"
    run(dataset, path, stop=1)
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(
        {
            "cut": data[:middle],
            "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
            "foreign": b"cos\nsystem\n(S'true'\ntR.",
            "empty": b"",
        }[damage]
    )
    said = []
    _, epochs = run(dataset, path, said=said, stop=1)
    assert epochs == [1]
    assert said == [f"{path} is damaged or no state of a training; starting anew"]


def test_a_full_disk_is_told(dataset, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(FileAccessError, match="No space left"):
        run(dataset, tmp_path / "x.resume")
