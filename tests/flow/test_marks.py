"""Windows that a build can say nothing of: marked by `predict`, and never a winner."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hwgen import files, golden
from hwgen.analysis.margins import gaps
from hwgen.cli.main import run
from hwgen.errors import InputError
from hwgen.flow import sensing, stage
from hwgen.flow.margins import MARGINS, read_margins
from hwgen.flow.options import SETTINGS
from hwgen.flow.predict import predict
from hwgen.flow.quantize import read_model
from hwgen.quantized.samples import digitise
from hwgen.signals import Reading

LENGTH = 256


@pytest.fixture
def certain(finished):
    """Folder of a build without a threshold: nothing is unknown."""
    settings, folder = finished
    hardware = settings.hardware.but(unknown=0.0)
    files.write_json(folder / SETTINGS, replace(settings, hardware=hardware).to_json())
    return folder


@pytest.fixture
def machine(recordings):
    """Eight windows of a recording that the build was calibrated on."""
    return np.load(recordings / "outer.npy")[: 8 * LENGTH].copy()


def predicted(folder, tmp_path, samples, **options):
    path = tmp_path / "machine.npy"
    np.save(path, samples)
    said: list[str] = []
    rows, summary = predict(folder, path, say=said.append, **options)
    assert said[0].startswith("machine.npy, 1 (1 of 1), ")
    return [row.remark for row in rows], summary, said[1:], rows


def sealed(folder):
    """Have the stage's record say that its files were written as they are now."""
    record = files.read_json(folder / "stage.json")
    del record["check"]
    record["outputs"] = stage._digests(folder, list(record["outputs"]))
    files.write_json(folder / "stage.json", record | {"check": stage._check(record)})


def test_good_windows_have_no_remark(certain, tmp_path, machine):
    remarks, summary, said, rows = predicted(certain, tmp_path, machine)
    assert remarks == [""] * 8
    (most, count) = Counter(row.name for row in rows).most_common(1)[0]
    assert summary.startswith(f"machine.npy: {most} in {count} of 8 windows, ")
    assert said == []


def test_each_fault_is_told_of_its_window_alone(certain, tmp_path, machine):
    low, high = read_margins(certain / "ir").levels_db
    windows = machine.reshape(8, LENGTH)
    windows[1, 30:100] = 0.1
    windows[3] = 0.2
    windows[5] *= 10 ** (25 / 20)
    windows[7] *= 10 ** (-30 / 20)
    windows[6, 9] = 16.0
    loud, quiet, peak = (20 * math.log10(windows[n].std()) for n in (5, 7, 6))
    remarks, summary, said, _ = predicted(certain, tmp_path, machine)
    assert remarks == [
        "", "dropout", "", "stuck", "", f"far: {loud - high:+.0f} dB",
        f"clipped, far: {peak - high:+.0f} dB" if peak - high >= 12 else "clipped",
        f"far: {quiet - low:+.0f} dB",
    ]  # fmt: skip
    assert summary.startswith("machine.npy: uncertain, ")
    assert "of 3 windows without a mark; 5 of 8 are marked and do not count (1 stuck, " in summary
    assert said == [
        "dropout: 2 of 8 windows of machine.npy (25 %) have 16 or more equal samples in a row",
        "clipped: 1 of 8 windows of machine.npy (12 %) have one sample in 256 at an end of the "
        "range",
    ]


def test_marked_windows_do_not_win(certain, tmp_path, machine):
    """Three of four windows hold a value; golden answers them all alike, and none counts."""
    machine[2 * LENGTH :] = machine[2 * LENGTH]
    _, summary, _, rows = predicted(certain, tmp_path, machine)
    good = Counter(row.name for row in rows[:2]).most_common(1)[0]
    assert summary.startswith(
        f"machine.npy: uncertain, {good[0]} in {good[1]} of 2 windows without a mark; 6 of 8 "
    )


def test_where_all_are_marked_there_is_no_class(certain, tmp_path, machine):
    _, summary, _, rows = predicted(certain, tmp_path, machine * 1000)
    assert summary.startswith("machine.npy: no class: all 8 windows are marked (8 clipped, 8 far)")
    assert not any(row.name in summary for row in rows)


@pytest.mark.parametrize("percent", [0.0, 1.0, 20.0, 50.0])
def test_unknown_is_what_a_board_with_a_sensor_calls_so(finished, tmp_path, recordings, percent):
    settings, folder = finished
    hardware = settings.hardware.but(unknown=percent)
    files.write_json(folder / SETTINGS, replace(settings, hardware=hardware).to_json())
    samples = np.concatenate([np.load(path) for path in sorted(recordings.glob("*.npy"))])
    remarks, _, _, rows = predicted(folder, tmp_path, samples, hop=64)
    model = read_model(folder / "ir" / "model.json")
    windows = np.lib.stride_tricks.sliding_window_view(samples, LENGTH)[::64]
    margins = gaps(golden.run(model, digitise(windows, model.bits)))
    least = sensing.least_margin(folder / "ir", hardware)
    assert [text == "unknown" for text in remarks] == (margins < least).tolist()
    assert set(remarks) <= {"", "unknown"}
    assert (least > 0) is (percent > 0)
    assert ("unknown" in remarks) is (percent == 50)
    assert len(rows) == len(windows)


def test_counts_are_said_to_be_none_and_never_win(certain, tmp_path, machine):
    counts = np.rint(machine * 2000)
    _, summary, said, _ = predicted(certain, tmp_path, counts)
    assert said[0].startswith("samples of machine.npy cannot be g (all are whole numbers, ")
    assert "no class: all 8 windows are marked" in summary
    _, summary, said, _ = predicted(certain, tmp_path, counts, reading=Reading(unit="g"))
    assert not any("cannot be g" in text for text in said)
    assert "no class" in summary


@pytest.mark.parametrize("keep", [True, False])
def test_an_older_build_says_that_it_cannot_judge(certain, tmp_path, machine, keep):
    path = certain / "ir" / MARGINS
    kept = files.read_json(path)
    kept.pop("levels_db")
    path.unlink()
    if keep:
        files.write_json(path, kept)
    sealed(certain / "ir")
    remarks, summary, said, _ = predicted(certain, tmp_path, machine * 8)
    assert remarks == [""] * 8
    assert "in" in summary
    assert len(said) == 1
    assert "is of an older version and cannot tell" in said[0]
    assert ("far from its data" in said[0]) is keep
    assert "build again" in said[0]


@pytest.mark.parametrize("value", [3, [1.0], [2.0, 1.0], ["a", "b"], [0.0, 1e999], [1, True]])
def test_damaged_levels(certain, tmp_path, machine, value):
    path = certain / "ir" / MARGINS
    files.write_text(path, json.dumps(files.read_json(path) | {"levels_db": value}))
    sealed(certain / "ir")
    with pytest.raises(InputError, match=r"decision\.json is damaged.*build again"):
        predicted(certain, tmp_path, machine)


def test_levels_are_of_all_that_calibration_saw(original, recordings):
    low, high = read_margins(original[1] / "ir").levels_db
    whole = [np.load(path) for path in sorted(recordings.glob("*.npy"))]
    views = [np.lib.stride_tricks.sliding_window_view(x[:2000], LENGTH) for x in whole]
    every = 20 * np.log10(np.concatenate([view.std(axis=1) for view in views]))
    assert every.min() <= low <= high <= every.max()
    assert high - low > 0.5 * (every.max() - every.min())


def test_the_command_prints_marked_classes_in_brackets(certain, tmp_path, machine, capsys):
    machine[LENGTH : 2 * LENGTH] = 0.0
    np.save(tmp_path / "machine.npy", machine)
    assert run(["predict", str(certain), str(tmp_path / "machine.npy")]) == 0
    taken, notice, head, good, marked, *_, last = capsys.readouterr().out.splitlines()
    assert taken.startswith("machine.npy, 1 (1 of 1), ")
    assert notice.startswith("dropout: 1 of 8 windows of machine.npy (12 %)")
    assert head.split()[-1] == "remark"
    assert len(good.split()) == 3
    _, name, _, remark = marked.split()
    assert (name[0], name[-1], remark) == ("(", ")", "stuck")
    assert "of 7 windows without a mark; 1 of 8 are marked and do not count (1 stuck)" in last
    assert "uncertain" not in last


@pytest.mark.parametrize(("marked", "uncertain"), [(3, False), (4, True), (5, True)])
def test_with_half_of_the_windows_marked_the_class_is_uncertain(
    certain, tmp_path, machine, marked, uncertain
):
    machine[: marked * LENGTH] = 0.0
    _, summary, _, _ = predicted(certain, tmp_path, machine)
    assert ("uncertain" in summary) is uncertain
