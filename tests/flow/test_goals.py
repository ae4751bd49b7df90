"""From a goal to a design, through the stages of a build."""

from __future__ import annotations

import dataclasses

import pytest

from hwgen import files
from hwgen.boards import find_board
from hwgen.errors import CannotMeetError, UsageError
from hwgen.flow.build import build
from hwgen.flow.designs import AREA_DSP, seek
from hwgen.flow.generated import Generated
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.left import left_by_quantize
from hwgen.flow.stage import result_of
from hwgen.quantized import Precision
from hwgen.quantized.make import uncalibrated
from tests.integer_graphs import small_residual


@pytest.fixture
def made(original, stages, tmp_path):
    """Return a function that builds for some hardware options: the report, and the design."""
    settings, _ = original

    def make(**hardware):
        folder = tmp_path / "build"
        asked = dataclasses.replace(settings, hardware=HardwareOptions.of(**hardware))
        report = build(asked, folder, lambda _: None)
        known = result_of(folder / "rtl", Generated).said
        return report, known.design, left_by_quantize(folder)

    return make


def test_each_goal_has_its_design(made):
    report, design, model = made(goal="throughput", board="ulx3s-25f")
    assert (model.bits.transform, model.bits.twiddle) == ("fft", 18)
    assert report["latency"]["min_cycles_between_samples"] == 1
    quickest = report["latency"]["cycles_per_window"]
    assert made(parallel=1, board="ulx3s-25f")[0]["latency"]["cycles_per_window"] > quickest

    report, design, model = made(goal="latency", board="ulx3s-25f")
    assert (model.bits.transform, model.bits.twiddle) == ("dft", 10)
    assert design.array is None
    assert report["design"]["layers"] == "unrolled"
    assert 1 < report["latency"]["min_cycles_between_samples"] <= 250
    quick = report["latency"]["cycles_last_sample_to_class"]

    report, design, model = made(goal="area", board="ulx3s-12f")
    assert report["design"]["layers"] == "shared"
    assert report["latency"]["min_cycles_between_samples"] <= 1000
    assert report["latency"]["cycles_last_sample_to_class"] > quick


def test_windows_may_overlap(made):
    report, design, _ = made(hop=16, goal="latency", board="ulx3s-85f")
    assert design.hop == report["design"]["hop"] == 16
    latency = report["latency"]
    assert latency["cycles_per_window"] == 16 * latency["min_cycles_between_samples"]


def test_the_board_keeps_windows_for_a_core_that_takes_whole_ones():
    """Of samples as they are, whatever the transform would be; not of sums that slide."""
    board = find_board("ulx3s-25f")
    asked = HardwareOptions.of(hop=16, source="ads8320", parallel=1)
    raw = small_residual(1, 1, 2).model
    assert seek([raw], asked, board).design.hop is None
    with pytest.raises(CannotMeetError, match="hop must be 17, the window"):
        seek([raw], asked.but(source="uart"), board)


def test_bounds_choose_the_transform(made):
    report, _, model = made(latency_us=5.0, board="ulx3s-85f")
    assert report["latency"]["last_sample_to_class_us"] <= 5
    assert model.bits.transform == "dft"
    report, _, model = made(windows_per_second=200_000.0, board="ulx3s-25f")
    assert report["latency"]["windows_per_second"] >= 200_000
    assert model.bits.transform == "fft"
    report, _, _ = made(fit=True, board="ulx3s-12f")
    rate = 1e6 * report["latency"]["clock_mhz"] / report["latency"]["min_cycles_between_samples"]
    assert rate >= 12_000  # the recordings'


def test_what_cannot_be_had_is_told_before_anything_is_written(made, tmp_path):
    for hardware, text in (
        ({"latency_us": 0.01}, "no design on ulx3s-12f gives a class in 0.01 us"),
        ({"windows_per_second": 1e9}, "1,000,000,000 windows per second"),
        ({"hop": 100_000}, "hop must be 1 to"),
        ({"goal": "throughput", "transform": "dft"}, "no design"),
    ):
        with pytest.raises(CannotMeetError, match=text):
            made(board="ulx3s-12f", **hardware)
    assert not (tmp_path / "build" / "ir" / "model.json").exists()


def test_a_width_that_was_given_is_kept(original, stages, tmp_path):
    settings, _ = original
    asked = dataclasses.replace(settings, twiddle=14, hardware=HardwareOptions.of(transform="dft"))
    build(asked, tmp_path, lambda _: None)
    assert left_by_quantize(tmp_path).bits.twiddle == 14


def test_another_clock_may_need_another_design(original, stages, tmp_path):
    settings, _ = original

    def at(mhz: float, **more):
        hardware = HardwareOptions.of(latency_us=20.0, clock_mhz=mhz, board="ulx3s-85f", **more)
        build(dataclasses.replace(settings, hardware=hardware), tmp_path, lambda _: None)
        found = files.read_json(tmp_path / "report.json")["latency"]
        assert found["last_sample_to_class_us"] <= 20
        return found["cycles_last_sample_to_class"]

    assert at(20.0) <= 400 < at(120.0) <= 2400


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"goal": "speed"}, "--goal must be one of throughput, latency, area, not 'speed'"),
        ({"transform": "wavelet"}, "--transform must be one of fft, dft"),
        ({"latency_us": 0.0}, "--latency-us must be more than 0"),
        ({"windows_per_second": -1.0}, "--windows-per-second must be more than 0, not -1"),
        ({"hop": 0}, "--hop must be more than 0, not 0"),
    ],
)
def test_goals_that_make_no_sense(fields, text):
    with pytest.raises(UsageError, match=text):
        HardwareOptions.of(**fields)


def test_the_whole_board_is_the_goal_s(made):
    _, design, _ = made(goal="latency", board="ulx3s-85f")
    assert 2 * design.lanes + design.dsp <= find_board("ulx3s-85f").resources["dsp"]
    _, smaller, _ = made(goal="latency", board="ulx3s-85f", dsp=28)
    assert 2 * smaller.lanes + smaller.dsp <= 28


def test_area_takes_more_multipliers_where_few_do_not_keep_up(make_network):
    network = make_network(1, window=4096, convs=((4, 64, 8, 28, 2),), classes=10)
    models = [uncalibrated(network, Precision(transform="dft", twiddle=10))]
    small = HardwareOptions.of(goal="area", clock_mhz=50.0)
    board = find_board("ulx3s-85f")
    found = seek(models, small, board)
    assert found.pause <= 1000
    assert found.cost["dsp"] > AREA_DSP
    with pytest.raises(CannotMeetError, match="gives a sample every 1000 cycles"):
        seek(models, small.but(dsp=AREA_DSP), board)
