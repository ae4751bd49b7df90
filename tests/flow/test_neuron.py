"""Every option of a search decides something."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from hwgen.errors import UsageError
from hwgen.flow.neuron import SearchOptions, search_neuron

QUICK = SearchOptions(order=2, rank=2, seeds=1, epochs=4)
OTHER = {
    "task": "classify", "target": "x1", "order": 3, "rank": 3, "share_rank": True, "seeds": 2,
    "seed": 3, "epochs": 5, "snr_db": 3.0,
}  # fmt: skip


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(1)
    x = np.round(rng.standard_normal((120, 3)) * 1.2)
    path = tmp_path / "a.npz"
    np.savez(path, X=x, y=np.clip(x[:, 0] * x[:, 1], -1, 1) + 0.0, x1=x[:, 0])
    return path


def searched(table, options):
    said = []
    value, _ = search_neuron(str(table), None, options, say=said.append)
    value["search"].pop("seconds")
    return value, said


@pytest.mark.parametrize("name", [each.name for each in fields(SearchOptions)])
def test_every_option_decides_something(table, name):
    base = replace(QUICK, task="regress")
    assert searched(table, base) != searched(table, replace(base, **{name: OTHER[name]}))


@pytest.mark.parametrize(("name", "value"), [("task", "regress"), ("target", "y")])
def test_what_recordings_have_no_use_for(name, value):
    with pytest.raises(UsageError, match=f"--{name}.* needs a table"):
        search_neuron("synthetic", None, replace(QUICK, **{name: value}), say=lambda _: None)
