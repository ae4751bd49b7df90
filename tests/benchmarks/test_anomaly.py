"""The benchmark of autoencoders: its seeds side by side are what each would be alone."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import anomaly_odds
import anomaly_page
import numpy as np
import pytest
import torch
from anomaly_seeds import Seeds, Stack
from anomaly_tables import NETWORKS, TABLES, Rows, published, rows
from scipy.io import savemat

from hwgen import zoo
from hwgen.metrics import auc
from hwgen.network import anomaly

ODDS = Path(__file__).resolve().parents[2].parent / "shared/data/odds"


def table(seed):
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((200, 2)) @ rng.standard_normal((2, 6))
    z += 0.1 * rng.standard_normal(z.shape)
    odd = 2 * rng.standard_normal((30, 6))
    z /= z.std(axis=0)
    return Rows(z[:150], np.concatenate([z[150:], odd]), np.repeat([0, 1], [50, 30]), 0.13)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("recipe", ["default", "published"])
def test_side_by_side_is_what_each_does_alone(network, recipe):
    design = zoo.designed(network, {"window": 6, "features": "values"})
    plan = design.recipe(recipe).student
    torch.manual_seed(2)
    modules = [design.module(1, 2, plan) for _ in range(3)]
    for module in modules:
        for tensor in module.parameters():
            tensor.data += 0.1 * torch.randn_like(tensor)
    stack = Stack(design, modules, plan)
    x = torch.randn(3, 40, 6)
    for training in (False, True):
        stack.train(training)
        torch.manual_seed(4)
        made = stack.made(x)
        for number, module in enumerate(modules):
            module.train(training)
            if training and plan.dropout:
                continue  # what is dropped is drawn for all at once
            torch.testing.assert_close(made[number], module.made(x[number]), rtol=1e-4, atol=1e-5)
    assert stack.state(1).keys() == modules[1].state_dict().keys()


def test_it_learns_and_gives_networks(monkeypatch):
    monkeypatch.setattr(Seeds, "plan", _quick(Seeds.plan))
    tables = [table(0), table(1)]
    made = Seeds("hae-i", "default", tables)
    scores = made.scores([each.test for each in tables])
    for number, network in enumerate(made.networks()):
        each = tables[number]
        assert auc(each.labels, scores[number]) > 0.9
        np.testing.assert_allclose(network.run(each.test)[:, 1], scores[number], rtol=1e-3)
        limit = anomaly.score_of(network).threshold
        assert np.mean(network.run(each.train)[:, 1] > limit) == pytest.approx(0.13, abs=0.02)


def _quick(usual):
    return property(lambda self: replace(usual.fget(self), epochs=3))


def test_the_protocol():
    if not ODDS.is_dir():
        pytest.skip("no ODDS tables beside the checkout")
    found = rows(ODDS, "glass", 3)
    assert found.train.shape == (164, 9)
    assert np.bincount(found.labels).tolist() == [41, 9]
    assert found.contamination == 9 / 214
    np.testing.assert_allclose(found.train.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found.train.std(axis=0), 1, atol=1e-9)
    assert not np.array_equal(found.train, rows(ODDS, "glass", 4).train)


def test_published_figures():
    assert published("hae-x", "pima") == 0.739
    assert published("ae", "pima") == 0.657
    assert all(0.5 < published(n, t) < 1 for n in NETWORKS for t in TABLES)


def test_the_page_is_written_between_its_marks(tmp_path, monkeypatch):
    monkeypatch.setattr(anomaly_page.anomaly_odds, "FOLDER", tmp_path)
    monkeypatch.setattr(anomaly_page.anomaly_bearings, "FOLDER", tmp_path)
    page = tmp_path / "page.md"
    marks = [mark for pair in anomaly_page.MARKS.values() for mark in pair]
    page.write_text("before\n" + "\nold\n".join(marks) + "\nafter\n")
    record = anomaly_page.anomaly_odds.record_path("pima", "ae", "default", 2)
    record.parent.mkdir()
    record.write_text('{"auc": [0.6, 0.7]}')
    anomaly_page.write(2, page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| **ae, default** | - | - | - | - | 0.650 ± 0.071 | - |" in text
    assert "in 0 of 1 cells. Below: ae on pima (0.650 against 0.657)." in text
    page.write_text("nothing")
    with pytest.raises(ValueError, match="must have each of"):
        anomaly_page.write(2, page)


def test_tables_that_nobody_published(tmp_path, monkeypatch):
    monkeypatch.setattr(anomaly_odds, "FOLDER", tmp_path / "records")
    monkeypatch.setattr(anomaly_odds, "methods", lambda: [("PCA", "")])
    monkeypatch.setattr(anomaly_odds, "NETWORKS", ())
    x = np.vstack([np.random.default_rng(0).standard_normal((60, 5)), np.full((10, 5), 9.0)])
    for name in ("zoo", "pima", "apples"):
        savemat(tmp_path / f"{name}.mat", {"X": x, "y": np.repeat([0, 1], [60, 10])})
    assert anomaly_odds.tables(tmp_path) == ("pima", "apples", "zoo")
    said = []
    anomaly_odds.measure(tmp_path, said.append, 2, math.inf)
    assert [line.split()[0] for line in said] == ["pima", "apples", "zoo"]
    assert "| PCA | 1.000 ± 0.000 | 1.000 ± 0.000 |" in anomaly_page.lines_of(2, ("apples", "zoo"))
    anomaly_odds.measure(tmp_path, said.append, 2, math.inf)
    assert len(said) == 3
