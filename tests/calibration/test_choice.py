"""The way of calibrating that measures best."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hwgen import golden
from hwgen.calibration import Method, calibrate, choose_calibration
from hwgen.calibration.choice import AUTO, methods
from hwgen.errors import UsageError
from hwgen.metrics import macro_f1, sqnr_db
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task

FEW = Precision(feature=5, conv_weight=3, activation=5, dense_weight=3)


class Case:
    """A random network, noise to calibrate on and noise to judge by."""

    def __init__(self, make_network):
        self.network = make_network(31, window=128, convs=((4, 8, 4, 2, 2),))
        rng = np.random.default_rng(31)
        self.windows, self.held = rng.normal(0, 1, (120, 128)), rng.normal(0, 1, (300, 128))
        self.exact = self.network.run(self.held)
        self.task = Task(tuple("abcd"))

    def choose(self, labels, ways=None):
        ways = ways or methods()
        return choose_calibration(
            self.network, self.windows, FEW, self.task, ways, self.held, labels
        )


@pytest.fixture(scope="module")
def case(make_network):
    return Case(make_network)


def test_without_labels_the_highest_ratio_wins(case):
    best, choices = case.choose(None)
    assert len(choices) == 6
    assert best.method == max(choices, key=lambda c: c.sqnr_db).method
    assert all(choice.f1 is None for choice in choices)
    json.dumps([choice.to_json() for choice in choices])


def test_choices_are_what_the_networks_measure(case):
    labels = case.exact.argmax(axis=1)
    best, choices = case.choose(labels)
    for choice in choices:
        model = calibrate(case.network, case.windows, FEW, case.task, method=choice.method).model
        logits = golden.run(model, digitise(case.held, FEW))
        assert choice.f1 == macro_f1(labels, logits.argmax(axis=1), 4)
        assert choice.sqnr_db == sqnr_db(case.exact, logits * model.ops[-1].output.scale)
    top = max(choice.f1 for choice in choices)
    chosen = next(choice for choice in choices if choice.method == best.method)
    assert chosen.f1 >= top - 0.001
    assert all(c.sqnr_db <= chosen.sqnr_db for c in choices if c.f1 >= top - 0.001)


def test_compensated_rounding_pays_with_few_bits(case):
    _, choices = case.choose(None)
    by_way = {(c.method.range, c.method.rounding): c.sqnr_db for c in choices}
    for name in ("mse", "max", "percentile"):
        assert by_way[name, "compensated"] > by_way[name, "nearest"] + 0.5


def test_one_way_is_not_measured(case):
    best, choices = case.choose(None, (Method("max"),))
    assert (best.method, choices) == (Method("max"), ())


def test_names_mean_ways():
    assert methods("max", "nearest") == (Method("max", "nearest"),)
    assert len(methods(AUTO, "nearest")) == 3
    assert len(methods("mse", AUTO)) == 2


@pytest.mark.parametrize("names", [("entropy", "nearest"), ("mse", "upwards")])
def test_unknown_names_are_refused(names):
    with pytest.raises(UsageError, match="must be one of"):
        methods(*names)
