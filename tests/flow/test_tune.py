"""Which integer network the settings give: ways of calibrating, fewer bits, fine-tuned weights."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hwgen import golden, importers, metrics, report, zoo
from hwgen.boards import find_board
from hwgen.calibration import Method, calibrate
from hwgen.errors import CannotMeetError, InputError, UsageError
from hwgen.flow import generate
from hwgen.flow.fine_tune import FineTuned, _recipe, _source
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.quantize import inputs, quantize, write_report
from hwgen.flow.search import search_bits
from hwgen.flow.tune import tune
from hwgen.flow.windows import gather
from hwgen.importers import CheckpointMeta
from hwgen.plans.planner import plan
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.training import recipe_named
from hwgen.training.augment import CLEAN_SNR_DB
from hwgen.training.sources import FreshWindows, KeptWindows

SNR = -6.0
START = Precision(
    adc=12, data=14, twiddle=10, feature=6, conv_weight=6, activation=6, dense_weight=6,
    full_scale=2.0,
)  # fmt: skip
WIDTHS = ("adc", "data", "twiddle", "feature", "conv_weight", "activation", "dense_weight")
NEAREST = Method("mse", "nearest")
DEFAULT = recipe_named("default")


def quiet(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def base(tmp_path_factory, write_classifier, recordings) -> Settings:
    path = tmp_path_factory.mktemp("tune") / "ckpt.pt"
    checkpoint = write_classifier(path, recordings, snr_db=SNR)
    data = DataOptions(data=str(recordings), sample_rate=12_000, snr_db=SNR)
    return Settings(str(checkpoint), data=data, bits=START)


@pytest.fixture(scope="module")
def network(base):
    return importers.load(base.checkpoint).network


@pytest.fixture(scope="module")
def windows(base):
    return gather(importers.load(base.checkpoint), base.data)


@pytest.fixture(scope="module")
def searched(base, network, windows):
    said: list[str] = []
    return tune(network, windows, replace(base, max_drop=2.0), said.append), said


@pytest.fixture(scope="module")
def tuned(base):
    """Search for bits, fine-tune what was found, and keep what the user is told."""
    said: list[str] = []
    return quantize(replace(base, max_drop=2.0, qat=True), said.append), said


def held_f1(windows, model) -> float:
    logits = golden.run(model, digitise(windows.held, model.bits))
    return metrics.macro_f1(windows.held_labels, golden.classify(logits), len(windows.classes))


def float_f1(windows, network) -> float:
    found = network.run(windows.held * windows.input_scale).argmax(axis=1)
    return metrics.macro_f1(windows.held_labels, found, len(windows.classes))


def digest(network, windows, bits, method) -> str:
    made = calibrate(network, windows.calibration, bits, windows.task, method=method)
    return made.model.digest


def test_every_way_is_measured_on_the_held_out_windows_and_the_best_is_taken(
    base, network, windows
):
    result = tune(network, windows, base, quiet)
    choices = result.choices
    ways = [one.method for one in choices]
    assert len(set(ways)) == len(ways) == 6
    for choice in choices:
        way = choice.method
        model = calibrate(network, windows.calibration, START, windows.task, method=way).model
        assert choice.f1 == held_f1(windows, model)
    top = max(one.f1 for one in choices)
    best = max((one for one in choices if one.f1 >= top - 0.001), key=lambda one: one.sqnr_db)
    assert result.calibration.method == best.method
    assert result.model.digest == digest(network, windows, START, best.method)
    assert (result.search, result.qat) == (None, None)


def test_unlabelled_windows_choose_the_range_by_the_ratio_alone(base, network, windows):
    result = tune(network, replace(windows, labelled=False), base, quiet)
    choices = result.choices
    assert {one.method.rounding for one in choices} == {"nearest"}
    assert {one.method.range for one in choices} == {"max", "percentile", "mse"}
    assert {one.f1 for one in choices} == {None}
    best = max(choices, key=lambda one: one.sqnr_db)
    assert result.calibration.method == best.method


def test_without_held_out_windows_those_of_calibration_decide(base, network, windows):
    none = replace(windows, held=windows.held[:0], held_labels=windows.held_labels[:0])
    given = replace(
        windows, labelled=False, held=windows.calibration, held_labels=windows.calibration_labels
    )
    settings = replace(base, rounding="nearest")
    choices = tune(network, none, settings, quiet).choices
    assert choices == tune(network, given, settings, quiet).choices
    assert len(choices) == 3


@pytest.mark.parametrize(("label", "rounding"), [(True, "compensated"), (False, "nearest")])
def test_a_way_that_is_named_is_taken(base, network, windows, label, rounding):
    settings = replace(base, calibration="max", rounding=rounding)
    result = tune(network, replace(windows, labelled=label), settings, quiet)
    assert result.calibration.method == Method("max", rounding)
    assert (result.calibration.windows, result.choices) == (len(windows.calibration), ())
    assert result.model.digest == digest(network, windows, START, Method("max", rounding))


def test_half_of_a_way_may_be_named(base, network, windows):
    one = tune(network, windows, replace(base, calibration="percentile"), quiet)
    assert [c.method.rounding for c in one.choices] == ["nearest", "compensated"]
    other = tune(network, windows, replace(base, rounding="compensated"), quiet)
    assert [c.method.rounding for c in other.choices] == ["compensated"] * 3


@pytest.mark.parametrize("change", [{"calibration": "best"}, {"rounding": "up"}])
def test_an_unknown_way_is_refused(base, network, windows, change):
    with pytest.raises(UsageError, match=next(iter(change.values()))):
        tune(network, windows, replace(base, **change), quiet)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Method("mse", "compensated")),
        ({"calibration": "max", "rounding": "nearest"}, Method("max", "nearest")),
    ],
)
def test_few_bits_are_compensated_unless_another_way_is_named(
    base, network, windows, given, expected
):
    result = tune(network, windows, replace(base, max_drop=60.0, **given), quiet)
    assert result.choices == ()
    assert result.calibration.method == expected
    assert result.model.digest == digest(network, windows, result.model.bits, expected)


def test_the_chosen_bits_are_narrower_cheaper_and_within_the_bound(
    searched, base, network, windows
):
    result, said = searched
    chosen, bits = result.search.chosen, result.model.bits
    assert chosen.bits == bits
    assert all(getattr(bits, name) <= getattr(START, name) for name in WIDTHS)
    assert bits != START
    drop = 100 * (float_f1(windows, network) - held_f1(windows, result.model))
    assert chosen.drop == pytest.approx(drop)
    assert drop <= 2.0
    board = find_board(base.hardware.board)
    method = Method("mse", "compensated")
    start = calibrate(network, windows.calibration, START, windows.task, method=method).model
    point = generate.choose(start, base.hardware, board)
    weights = [plan(model, point).cells(board.target).weight(board.resources)
               for model in (result.model, start)]  # fmt: skip
    assert weights[0] == pytest.approx(chosen.weight)
    assert weights[0] < weights[1]
    assert said[-1].startswith(f"search: {len(result.search.tried)} assignments")


def test_the_test_part_has_no_say(searched, base, network, windows):
    rng = np.random.default_rng(0)
    other = replace(
        windows, test=rng.permutation(windows.test, axis=1), labels=windows.labels[::-1]
    )
    again = tune(network, other, replace(base, max_drop=2.0), quiet)
    assert again.model.digest == searched[0].model.digest


def test_a_bound_that_cannot_be_met_is_told(base, network, windows):
    few = replace(START, feature=2, conv_weight=2, dense_weight=2)
    with pytest.raises(CannotMeetError, match=r"max-drop must be at least .* not 0; allow more"):
        tune(network, windows, replace(base, bits=few, max_drop=0.0), quiet)


def test_the_cost_is_that_of_the_design_point_and_its_board(base, network, windows):
    def found(**hardware):
        settings = replace(base, hardware=HardwareOptions.of(**hardware))
        return search_bits(network, windows, settings, NEAREST, 60.0, quiet).chosen.cost

    assert found(parallel=1)["dsp"] < found(parallel=8)["dsp"]
    assert found(dsp=12, parallel=8)["lut4"] > found(parallel=8)["lut4"]
    with pytest.raises(CannotMeetError, match="dsp must be"):
        found(dsp=10_000)


@pytest.mark.parametrize("option", [{"max_drop": 0.5}, {"qat": True}], ids=["max-drop", "qat"])
@pytest.mark.parametrize("lack", ["labels", "held"])
def test_what_needs_labelled_held_out_windows_says_so(base, network, windows, option, lack):
    poor = replace(windows, labelled=False)
    if lack == "held":
        poor = replace(windows, held=windows.held[:0], held_labels=windows.held_labels[:0])
    name = "--max-drop" if "max_drop" in option else "--qat"
    with pytest.raises(InputError, match=rf"^{name} needs recordings of .* with --data$") as told:
        tune(network, poor, replace(base, **option), quiet)
    assert "\n" not in str(told.value)


def test_hardware_decides_the_integer_network_only_through_its_cost(base):
    plain = inputs(base)
    searched = inputs(replace(base, max_drop=0.5))
    for change in ({"parallel": 2}, {"dsp": 20}, {"board": "ulx3s-85f"}):
        hardware = HardwareOptions.of(**change)
        assert inputs(replace(base, hardware=hardware)) == plain
        assert inputs(replace(base, hardware=hardware, max_drop=0.5)) != searched


@pytest.mark.parametrize(
    "change", [{"max_drop": 0.5}, {"qat": True}, {"rounding": "nearest"}, {"calibration": "max"}]
)
def test_every_option_of_tuning_decides_the_integer_network(base, change):
    assert inputs(replace(base, **change)) != inputs(base)


def test_fine_tuning_keeps_the_bits_that_were_found_and_is_not_worse(tuned, windows):
    result, said = tuned
    part = result.said.qat
    assert result.model.bits == Precision(**result.said.search["chosen"]["bits"])
    assert part["f1"] == held_f1(windows, result.model) >= part["start_f1"]
    assert 1 <= part["epoch"] <= part["epochs"] == 8
    assert any(line == "qat: fine-tuning on 20000 windows of the training part" for line in said)
    assert f"{part['start_f1']:.4f} before, {part['f1']:.4f} after" in said[-1]


def test_the_accuracy_is_that_of_the_fine_tuned_network(tuned, windows):
    result, _ = tuned
    logits = golden.run(result.model, digitise(windows.test, result.model.bits))
    found = golden.classify(logits)
    assert result.said.accuracy.fixed_f1 == metrics.macro_f1(windows.labels, found, 3)
    start = digest(result.network, windows, result.model.bits, Method("mse", "compensated"))
    assert result.model.digest != start


def test_the_report_tells_of_search_and_fine_tuning(tuned, tmp_path):
    result, _ = tuned
    page = write_report(result, tmp_path / "report")
    assert page == tmp_path / "report" / "index.html"
    told = report.read(tmp_path / "report")
    assert told["search"] == json.loads(json.dumps(result.said.search))
    assert told["qat"] == result.said.qat
    assert told["robustness"]["snr"]["windows"] > 0
    assert told["calibration"]["rounding"] == "compensated"
    assert told["notes"] == list(result.said.notices)
    assert told["design"]["digest"] == result.model.digest
    text = page.read_text()
    for shown in ("<h2>Bit widths</h2>", "<h2>Fine-tuning</h2>", "Cost of each assignment"):
        assert shown in text


def test_fine_tuning_sees_recordings_with_noise_like_the_stated(base, windows):
    source = _source(windows, base, DEFAULT)
    assert isinstance(source, FreshWindows)
    assert (source.augment.low, source.augment.high) == (SNR - 3, SNR + 3)
    clean = _source(windows, replace(base, data=replace(base.data, snr_db=None)), DEFAULT)
    assert isinstance(clean, FreshWindows)
    assert (clean.augment.low, clean.augment.high) == CLEAN_SNR_DB
    # Every start of every recording of the part that calibration sees, and no other.
    assert source.pieces.counts.tolist() == [1600 - 256 + 1] * 3


def test_fine_tuning_sees_the_carried_windows_that_calibration_sees(base, windows):
    source = _source(replace(windows, clean_train=None), base, DEFAULT)
    assert isinstance(source, KeptWindows)
    assert np.array_equal(source.x, windows.calibration)
    assert np.array_equal(source.labels, windows.calibration_labels)


def test_fine_tuning_sees_noise_as_the_training_did_unless_it_is_stated(base, windows):
    mixed = recipe_named("mixed")
    unstated = replace(base, data=replace(base.data, snr_db=None))
    source = _source(windows, unstated, mixed)
    assert isinstance(source, FreshWindows)
    assert source.augment == mixed.augment(None)
    assert (source.augment.low, source.augment.exponent) == (-9.0, 2.0)
    stated = _source(windows, base, mixed)
    assert isinstance(stated, FreshWindows)
    assert stated.augment == DEFAULT.augment(SNR)


def test_fine_tuning_takes_the_recipe_that_the_checkpoint_names():
    for kind in zoo.of_task("classes"):
        recipes = zoo.designed(kind, {}).recipes
        assert _recipe(kind, CheckpointMeta("x", None, recipe="mixed")) is recipes["mixed"]
        for name in ("default", "published", "gone", None):
            assert _recipe(kind, CheckpointMeta("x", None, recipe=name)) is recipes["default"]
        assert _recipe(kind, None) is recipes["default"]
    assert _recipe("another", CheckpointMeta("x", None, recipe="mixed")) is DEFAULT


def test_the_checkpoint_says_how_fine_tuning_goes_on(base, monkeypatch):
    seen = []

    def fine_tune(network, windows, calibration, settings, say, trained):
        seen.append(trained)
        return calibration.model, FineTuned(start_f1=1.0, f1=1.0, epoch=0, epochs=8)

    monkeypatch.setattr("hwgen.flow.tune.fine_tune", fine_tune)
    quantize(replace(base, qat=True), quiet)
    assert seen == [importers.load(base.checkpoint).meta]
