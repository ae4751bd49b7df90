"""Outputs that are values, beside a class and without, from a checkpoint to the virtual board."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwgen import golden
from hwgen.cli.main import run
from hwgen.errors import InputError
from hwgen.files import read_json
from hwgen.flow import link
from hwgen.flow.build import build
from hwgen.flow.hardware_options import HardwareOptions, SensorOptions
from hwgen.flow.options import DataOptions, Settings
from hwgen.flow.quantize import read_model
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.network import SAMPLES, Graph, Network, Node, Output
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from hwgen.network.ops.maxpool1d import MaxPool1d
from hwgen.quantized.samples import digitise

WINDOW = 128


def network(*, classes: bool, kinds: tuple[str, str] = ("values", "values")) -> Network:
    """Return a convolution, its pooling and a dense layer that leave; with logits, or without.

    `kinds` are those of the dense layer and of the pooling.
    """
    rng = np.random.default_rng(8)
    nodes = [
        Node(Direct("direct"), (SAMPLES,)),
        Node(
            Conv1d("conv1", rng.normal(0, 0.4, (2, 1, 7)), rng.normal(0, 0.1, 2), 4, 3), ("direct",)
        ),
        Node(MaxPool1d("pool1", 4), ("conv1",)),
        Node(Dense("fc1", rng.normal(0, 0.5, (5, 16)), rng.normal(0, 0.1, 5), False), ("pool1",)),
    ]
    outputs = [Output(name, kind) for name, kind in zip(("fc1", "pool1"), kinds, strict=True)]
    if classes:
        nodes.append(Node(Dense("fc2", rng.normal(0, 1, (3, 5)), rng.normal(0, 1, 3)), ("fc1",)))
        outputs.append(Output("fc2"))
    names = ("inner", "outer", "sound") if classes else ()
    graph = Graph((SAMPLES,), tuple(nodes), tuple(outputs))
    return Network("made up", WINDOW, graph, names, 1.0, 12_000.0)


@pytest.fixture(params=[True, False], ids=["class and values", "values"])
def checkpoint(request, tmp_path) -> Path:
    path = tmp_path / "net.pt"
    save_checkpoint(path, network(classes=request.param), meta=CheckpointMeta("made up", None))
    return path


@pytest.fixture
def settings(checkpoint, recordings) -> Settings:
    data = DataOptions(data=str(recordings), sample_rate=12_000)
    return Settings(checkpoint=str(checkpoint), data=data, verify_windows=12)


@pytest.mark.slow
def test_from_a_checkpoint_to_the_virtual_board(settings, tmp_path, recordings, capsys):
    folder = tmp_path / "net"
    report = build(settings, folder, lambda _: None, upto="verify")
    model = read_model(folder / "ir" / "model.json")
    assert (model.numbers, list(model.values)) == (5 + 16, ["fc1", "pool1"])
    assert report["verification"]["mismatches"] == 0 < report["verification"]["windows"]
    accuracy = report["accuracy"]
    if model.classes:
        assert accuracy["fixed_f1"] is not None
        assert "sqnr_db" not in accuracy
        assert accuracy["kind"] == "class"
    else:
        assert (accuracy["fixed_f1"], accuracy["agreement"]) == (None, None)
        assert accuracy["sqnr_db"] > 20
        assert accuracy["kind"] == "values"
        assert accuracy["max_error"] > accuracy["rms_error"] > 0
    found = link.bench(folder, link.VIRTUAL, lambda _: None, windows=3, timeout_s=5).said.found
    assert (found.windows, found.mismatches) == (4, 0)
    # The text of both reports says what there is.
    assert run(["report", str(folder)]) == 0
    told = capsys.readouterr().out
    assert ("values, SQNR" in told, "class agreement" in told) == (
        not model.classes,
        bool(model.classes),
    )
    assert run(["export", str(folder), "-o", str(tmp_path / "out")]) == 0
    assert "| pool1 | 2 | 8 | 5 to 20 |" in (tmp_path / "out" / "README.md").read_text()


def test_predict_writes_all_outputs(settings, tmp_path, recordings, stages, capsys):
    folder, file = tmp_path / "net", tmp_path / "found.npz"
    build(settings, folder, lambda _: None, upto="verify")
    asked = ["predict", str(folder), str(recordings / "inner.npy"), "--save", str(file)]
    assert run(asked) == 0
    model = read_model(folder / "ir" / "model.json")
    said = capsys.readouterr().out
    assert ("margin" in said) == bool(model.classes)
    if not model.classes:
        assert "23 windows" in said
        assert "values of fc1, pool1" in said
    count = 3000 // WINDOW
    samples = digitise(np.load(recordings / "inner.npy")[: count * WINDOW], model.bits)
    names = model.graph.sources()
    expected = golden.outputs(model, samples.reshape(count, WINDOW), names)
    float_network = Network.from_json(read_json(folder / "ir" / "network.json"))
    with np.load(file) as arrays:
        assert set(arrays) == {"start", *(f"output.{name}" for name in names)}
        assert arrays["start"].tolist() == [WINDOW * n for n in range(count)]
        for name, integers in zip(names, expected, strict=True):
            steps = model.graph[name].op.output.scale
            scale = steps[:, np.newaxis] if integers.ndim == 3 else steps
            np.testing.assert_allclose(arrays[f"output.{name}"], integers * scale)
        floats = float_network.outputs(np.load(recordings / "inner.npy")[np.newaxis, :WINDOW])
        for name, value in floats.items():
            assert np.abs(arrays[f"output.{name}"][0] - value[0]).max() < 0.1 * np.abs(value).max()


def test_a_recording_is_not_written_over(settings, tmp_path, recordings, stages, capsys):
    folder, file = tmp_path / "net", tmp_path / "inner.npy"
    build(settings, folder, lambda _: None, upto="verify")
    before = (recordings / "inner.npy").read_bytes()
    file.write_bytes(before)
    (tmp_path / "link.npz").symlink_to(file)
    for name in ("inner.npy", "link.npz", "../" + tmp_path.name + "/inner.npy"):
        asked = ["predict", str(folder), str(file), "--save", str(tmp_path / name)]
        assert run(asked) == 7
        assert "it is what is read; name another file" in capsys.readouterr().err
    assert file.read_bytes() == before


@pytest.mark.parametrize("classes", [True, False], ids=["class", "no class"])
def test_what_a_network_is_judged_by(classes, recordings, tmp_path, capsys):
    path, output = tmp_path / "net.pt", tmp_path / "model.json"
    made_up = network(classes=classes, kinds=("values", "values"))
    save_checkpoint(path, made_up, meta=CheckpointMeta("made up", None))
    data = ["--data", str(recordings), "--sample-rate", "12000"]
    assert run(["quantize", str(path), "-o", str(output), *data]) == 0
    told = capsys.readouterr()
    assert ("values, SQNR" in told.out) == (not classes)
    assert "synthetic" not in told.out + told.err
    model = read_model(output)
    samples = digitise(np.load(recordings / "inner.npy")[:WINDOW], model.bits)[np.newaxis]
    numbers = golden.judged(model, samples) * model.steps
    floats = Network.from_json(made_up.to_json()).judged(samples * model.bits.lsb)
    assert floats.shape == numbers.shape == (1, 3 if classes else 5 + 16)
    assert np.abs(numbers - floats).max() < 0.1 * np.abs(floats).max()


def test_a_network_without_a_class_says_that_its_data_are_synthetic(tmp_path, capsys):
    path = tmp_path / "net.pt"
    save_checkpoint(path, network(classes=False), meta=CheckpointMeta("made up", None))
    assert run(["quantize", str(path), "-o", str(tmp_path / "model.json")]) == 0
    assert "calibrated on synthetic signals" in capsys.readouterr().out


def test_a_checkpoint_is_not_written_over(tmp_path, capsys):
    path = tmp_path / "net.pt"
    save_checkpoint(path, network(classes=False), meta=CheckpointMeta("made up", None))
    before = path.read_bytes()
    assert run(["quantize", str(path), "-o", str(path)]) == 7
    assert "it is what is read; name another file" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"max_drop": 0.5}, "^--max-drop measures F1: the network must have an output that is"),
        ({"qat": True}, "^--qat measures F1: the network must have an output that is a class$"),
        (
            {"hardware": HardwareOptions(sensor=SensorOptions(source="ads8320"))},
            "^--source needs a network with an output that is a class, on which the board votes",
        ),
    ],
)
def test_what_needs_a_class(recordings, tmp_path, stages, change, text):
    path = tmp_path / "net.pt"
    save_checkpoint(path, network(classes=False), meta=CheckpointMeta("made up", None))
    data = DataOptions(data=str(recordings), sample_rate=12_000)
    asked = Settings(checkpoint=str(path), data=data, **change)
    with pytest.raises(InputError, match=text):
        build(asked, tmp_path / "net", lambda _: None)
