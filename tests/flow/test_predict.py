"""A recording through the golden model of a build."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.io import wavfile

from hwgen import files, golden
from hwgen.cli.main import run
from hwgen.errors import InputError
from hwgen.flow.left import left_by_quantize
from hwgen.flow.margins import read_as
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
    np.save(path, np.random.default_rng(6).normal(0, 0.4, 255))
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
    assert head.split() == ["time", "s", "class", "margin", "remark"]
    assert [row.split()[0] for row in rows[:4]] == ["0.000", "0.021", "0.043", "0.064"]
    assert {row.split()[1] for row in rows[:4]} <= {"inner", "outer", "sound"}


def test_without_any_sample_rate_windows_are_told_by_their_first_sample(
    original, recording, capsys, monkeypatch
):
    monkeypatch.setattr(
        "hwgen.flow.predict.left_by_quantize",
        lambda build: replace(left_by_quantize(build), sample_rate=None),
    )
    assert predict(original[1], recording)[0][1].seconds is None
    assert run(["predict", str(original[1]), str(recording)]) == 0
    taken, head, *rows = capsys.readouterr().out.splitlines()
    assert "sample rate unknown" in taken
    assert head.split() == ["sample", "class", "margin", "remark"]
    assert [row.split()[0] for row in rows[:4]] == ["0", "256", "512", "768"]


def _two_channels(path, seed: int, *, factor: float = 2000.0) -> None:
    """Write counts of a 12-bit converter and something else beside them."""
    rng = np.random.default_rng(seed)
    tone = 0.3 * np.sin(2 * np.pi * np.arange(3000) * (seed + 1) * 700 / 12_000)
    counts = np.rint(factor * (tone + 0.1 * rng.standard_normal(3000))) + 2048
    np.save(path, np.stack([rng.standard_normal(3000), counts], axis=1))


@pytest.fixture
def counted(tmp_path, write_state, stages):
    """Return the folder of a build on column 2, in counts, and its recordings."""
    data = tmp_path / "data"
    data.mkdir()
    for number, name in enumerate(("inner", "outer", "sound")):
        _two_channels(data / f"{name}.npy", number)
    folder = tmp_path / "build"
    read_as = ["--channel", "2", "--unit", "counts", "--offset", "2048"]
    options = [*read_as, "--sample-rate", "12000", "--board", "ecp5"]
    checkpoint = write_state(tmp_path / "tiny.pt")
    assert run(["build", str(checkpoint), "--data", str(data), "-o", str(folder), *options]) == 0
    return folder, data


def test_what_is_not_said_is_read_as_for_the_build(counted, capsys):
    folder, data = counted
    capsys.readouterr()
    assert run(["predict", str(folder), str(data / "inner.npy")]) == 0
    out = capsys.readouterr().out
    assert "read as for the build: --channel 2 --unit counts --offset 2048" in out
    assert "far" not in out
    said = Reading("2", None, "counts", 2048.0)
    lines: list[str] = []
    asked = predict(folder, data / "inner.npy", reading=said, say=lines.append)[0]
    assert asked == predict(folder, data / "inner.npy")[0]
    assert not [line for line in lines if "read as" in line]


def test_a_recording_in_another_unit_is_refused_until_unit_insists(counted, original, tmp_path):
    folder, _ = counted
    path = tmp_path / "machine.wav"
    wavfile.write(path, 12_000, np.random.default_rng(7).integers(-99, 99, (999, 2), np.int16))
    with pytest.raises(InputError, match="must be in g like the build's data, not shares"):
        predict(original[1], path, reading=Reading("2"))
    lines: list[str] = []
    with pytest.raises(InputError, match="shares of full scale, whose counts are not known"):
        predict(folder, path, say=lines.append)
    assert lines == ["read as for the build: --channel 2 --unit counts --offset 2048"]
    predict(folder, path, reading=Reading(unit="g"), say=lines.append)
    assert any("--unit g insists" in line for line in lines)


def test_one_count_is_one_step_of_the_converter(counted, capsys):
    folder, _ = counted
    model = read_model(folder / "ir" / "model.json")
    assert model.bits.lsb == 1
    assert run(["report", str(folder)]) == 0
    assert "32,768 (counts): a step of the converter is one count" in capsys.readouterr().out


def test_a_damaged_note_on_reading_is_told(finished):
    path = finished[1] / "ir" / "decision.json"
    files.write_json(path, files.read_json(path) | {"read_as": {"channel": "2"}})
    with pytest.raises(InputError, match=r"read_as: it must have channel, .*; build again"):
        read_as(path.parent)
