"""The commands of docs/datasets.md, each on small files of the form in which its set is published.

Up to the training itself, which is the same for all: it is handed what was read of the files.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hwgen.cli.main import run
from hwgen.signals import Dataset, split_dataset
from tests.signals import sets
from tests.signals.sets import signal

PAGE = (Path(__file__).parents[2] / "docs" / "datasets.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Expected:
    """What a command of the page makes of the small files.

    `first` is what the first recording of each class must hold.
    """

    classes: tuple[str, ...]
    files: tuple[int, ...]
    rate: float
    first: tuple[np.ndarray, ...]


def _cwru_records() -> Expected:
    firsts = (97, 105, 169, 209, 118, 185, 222, 130, 197, 234)
    names = ("normal", "IR007", "IR014", "IR021", "B007", "B014", "B021", "OR007", "OR014", "OR021")
    return Expected(names, (4,) * 10, 12_000, tuple(map(signal, firsts)))


def columns(seeds: list[int], count: int, column: int, **options) -> tuple[np.ndarray, ...]:
    return tuple(signal(seed, count, **options)[:, column] for seed in seeds)


EXPECTED = {
    "CWRU": [
        Expected(("B007", "OR007", "normal"), (1, 1, 1), 12_000, tuple(map(signal, (1, 3, 5)))),
        Expected(("B007", "OR007", "normal"), (2, 2, 2), 12_000, tuple(map(signal, (1, 3, 5)))),
        Expected(("B_007", "Normal", "OR_007"), (1, 2, 1), 12_000, tuple(map(signal, (1, 5, 2)))),
        _cwru_records(),
    ],
    "MFPT": [
        Expected(("OuterRaceFault", "baseline"), (1, 2), 97_656, (signal(16), signal(10))),
        Expected(("InnerRaceFault", "OuterRaceFault"), (1, 1), 48_828, (signal(22), signal(22))),
    ],
    "Paderborn": [
        Expected(("K0", "KA", "KI"), (2, 2, 2), 64_000, (signal(0), signal(1), signal(2))),
    ],
    "XJTU-SY": [
        Expected(
            ("healthy", "outer", "cage", "inner"), (2, 2, 2, 2), 25_600,
            columns([1, 120, 121, 480], 2, 0),
        ),
    ],
    "FEMTO (PRONOSTIA)": [
        Expected(("new", "worn"), (3, 3), 25_600, columns([1, 2797], 2, 0, samples=2560)),
    ],
    "IMS": [Expected(("normal", "outer"), (2, 1), 20_000, columns([0, 3], 4, 0))],
    "JNU": [
        Expected(("ib", "n", "ob", "tb"), (2, 1, 1, 1), 50_000, tuple(map(signal, (0, 2, 3, 4)))),
    ],
    "SEU": [
        Expected(
            ("ball", "comb", "health", "inner", "outer"), (2, 1, 1, 1, 1), 5_120,
            columns([0, 2, 3, 4, 5], 8, 1),
        ),
    ],
    "HUST": [
        Expected(("B", "I", "IO", "N"), (2, 1, 1, 1), 51_200, tuple(map(signal, (0, 2, 3, 4)))),
    ],
    "DIRG": [Expected(("0A", "1A", "4A"), (1, 2, 1), 51_200, columns([0, 1, 3], 6, 0))],
    "Other files": [
        Expected(sets.NAMES, (1, 1), 12_000, tuple(scale * signal(seed) for seed in (0, 1)))
        for scale in (1, 1, 1 / 9.80665, 1, 1 / 8, 1, 1, 1)
    ],
}  # fmt: skip

MAKERS = {
    "CWRU": sets.cwru, "MFPT": sets.mfpt, "Paderborn": sets.paderborn, "XJTU-SY": sets.xjtu,
    "FEMTO (PRONOSTIA)": sets.femto, "IMS": sets.ims, "JNU": sets.jnu, "SEU": sets.seu,
    "HUST": sets.hust, "DIRG": sets.dirg, "Other files": sets.other_files,
}  # fmt: skip


def section(title: str) -> str:
    return re.split(r"^## ", PAGE, flags=re.MULTILINE)[titles().index(title) + 1]


def titles() -> list[str]:
    return re.findall(r"^## (.+)$", PAGE, re.MULTILINE)


def commands(title: str) -> list[list[str]]:
    lines = re.findall(r"^    hwgen (train .+)$", section(title), re.MULTILINE)
    return [shlex.split(line) for line in lines]


CASES = [(title, number) for title in EXPECTED for number in range(len(EXPECTED[title]))]


class StopError(Exception):
    """The training was reached."""


@pytest.fixture
def trained(monkeypatch):
    """Take what the training is given, and stop there."""
    taken: list[Dataset] = []

    def train(dataset, design, **options):
        parts = split_dataset(dataset, window=design.window)
        for part in parts:
            assert {each.label for each in part.recordings} == set(dataset.classes)
            assert min(each.samples.shape[0] for each in part.recordings) >= design.window
        taken.append(dataset)
        raise StopError

    monkeypatch.setattr("hwgen.training.train", train)
    return taken


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Work in an empty folder that holds the small files of a set."""
    monkeypatch.chdir(tmp_path)

    def make(title: str) -> None:
        MAKERS[title](tmp_path)
        for manifest in re.findall(r"^```csv\n(.*?)^```", section(title), re.M | re.S):
            where = shlex.split(re.findall(r"^    hwgen (train .+)$", section(title), re.M)[-1])
            (tmp_path / where[where.index("--data") + 1] / "classes.csv").write_text(manifest)

    return make


def test_every_command_of_the_page_has_a_case():
    with_commands = {title: len(commands(title)) for title in titles() if commands(title)}
    assert with_commands == {title: len(cases) for title, cases in EXPECTED.items()}
    assert set(MAKERS) == set(EXPECTED)


@pytest.mark.parametrize(("title", "number"), CASES)
def test_the_command_reads_the_set(place, trained, capsys, title, number):
    place(title)
    expected = EXPECTED[title][number]
    with contextlib.suppress(StopError):
        run(commands(title)[number])
    out, err = capsys.readouterr()
    assert err == ""
    (dataset,) = trained
    assert dataset.classes == expected.classes
    by_class = {name: [each for each in dataset.recordings if each.label == name]
                for name in dataset.classes}  # fmt: skip
    assert tuple(map(len, by_class.values())) == expected.files
    assert {each.sample_rate for each in dataset.recordings} == {expected.rate}
    for recordings, samples in zip(by_class.values(), expected.first, strict=True):
        np.testing.assert_allclose(np.asarray(recordings[0].samples), samples, atol=1e-6)
    for index, name in enumerate(dataset.classes):
        assert re.search(rf"^ +{index}  {name} ", out, re.MULTILINE)
