"""Networks that tell anomalies, from recordings to a report."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hwgen import golden
from hwgen.cli.main import run
from hwgen.flow.build import build
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.quantize import read_model
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.network import SAMPLES, Graph, Network, anomaly
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.direct import Direct
from hwgen.quantized.samples import digitise

RATE, WINDOW = 1000, 64


def smoother(threshold: float | None = None) -> Network:
    """Return an 'autoencoder' that knows slow signals: it takes means of three samples."""
    mean = Conv1d("mean", np.full((1, 1, 5), 0.2), np.zeros(1), 1, 2, relu=False)
    plain = Network("smoother", WINDOW, Graph.chain(SAMPLES, (Direct("x"), mean), "values"))
    score = anomaly.Score(anomaly.SCORE, threshold)
    graph = anomaly.scored(plain.graph, "mean", "x", plain.shapes(), score)
    return Network("smoother", WINDOW, graph, classes=anomaly.CLASSES)


@pytest.fixture
def network(tmp_path):
    def save(threshold: float | None = None):
        path = tmp_path / "net.pt"
        save_checkpoint(path, smoother(threshold), meta=CheckpointMeta("made up", None))
        return str(path)

    return save


@pytest.fixture
def recordings(tmp_path):
    """Return a folder of a slow machine, and of one that rattles."""
    folder = tmp_path / "machine"
    folder.mkdir()
    rng = np.random.default_rng(4)
    time = np.arange(6000) / RATE
    slow = np.sin(2 * np.pi * 8 * time) + 0.05 * rng.normal(size=len(time))
    np.save(folder / "normal.npy", slow)
    np.save(folder / "rattle.npy", slow + 0.4 * np.sin(2 * np.pi * 320 * time))
    np.save(folder / "knock.npy", slow + 2.0 * (np.arange(len(time)) % 50 == 0))
    return folder


def quantized(path, output, *more):
    return run(["quantize", path, "-o", str(output), "--sample-rate", str(RATE), *more])


def report_of(output):
    return json.loads((output.with_name(f"{output.stem}-report") / "report.json").read_text())


def test_healthy_windows_set_the_threshold(network, recordings, tmp_path, capsys):
    output = tmp_path / "model.json"
    assert quantized(network(), output, "--data", str(recordings)) == 0
    told = capsys.readouterr().out
    assert "healthy: normal; faulty: knock, rattle" in told
    assert "above which 1 % of healthy windows were to be" in told
    assert "AUC float 1.0000" in told
    accuracy = report_of(output)["accuracy"]
    assert accuracy["kind"] == "anomaly"
    assert accuracy["auc_fixed"] > 0.99
    assert accuracy["false_alarm_rate"] < 0.1
    assert set(accuracy["faults"]) == {"knock", "rattle"}
    assert accuracy["faults"]["rattle"]["detected"] == 1.0
    model = read_model(output)
    assert model.classes == ("normal", "anomaly")
    assert accuracy["threshold"] == pytest.approx(model.threshold * model.steps[1])
    page = (output.with_name("model-report") / "index.html").read_text()
    assert "Each fault beside healthy windows" in page


def test_the_golden_score_is_the_float_one(network, recordings, tmp_path):
    output = tmp_path / "model.json"
    assert quantized(network(), output, "--data", str(recordings)) == 0
    model = read_model(output)
    x = np.load(recordings / "rattle.npy")[: 50 * WINDOW].reshape(50, WINDOW)
    found = golden.run(model, digitise(x, model.bits))[:, 1] * model.steps[1]
    floats = smoother().run(x * model.input_scale)[:, 1]
    assert found == pytest.approx(floats, rel=0.1)


@pytest.mark.parametrize("constant", [0.0, 3.0])
def test_a_constant_signal_has_a_score(network, recordings, tmp_path, constant):
    output = tmp_path / "model.json"
    assert quantized(network(), output, "--data", str(recordings)) == 0
    model = read_model(output)
    x = np.full((1, WINDOW), constant)
    assert np.isfinite(golden.run(model, digitise(x, model.bits))).all()


def test_healthy_recordings_alone(network, recordings, tmp_path, capsys):
    for name in ("rattle", "knock"):
        (recordings / f"{name}.npy").unlink()
    (recordings / "normal.npy").rename(recordings / "pump.npy")
    output = tmp_path / "model.json"
    assert quantized(network(), output, "--data", str(recordings)) == 0
    assert "healthy: pump; no faulty ones" in capsys.readouterr().out
    accuracy = report_of(output)["accuracy"]
    assert "auc_fixed" not in accuracy
    assert accuracy["false_alarm_rate"] < 0.1


def test_no_healthy_recordings(network, recordings, tmp_path, capsys):
    (recordings / "normal.npy").unlink()
    assert quantized(network(), tmp_path / "model.json", "--data", str(recordings)) == 3
    assert "must have healthy recordings" in capsys.readouterr().err
    more = "--data", str(recordings), "--healthy", "knock"
    assert quantized(network(), tmp_path / "model.json", *more) == 0


@pytest.mark.parametrize(("threshold", "which"), [("0", "every window"), ("1e6", "no window")])
def test_a_threshold_that_all_or_none_exceed_is_told(
    network, recordings, tmp_path, capsys, threshold, which
):
    output = tmp_path / "model.json"
    more = "--data", str(recordings), "--threshold", threshold
    assert quantized(network(), output, *more) == 0
    told = capsys.readouterr().out
    assert f"WARNING: {which} of the test part is above the threshold; its scores: least" in told


@pytest.mark.parametrize(
    ("threshold", "share", "told"),
    [(None, "0.001", True), (None, "0.1", False), (2.5, None, False)],
)
def test_too_few_windows_for_a_share_are_told(
    network, recordings, tmp_path, capsys, threshold, share, told
):
    more = () if share is None else ("--false-alarms", share)
    output = tmp_path / "model.json"
    assert quantized(network(threshold), output, "--data", str(recordings), *more) == 0
    found = "windows that are held out are few for such a share: one of 1,000" in (
        capsys.readouterr().out
    )
    assert found == told


def test_the_checkpoints_own_threshold_counts(network, recordings, tmp_path):
    found = []
    for more in ((), ("--threshold", "2.5"), ("--false-alarms", "0.2"), ("--contamination", "0.5")):
        output = tmp_path / "model.json"
        assert quantized(network(2.5), output, "--data", str(recordings), *more) == 0
        found.append(read_model(output).threshold)
    assert found[0] == found[1]
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--qat"], "--qat makes no sense for smoother"),
        (["--threshold", "1", "--false-alarms", "0.1"], "--threshold must come without"),
        (["--contamination", "0.1", "--false-alarms", "0.1"], "--false-alarms must come without"),
        (["--threshold", "nan"], "not a finite number"),
        (["--false-alarms", "1"], "0<=x<1"),
    ],
)
def test_what_makes_no_sense(network, recordings, tmp_path, capsys, options, told):
    more = ["--data", str(recordings), *options]
    assert quantized(network(), tmp_path / "model.json", *more) == 2
    assert told in capsys.readouterr().err


def test_a_network_of_classes_has_no_threshold(write_state, recordings, tmp_path, capsys):
    path = str(write_state(tmp_path / "classes.pt", seed=1))
    for option in ("--threshold=1", "--healthy=normal"):
        assert quantized(path, tmp_path / "model.json", option) == 2
        assert "which tells classes, not anomalies" in capsys.readouterr().err


def test_an_answer_in_verilator_is_the_golden_models(network, recordings, tmp_path):
    """Threshold, score and class of real windows, and of windows of extremes."""
    settings = Settings(
        network(), DataOptions(str(recordings), sample_rate=RATE), verify_windows=60
    )
    folder = tmp_path / "build"
    build(settings, folder, lambda _: None, upto="verify")
    found = json.loads((folder / "report.json").read_text())
    assert found["verification"]["mismatches"] == 0
    assert found["verification"]["windows"] >= 60
    assert found["accuracy"]["kind"] == "anomaly"
    assert run(["export", str(folder), "-o", str(tmp_path / "core")]) == 0
    assert "threshold__set" in (tmp_path / "core" / "README.md").read_text()
    assert run(["predict", str(folder), str(recordings / "rattle.npy")]) == 0
