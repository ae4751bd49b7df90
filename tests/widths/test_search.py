"""The search for bits: within the bound, honest, and near what trying everything finds."""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np
import pytest

from hwgen import golden, metrics
from hwgen.boards import find_board
from hwgen.calibration import Method, calibrate
from hwgen.errors import CannotMeetError, InputError, UsageError
from hwgen.plans import arrays
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.quantized import Precision
from hwgen.quantized.precision import TRANSFORMS
from hwgen.quantized.samples import digitise
from hwgen.signals.task import Task
from hwgen.targets import Cells
from hwgen.widths.cached import Staged
from hwgen.widths.candidate import Candidate, Judge
from hwgen.widths.moves import Walk, behind_of
from hwgen.widths.search import Problem, front, search
from hwgen.widths.spectrum_widths import line

CLASSES = ("a", "b", "c", "d")
BEHIND = ("feature", "conv_weight", "activation", "dense_weight")
BOARD = find_board("ulx3s-25f")
CELL = Cells({"lut4": 1})
START = Precision(adc=9, data=13, twiddle=10)


def cost_of(model):
    return plan(model, Design(arrays.best_array(model, 4), 0)).cells(BOARD.target)


def weigh(cells):
    return cells.weight(BOARD.resources)


@pytest.fixture(scope="module")
def problem(make_network):
    """A network, calibration windows, held-out windows, and labels that it mostly gets right."""
    network = make_network(21, window=64)
    rng = np.random.default_rng(22)
    windows = rng.normal(0, 1, (360, 64)) * np.exp(rng.uniform(-2, 2, (360, 1)))
    labels = network.run(windows[60:]).argmax(axis=1)
    wrong = rng.random(300) < 0.05
    labels[wrong] = rng.integers(0, 4, wrong.sum())
    return network, windows[:60], windows[60:], labels


def find(problem, max_drop=1.0, start=START, **options):
    given = {"task": Task(CLASSES), "method": Method(), "cost_of": cost_of,
             "weigh": weigh} | options  # fmt: skip
    tell = given.pop("tell", None)
    return search(Problem(*problem, **given), start, max_drop, tell)


@pytest.fixture(scope="module")
def found(problem):
    return find(problem)


def test_what_is_chosen_is_within_the_bound_and_cheaper(problem, found):
    network, calibration, held, labels = problem
    chosen, start = found.chosen, found.tried[0]
    assert start.bits == START
    assert chosen.weight < 0.95 * start.weight
    assert chosen.drop <= chosen.sure_drop <= 1.0
    # Measured again, the whole way from the start.
    model = calibrate(network, calibration, chosen.bits, task=Task(CLASSES)).model
    answers = golden.classify(golden.run(model, digitise(held, chosen.bits)))
    assert metrics.macro_f1(labels, answers, 4) == chosen.f1
    assert found.float_f1 == metrics.macro_f1(labels, network.run(held).argmax(axis=1), 4)
    assert 100 * (found.float_f1 - chosen.f1) == chosen.drop
    assert chosen.cost == cost_of(model)
    assert chosen.weight == weigh(chosen.cost)


def test_no_width_is_above_the_start(found):
    for each in found.tried:
        for field in dataclasses.fields(Precision):
            value, most = (getattr(bits, field.name) for bits in (each.bits, START))
            kept = field.name in {"magnitude", "full_scale", "transform"}
            assert value == most if kept else 2 <= value <= most


def test_front_and_choice_are_of_what_was_tried(found):
    assert found.chosen in found.front
    assert set(found.front) <= set(found.tried)
    assert len({each.bits for each in found.tried}) == len(found.tried) > 20
    for each in found.front:
        assert not any(
            other.weight < each.weight and other.sure_drop <= each.sure_drop
            for other in found.tried
        )
    assert [e.weight for e in found.front] == sorted(e.weight for e in found.front)
    # The front goes on beyond the bound, so that one sees what more drop would buy.
    assert found.front[0].sure_drop > found.max_drop
    within = [e for e in found.tried if e.sure_drop <= found.max_drop]
    assert found.chosen.weight == min(e.weight for e in within)


def test_the_same_again_and_told_on_the_way(problem, found):
    told: list[str] = []
    again = find(problem, tell=told.append)
    assert again == found
    assert all(re.match(r"\d+ tried: [\d/]+ bits, ", line_) for line_ in told)
    assert len(told) > 3


def test_more_drop_buys_less_hardware(problem, found):
    assert find(problem, 5.0).chosen.weight < found.chosen.weight


def test_as_json(found):
    section = found.to_json()
    assert section["chosen"]["bits"]["adc"] == found.chosen.bits.adc
    assert section["chosen"] in section["front"]
    assert len(section["tried"]) == len(found.tried)
    assert section["front"][0]["cost"].keys() == {"lut4", "dsp", "ebr"}


def test_a_bound_that_cannot_be_met_says_what_can(problem):
    coarse = dataclasses.replace(
        START, feature=2, conv_weight=2, activation=2, dense_weight=2, adc=8
    )
    with pytest.raises(CannotMeetError, match=r"max-drop must be at least .* not 0\.001") as told:
        find(problem, 0.001, coarse)
    least = float(re.search(r"at least ([\d.]+)", str(told.value))[1])
    assert find(problem, least * 1.01, coarse).chosen.drop <= least * 1.01


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"held": 0}, InputError, "at least one"),
        ({"labels": slice(1, None)}, InputError, "each with its label"),
        ({"label": 4}, InputError, "labels must be 0 to 3"),
        ({"max_drop": -0.1}, UsageError, "max-drop must be"),
        ({"max_drop": float("nan")}, UsageError, "max-drop must be"),
    ],
)
def test_what_cannot_be_measured_is_refused(problem, change, error, text):
    network, calibration, held, labels = problem
    labels = np.array(labels)
    if "label" in change:
        labels[0] = change["label"]
    held = held[: change.get("held", len(held))]
    labels = labels[change.get("labels", slice(len(held)))]
    with pytest.raises(error, match=text):
        find((network, calibration, held, labels), change.get("max_drop", 1.0))


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("rounding", ["nearest", "compensated"])
def test_stages_that_are_remembered_change_nothing(make_network, rounding, transform):
    network = make_network(23, window=64, convs=((3, 5, 2, 1, 2), (4, 3, 1, 1, 0)), hidden=6)
    windows = np.random.default_rng(24).normal(0, 1, (130, 64))
    method = Method("max", rounding)
    staged = Staged(
        network, windows[:50], windows[50:], method, kept=(6, 1), task=Task(CLASSES, 0.5)
    )
    base = Precision(adc=12, data=16, transform=transform)
    other = dataclasses.replace(base, transform="fft" if transform == "dft" else "dft")
    changes = ["adc", "data", "twiddle", "feature", "conv_weight", "activation", "dense_weight"]
    fewer = [dataclasses.replace(base, **{name: getattr(base, name) - 2}) for name in changes]
    order = [base, *fewer, base, other]
    for bits in order:
        model, logits = staged.run(bits)
        whole = calibrate(network, windows[:50], bits, method=method, task=Task(CLASSES, 0.5)).model
        assert model.digest == whole.digest
        assert (logits == golden.run(whole, digitise(windows[50:], bits))).all()


class Answers:
    """Stands in for `Staged`: the answers are given."""

    def __init__(self, model, answers):
        self._model, self._logits = model, np.eye(4, dtype=np.int64)[answers]

    def run(self, bits):
        return self._model, self._logits


@pytest.mark.parametrize(
    ("answers", "sign", "sure_sign"),
    [
        ([0, 0, 1, 1], 0, 0),  # as the float network
        ([0, 1, 0, 1], 0, 1),  # one lost, one won: luck
        ([0, 0, 0, 1], -1, 0),  # one won
        ([1, 0, 1, 1], 1, 1),  # one lost
    ],
)
def test_gains_are_not_counted(make_example, answers, sign, sure_sign):
    labels, exact = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    staged = Answers(make_example(26, window=64).model, answers)
    judge = Judge(
        staged,
        labels,
        np.eye(4)[exact],
        2,
        lambda _: Cells({"lut4": 7, "dsp": 1}),
        lambda c: c["lut4"],
    )
    made = judge(START)
    assert made.drop == 100 * (metrics.macro_f1(labels, exact, 2) - made.f1)
    assert made.f1 == metrics.macro_f1(labels, answers, 2)
    assert (np.sign(made.drop), np.sign(made.sure_drop)) == (sign, sure_sign)
    assert (made.weight, made.agreement) == (7, np.mean(np.array(answers) == exact))


def test_luckily_few_losses_are_not_trusted():
    judge = Landscape([1] * 5)
    start, lucky = (
        Candidate(dataclasses.replace(START, feature=8 - i), CELL, 5.0 - i, 0.0, 0.0, e, 0.9, 1.0)
        for i, e in enumerate((0.1, 0.5))
    )  # fmt: skip
    judge.known = {each.bits: each for each in (start, lucky)}
    for bound, best in ((0.35, start), (0.45, lucky)):
        walk = Walk(judge, judge.weight, START, (START,), BEHIND, bound, lambda _: None)
        assert walk.best() is best


class Landscape:
    """Stands in for `Judge`: noises add up, costs too; the wider of two weights is paid for."""

    def __init__(self, steepness):
        self._steepness = steepness
        self.known = {}

    @staticmethod
    def weight(bits):
        values, weights = (
            max(bits.feature, bits.activation),
            max(bits.conv_weight, bits.dense_weight),
        )
        return (
            100.0 * bits.adc + 30 * values + 50 * weights + 9 * bits.feature + 5 * bits.activation
        )

    def __call__(self, bits):
        if bits not in self.known:
            widths = [bits.adc - 6, *(getattr(bits, name) for name in BEHIND)]
            noise = sum(s * 4.0**-w for s, w in zip(self._steepness, widths, strict=True))
            self.known[bits] = Candidate(
                bits, Cells(), self.weight(bits), noise, noise, noise, 0.0, 1 - noise / 100
            )
        return self.known[bits]


@pytest.mark.parametrize("seed", range(8))
def test_the_walk_comes_near_what_trying_everything_finds(seed):
    rng = np.random.default_rng(seed)
    judge = Landscape(10 ** rng.uniform(1, 3, 5))
    start = Precision(adc=12)
    fronts = tuple(dataclasses.replace(start, adc=adc) for adc in (12, 11, 10, 9, 8))
    everything = Landscape(judge._steepness)
    for first, *widths in itertools.product(fronts, *[range(2, 9)] * 4):
        everything(dataclasses.replace(first, **dict(zip(BEHIND, widths, strict=True))))
    least = min(everything.known.values(), key=lambda c: c.drop).drop
    bound = 20 * least
    walk = Walk(judge, judge.weight, start, fronts, BEHIND, bound, lambda _: None)
    walk.down()
    walk.exchange()
    optimum = min(c.weight for c in everything.known.values() if c.drop <= bound)
    assert walk.best().drop <= bound
    assert optimum <= walk.best().weight <= 1.05 * optimum
    assert len(judge.known) < 200


def test_of_equal_costs_the_nearer_to_float_is_chosen():
    made = [
        Candidate(
            dataclasses.replace(START, feature=8 - i),
            CELL,
            5.0,
            0.1,
            0.1,
            0.1,
            0.9,
            a,
        )
        for i, a in enumerate((0.95, 0.99, 0.97))
    ]
    judge = Landscape([1] * 5)
    judge.known = {each.bits: each for each in made}
    assert Walk(judge, judge.weight, START, (START,), BEHIND, 0.2, lambda _: None).best() is made[1]
    assert front(tuple(made), made[1]) == (made[1],)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_the_line_of_front_ends(problem, transform):
    network, calibration, *_ = problem

    def weight(bits):
        return 3.0 * bits.adc + 10 * bits.data + 4 * bits.twiddle

    start = Precision(adc=12, data=14, twiddle=12, transform=transform)
    made = line(network, calibration, start, weight)
    assert made[0].bits == start
    assert len(made) > 3
    for before, after in itertools.pairwise(made):
        assert after.cost < before.cost
        assert after.sqnr_db < before.sqnr_db
    assert all(e.bits.adc <= 12 and e.bits.data <= 14 and e.bits.twiddle <= 12 for e in made)
    assert min(e.bits.twiddle for e in made) < 12
    assert {e.bits.transform for e in made} == {transform}


def test_a_start_below_the_usual_least_stays(problem):
    network, calibration, *_ = problem
    start = Precision(adc=6, data=12, twiddle=8)
    assert [e.bits for e in line(network, calibration, start, lambda _: 1.0)] == [start]


def test_only_widths_that_a_network_has_are_searched(make_network):
    assert behind_of(make_network(1)) == BEHIND
    assert behind_of(make_network(1, convs=())) == ("feature", "activation", "dense_weight")
