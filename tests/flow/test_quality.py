"""Recordings that are not fit to learn from, as `train`, `quantize` and `build` meet them."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import importers
from hwgen.cli.main import run
from hwgen.errors import InputError
from hwgen.flow.options import DataOptions
from hwgen.flow.windows import gather

LENGTH = 256


@pytest.fixture
def checkpoint(tmp_path, write_state):
    return importers.load(write_state(tmp_path / "tiny.pt"))


@pytest.fixture
def spoil(tmp_path, recordings):
    """Write the recordings with one of them changed; return the folder."""

    def write(name, change):
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        for path in recordings.glob("*.npy"):
            x = np.load(path)
            np.save(folder / path.name, change(x) if path.stem == name else x)
        return folder

    return write


def gone(x: np.ndarray) -> np.ndarray:
    x = np.concatenate([x, x[::-1]])
    x[2900:3100] = 0.2
    return x


def test_good_recordings_give_the_same_windows_as_ever(checkpoint, recordings, monkeypatch):
    options = DataOptions(data=str(recordings), sample_rate=12_000, snr_db=-3.0)
    judged = gather(checkpoint, options)
    monkeypatch.setattr("hwgen.signals.judge_dataset", lambda dataset, *_, **__: (dataset, ()))
    plain = gather(checkpoint, options)
    for name in ("calibration", "held", "test", "labels"):
        assert np.array_equal(getattr(judged, name), getattr(plain, name))
    assert judged.notices == plain.notices
    assert judged.input_scale == plain.input_scale


def test_no_window_has_a_dropout(checkpoint, spoil):
    folder = spoil("outer", gone)
    windows = gather(checkpoint, DataOptions(data=str(folder), sample_rate=12_000))
    for x in (windows.calibration, windows.held, windows.test):
        assert not (x == 0.2).any()
    assert len(windows.held) > 0
    (notice,) = windows.notices
    assert notice.startswith("1 of 3 recordings, outer.npy (")
    assert "16 or more samples in a row are equal; those stretches are cut out" in notice


def test_noise_does_not_hide_a_dropout(checkpoint, spoil):
    folder = spoil("outer", gone)
    windows = gather(checkpoint, DataOptions(data=str(folder), sample_rate=12_000, snr_db=0.0))
    assert sum("cut out" in notice for notice in windows.notices) == 1


def test_quantize_says_it_and_puts_it_into_the_report(spoil, tmp_path, write_state, capsys):
    from hwgen.files import read_json

    folder = spoil("outer", gone)
    checkpoint = write_state(tmp_path / "net.pt")
    output = tmp_path / "model.json"
    assert run(["quantize", str(checkpoint), "--data", str(folder), "-o", str(output)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "dropout" in line]
    assert len(told) == 1
    assert told[0] in read_json(tmp_path / "model-report" / "report.json")["notes"]


@pytest.mark.parametrize("command", ["train", "quantize", "build"])
def test_a_class_in_counts_is_refused(spoil, tmp_path, write_state, capsys, command):
    folder = spoil("sound", lambda x: np.rint(x * 3000))
    first = [] if command == "train" else [str(write_state(tmp_path / "net.pt"))]
    arguments = [command, *first, "--data", str(folder), "-o", str(tmp_path / "out")]
    assert run(arguments) == InputError.exit_code
    error = capsys.readouterr().err
    assert "recordings must be in one unit, but samples of sound.npy cannot be g" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_training_says_what_it_cuts_out(spoil, tmp_path, capsys):
    folder = spoil("inner", gone)
    output = tmp_path / "ckpt.pt"
    sizes = ["--window", "256", "--kernel", "16", "--filters", "2"]
    arguments = ["train", "--data", str(folder), "-o", str(output), "--epochs", "1", *sizes]
    assert run(arguments) == 0
    assert "1 of 3 recordings, inner.npy (" in capsys.readouterr().out
    kept = importers.load(output)
    for windows in (kept.calibration, kept.test):
        assert not (windows.x == np.float32(0.2)).any()
