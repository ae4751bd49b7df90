"""What is said while something takes long."""

from __future__ import annotations

import functools

import numpy as np

from hwgen.flow import patience, train
from hwgen.signals import Reading


def test_what_takes_long_is_told(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(patience.time, "monotonic", lambda: now[0])
    said = []
    tell = patience.telling(said.append, "reading a", every_s=5.0)
    for done in range(500, 6001, 500):
        now[0] += 1.0
        tell(done, 6000)
    assert said == ["reading a: 2,500 of 6,000 files", "reading a: 5,000 of 6,000 files"]


def test_nothing_is_said_of_what_is_quick(monkeypatch):
    said = []
    tell = patience.telling(said.append, "reading a")
    for done in range(5):
        tell(done, 5)
    assert said == []


def test_reading_a_set_is_told(tmp_path, monkeypatch):
    for name in ("normal", "inner", "outer"):
        np.save(tmp_path / f"{name}.npy", np.random.default_rng(len(name)).normal(size=4000))
    telling = functools.partial(patience.telling, every_s=0.0)
    monkeypatch.setattr(train, "telling", telling)
    said = []
    train.folder_dataset(tmp_path, Reading(), 256, said.append)
    assert said[:3] == [f"reading {tmp_path}: {done} of 3 files" for done in range(3)]
