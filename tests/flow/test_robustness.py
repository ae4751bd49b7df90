"""F1 against noise and gain is that of the windows one would make oneself."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hwgen import golden, importers, metrics, signals
from hwgen.calibration import calibrate
from hwgen.flow import robustness
from hwgen.flow.options import DataOptions
from hwgen.flow.windows import gather
from hwgen.quantized import Precision
from hwgen.quantized.samples import digitise
from hwgen.report import assemble

SEED = 4


class Case:
    """A small network, calibrated on the recordings of a folder at -6 dB."""

    def __init__(self, checkpoint, folder, bits):
        loaded = importers.load(checkpoint)
        self.options = DataOptions(data=str(folder), sample_rate=12_000, snr_db=-6.0, seed=SEED)
        self.loaded, self.network = loaded, loaded.network
        self.windows = gather(loaded, self.options)
        self.model = calibrate(
            self.network, self.windows.calibration, bits, self.windows.task
        ).model
        self.clean = signals.split_dataset(
            signals.read_dataset(folder, reading=signals.Reading(sample_rate=12_000))
        )[1]
        self.float_logits = self.network.run(self.windows.test * self.windows.input_scale)
        self.fixed_logits = golden.run(self.model, digitise(self.windows.test, bits))

    def measure(self, windows=None, times=1):
        """Return what the report has of the windows, or of some that are there several times."""
        return robustness.measure(
            self.network, self.model, windows or self.windows,
            np.tile(self.float_logits, (times, 1)), np.tile(self.fixed_logits, (times, 1)),
            seed=SEED,
        ).to_json()  # fmt: skip

    def f1(self, x):
        """Return F1 of float and fixed on all windows `x`."""
        float_found = self.network.run(x * self.windows.input_scale).argmax(axis=1)
        fixed_found = golden.run(self.model, digitise(x, self.model.bits)).argmax(axis=1)
        labels = self.windows.labels
        return [metrics.macro_f1(labels, found, 3) for found in (float_found, fixed_found)]


@pytest.fixture(scope="module")
def case(tmp_path_factory, write_state, recordings):
    checkpoint = write_state(tmp_path_factory.mktemp("robust") / "tiny.pt")
    return Case(checkpoint, recordings, Precision(full_scale=2.0, feature=4, conv_weight=3))


@pytest.fixture(scope="module")
def measured(case):
    return case.measure()


@pytest.mark.parametrize("snr_db", [-12, -6, 20])
def test_a_point_of_the_noise_sweep(case, measured, snr_db):
    sweep = measured["snr"]
    again = gather(case.loaded, replace(case.options, snr_db=float(snr_db)))
    assert sweep["windows"] == len(again.test)  # so few that all are taken
    point = sweep["db"].index(snr_db)
    assert [sweep["float_f1"][point], sweep["fixed_f1"][point]] == case.f1(again.test)


@pytest.mark.parametrize("gain", [0.7, 1.0, 1.3])
def test_a_point_of_the_gain_sweep(case, measured, gain):
    sweep = measured["gain"]
    point = sweep["gain"].index(gain)
    assert [sweep["float_f1"][point], sweep["fixed_f1"][point]] == case.f1(gain * case.windows.test)


def test_the_ranges_asked_for(measured):
    assert measured["snr"]["db"][0] == -12
    assert measured["snr"]["db"][-1] == 20
    assert (measured["gain"]["gain"][0], measured["gain"]["gain"][-1]) == (0.7, 1.3)


def test_clipping_is_part_of_the_gain(case):
    """Windows that just fit the ADC are cut off by a gain above 1, and only in fixed point."""
    peak = case.model.bits.full_scale
    wide = case.windows.test * (peak / np.abs(case.windows.test).max(axis=1, keepdims=True))
    windows = replace(case.windows, test=wide)
    sweep = case.measure(windows)["gain"]
    clipped = np.clip(1.3 * wide, -peak, peak - case.model.bits.lsb)
    assert sweep["fixed_f1"][-1] == case.f1(clipped)[1]
    assert sweep["float_f1"][-1] == case.f1(1.3 * wide)[0]


def test_places_of_the_disagreements(case, measured):
    assert measured["disagreements"]["of"] == len(case.windows.test)
    rows = measured["disagreements"]["rows"]
    assert rows
    noised = signals.noisy(case.clean, -6.0, SEED)
    for row in rows:
        (source,) = [one for one in noised.recordings if one.source == row["recording"]]
        here = source.samples[row["start"] :][: case.network.input_samples]
        assert np.array_equal(here, case.windows.test[row["window"]])
        assert row["true"] == source.label


def test_margins_are_in_the_float_networks_unit(case, measured):
    points = measured["disagreements"]["points"]
    error = np.abs(np.subtract(points["float"], points["fixed"]))
    assert np.median(error) < 0.5 * np.median(points["float"])


def test_windows_alone_have_no_noise_sweep(case):
    found = case.measure(replace(case.windows, clean_test=None, places=None))
    assert found["snr"] is None
    assert found["gain"] == case.measure()["gain"]
    assert found["disagreements"]["rows"][0]["recording"] is None


def test_without_labels_there_is_no_f1(case):
    found = case.measure(replace(case.windows, labelled=False))
    assert found["snr"] is found["gain"] is None
    assert found["disagreements"]["count"] > 0
    assert found["disagreements"]["rows"][0]["true"] is None


def test_many_windows_are_thinned_evenly(case):
    many = replace(
        case.windows,
        test=np.concatenate([case.windows.test] * 6),
        labels=np.concatenate([case.windows.labels] * 6),
        clean_test=None,
        places=None,
    )
    assert 400 <= case.measure(many, 6)["gain"]["windows"] <= 402


def test_recordings_of_other_windows_are_refused(case):
    fewer = replace(case.windows, test=case.windows.test[1:])
    with pytest.raises(ValueError, match=r"those of the \d+ test windows, not of \d+"):
        case.measure(fewer)


def test_the_report_takes_it(case, measured):
    report = assemble({"robustness": measured})
    assert report["robustness"] == measured == json.loads(json.dumps(measured))
    assert measured == case.measure()
