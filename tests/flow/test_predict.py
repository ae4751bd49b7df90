"""A recording through the golden model of a build."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.io import wavfile

from hwgen import golden
from hwgen.cli.main import run
from hwgen.errors import InputError
from hwgen.flow.predict import predict
from hwgen.flow.quantize import read_model
from hwgen.quantized.samples import digitise
from hwgen.signals import Reading


@pytest.fixture
def recording(tmp_path):
    rng = np.random.default_rng(5)
    path = tmp_path / "machine.npy"
    np.save(path, rng.normal(0, 0.4, 256 * 4 + 100))
    return path


def test_a_row_per_window(original, recording):
    folder = original[1]
    rows, summary = predict(folder, recording)
    model = read_model(folder / "ir" / "model.json")
    windows = np.load(recording)[: 256 * 4].reshape(4, 256)
    logits = golden.run(model, digitise(windows, model.bits))
    assert [row.name for row in rows] == [model.classes[n] for n in golden.classify(logits)]
    assert [row.seconds for row in rows] == [pytest.approx(n * 256 / 12_000) for n in range(4)]
    assert all(row.margin >= 0 for row in rows)
    most = max(model.classes, key=[row.name for row in rows].count)
    assert f"{most} in " in summary
    assert "of 4 windows" in summary
    assert "us a window" in summary


def test_windows_may_overlap(original, recording):
    rows, _ = predict(original[1], recording, hop=64)
    assert len(rows) == (256 * 3 + 100) // 64 + 1
    assert rows[1].seconds == pytest.approx(64 / 12_000)


def test_margin_is_in_the_units_of_the_float_network(original, recording):
    from hwgen.files import read_json
    from hwgen.network import Network

    folder = original[1]
    network = Network.from_json(read_json(folder / "ir" / "network.json"))
    model = read_model(folder / "ir" / "model.json")
    rows, _ = predict(folder, recording)
    windows = np.load(recording)[: 256 * 4].reshape(4, 256)
    logits = np.sort(network.run(windows * model.input_scale), axis=1)
    wanted = logits[:, -1] - logits[:, -2]
    assert np.abs([row.margin for row in rows] - wanted).max() < 0.05 * np.abs(logits).max()


def test_another_sample_rate_is_refused(original, tmp_path, recording):
    with pytest.raises(InputError, match=r"12000 Hz, not 48000 Hz; resample"):
        predict(original[1], recording, reading=Reading(sample_rate=48_000))
    path = tmp_path / "machine.wav"
    wavfile.write(path, 8_000, np.load(recording).astype(np.float32))
    with pytest.raises(InputError, match="8000 Hz"):
        predict(original[1], path)


def test_a_short_recording_is_refused(original, tmp_path):
    path = tmp_path / "short.npy"
    np.save(path, np.arange(255.0) % 7)
    with pytest.raises(InputError, match=r"window of 256 samples, not 255"):
        predict(original[1], path)


def test_what_is_no_build_is_refused(tmp_path, recording):
    with pytest.raises(InputError, match="hwgen build"):
        predict(tmp_path, recording)


def test_the_command_prints_class_margin_and_time(original, recording, capsys):
    assert run(["predict", str(original[1]), str(recording)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    taken, head, *rows = out.splitlines()
    assert taken.startswith("machine.npy, ")
    assert "1,124 samples, 12,000 Hz assumed: nobody states it" in taken
    assert head.split() == ["time", "s", "class", "margin"]
    assert [row.split()[0] for row in rows[:4]] == ["0.000", "0.021", "0.043", "0.064"]
    assert {row.split()[1] for row in rows[:4]} <= {"inner", "outer", "sound"}


def test_without_any_sample_rate_windows_are_told_by_their_first_sample(
    original, recording, capsys, monkeypatch
):
    monkeypatch.setattr(
        "hwgen.flow.predict.read_model", lambda path: replace(read_model(path), sample_rate=None)
    )
    assert predict(original[1], recording)[0][1].seconds is None
    assert run(["predict", str(original[1]), str(recording)]) == 0
    taken, head, *rows = capsys.readouterr().out.splitlines()
    assert "sample rate unknown" in taken
    assert head.split() == ["sample", "class", "margin"]
    assert [row.split()[0] for row in rows[:4]] == ["0", "256", "512", "768"]
