"""What a network is, and where it fits, before any build."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from hwgen import importers, metrics
from hwgen.boards import load_boards
from hwgen.cli.main import run
from hwgen.flow import readings
from hwgen.flow.options import DataOptions
from hwgen.flow.prepared import prepared
from hwgen.flow.windows import gather
from hwgen.importers import CheckpointMeta, save_checkpoint
from hwgen.network import Network
from hwgen.network.ops.avgpool1d import AvgPool1d
from hwgen.network.ops.conv1d import Conv1d
from hwgen.network.ops.dense import Dense
from hwgen.network.ops.direct import Direct
from tests.importers.onnx.models import model

WINDOW = 64


def loudness(scale: float = 1.0) -> Network:
    """Return a network that tells loud windows from quiet ones, by the mean of what is above 0."""
    layers = (
        Direct("direct"),
        Conv1d("rectified", np.ones((1, 1, 1)), np.zeros(1), 1, 0),
        AvgPool1d("mean", WINDOW),
        Dense("which", np.array([[-scale], [scale]]), np.array([0.8, -0.8])),
    )
    return Network.chain("loudness", WINDOW, layers)


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "net.pt"
    save_checkpoint(path, loudness(), meta=CheckpointMeta("made up", None))
    return path


@pytest.fixture
def loud_and_quiet(tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    rng = np.random.default_rng(4)
    for name, rms in (("a_quiet", 1.0), ("b_loud", 3.0)):
        np.save(folder / f"{name}.npy", rms * rng.normal(size=6000))
    return folder


def asked(capsys, *arguments) -> dict:
    code = 4 if any(str(each).endswith("odd.onnx") for each in arguments) else 0
    assert run(["inspect", *map(str, arguments), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_layers_and_every_board(checkpoint, capsys):
    found = asked(capsys, checkpoint, "--sample-rate", 12_000)
    assert (found["schema"], found["name"]) == (1, "loudness")
    assert found["input"] == {"shape": [1, WINDOW], "preparation": None}
    assert found["outputs"] == [{"name": "which", "shape": [2], "kind": "class"}]
    rows = {row["name"]: row for row in found["nodes"]}
    assert all(row["supported"] and row["reason"] is None for row in rows.values())
    assert (rows["rectified"]["macs"], rows["rectified"]["parameters"]) == (WINDOW, 2)
    assert (rows["mean"]["macs"], rows["mean"]["shape"]) == (0, [1, 1])
    assert (found["macs"], found["parameters"]) == (WINDOW + 2, 6)
    assert [row["name"] for row in found["boards"]] == list(load_boards())
    for row in found["boards"]:
        assert (row["fits"], row["reason"], row["family"], row["weights"]) == (
            True, None, load_boards()[row["name"]].target.name, "ram",
        )  # fmt: skip
        assert row["keeps_up"]
        cycles = row["cycles_last_sample_to_class"]
        assert min(cycles, *(row[kind] for kind in ("cycles_per_window", "lut4", "dsp", "ebr"))) > 0
        assert row["last_sample_to_class_us"] == pytest.approx(cycles / row["clock_mhz"])
    assert found["preparations"] == []


def test_a_board_that_is_too_slow_or_too_small_says_so(tmp_path, capsys):
    path = tmp_path / "net.onnx"
    nodes = "a = Conv <pads=[1, 1]> (x, w) b = Relu (a) c = Flatten (b) y = Gemm (c, u)"
    # 131,072 weights: more than a 25F's block RAMs hold.
    made = model(nodes, (1, 1, 256), w=(32, 1, 3), u=(32 * 256, 16))
    path.write_bytes(made.SerializeToString())
    found = asked(capsys, path, "--sample-rate", 3_000_000)
    assert any("is a class, one of 16" in note for note in found["notes"])
    rows = {row["name"]: row for row in found["boards"]}
    for name in ("ulx3s-12f", "ulx3s-25f", "icepi-zero-25f"):
        assert not rows[name]["fits"]
        assert "block RAMs of" in rows[name]["reason"]
        assert rows[name]["cycles_per_window"] is None
    assert rows["ulx3s-85f"]["fits"]
    for row in rows.values():
        assert (row["keeps_up"] is None) == (row["cycles_per_window"] is None)
        if row["fits"]:
            assert row["keeps_up"] == (row["windows_per_second"] * 256 >= 3_000_000)
    assert run(["inspect", str(path)]) == 0
    told = capsys.readouterr().out
    assert "does not fit" in told
    problems = [line for line in told.splitlines() if "net does not fit on this board" in line]
    assert any(
        line.startswith("colorlight-5a75b-25f, colorlight-i5-25f, icep") for line in problems
    )
    assert len(problems) == 2


def test_a_design_that_takes_long_to_route_says_so(tmp_path, capsys):
    path = tmp_path / "wide.onnx"
    nodes = "a = Conv <pads=[1, 1]> (x, w) b = Relu (a) c = MaxPool <kernel_shape=[16], " \
            "strides=[16]> (b) d = Flatten (c) y = Gemm (d, u)"  # fmt: skip
    made = model(nodes, (1, 1, 256), w=(64, 1, 3), u=(64 * 16, 16))
    path.write_bytes(made.SerializeToString())
    boards = asked(capsys, path)["boards"]
    slow = [row["name"] for row in boards if row["slow_to_route"]]
    # On the large chips the default design has more multipliers.
    assert slow == [row["name"] for row in boards if (row["lut4"] or 0) > 12_000]
    assert "ulx3s-85f" in slow
    assert "ulx3s-25f" not in slow
    assert run(["inspect", str(path)]) == 0
    told = capsys.readouterr().out
    assert f"{', '.join(slow)}: place and route of so many LUT4 takes tens of minutes" in told


def test_how_windows_were_prepared_in_training(checkpoint, loud_and_quiet, capsys):
    data = ("--data", loud_and_quiet, "--sample-rate", 12_000)
    told = asked(capsys, checkpoint, *data)
    found = told["preparations"]
    assert told["input"]["preparation"] == found[0]["what"]
    assert len(found) == 8
    best = [each["what"] for each in found if each["f1"] > 0.95]
    assert set(best) == {"as recorded (g)", "every window without its mean"}
    scores = {each["what"]: each["f1"] for each in found}
    assert scores["every window by its own z-score"] < 0.7  # nothing is loud then
    assert sorted(scores.values(), reverse=True) == [each["f1"] for each in found]
    assert run(["inspect", str(checkpoint), *map(str, data)]) == 0
    told = capsys.readouterr().out
    assert f"most likely: {best[0]} (F1" in told
    assert "--input-scale 1\n" in told
    options = {each["what"]: each["options"] for each in found}
    assert options["every window by its own z-score"] == "--prepare z-score"
    assert options["every window without its mean"] == "--prepare mean --input-scale 1"
    # Asked for, the others are tried all the same.
    again = asked(capsys, checkpoint, *data, "--prepare", "z-score")
    assert again["preparations"] == found
    assert any("by its own z-score (given)" in note for note in again["notes"])
    assert again["nodes"][0]["op"] == "normalise"


def test_a_wrong_preparation_hides_no_other(checkpoint, loud_and_quiet):
    """What would answer right is tried on windows as they are, not on those that were prepared."""
    made = prepared(importers.load(checkpoint), "z-score")
    data = DataOptions(data=str(loud_and_quiet), sample_rate=12_000)
    windows = gather(made, data, lambda _: None)
    logits = made.network.judged(windows.test * windows.input_scale)
    assert metrics.macro_f1(windows.labels, logits.argmax(axis=1), 2) < 0.7
    found = readings.read_otherwise(made, windows, logits)
    assert "--input-scale 1" in {each.how for each in found if each.f1 > 0.95}


def test_all_that_is_in_the_way_is_named(tmp_path, capsys):
    path = tmp_path / "odd.onnx"
    nodes = "a = Conv (x, v) b = LRN <size=3> (a) c = Einsum <equation='ijk->ikj'> (b)"
    made = model(f"{nodes} d = Flatten (c) y = Gemm (d, w)".replace("'", '"'), v=(3, 3, 3),
                 w=(114, 2))  # fmt: skip
    path.write_bytes(made.SerializeToString())
    found = asked(capsys, path)
    rows = {row["op"]: row for row in found["nodes"]}
    assert list(rows) == ["conv", "lrn", "einsum", "flatten", "gemm"]
    assert {op: row["supported"] for op, row in rows.items()} == {
        "conv": True, "lrn": False, "einsum": False, "flatten": True, "gemm": True,
    }  # fmt: skip
    assert rows["lrn"]["reason"] == "is not supported"
    assert rows["conv"]["shape"] == [3, 38]
    assert (rows["conv"]["parameters"], rows["conv"]["macs"]) == (27, 27 * 38)
    assert (found["parameters"], found["macs"]) == (27 + 228, 27 * 38 + 228)
    assert found["outputs"] == [{"name": "y", "shape": [2], "kind": "values"}]
    assert len(found["boards"]) == len(load_boards())
    assert not any(row["fits"] for row in found["boards"])
    assert run(["inspect", str(path)]) == 4
    told = capsys.readouterr()
    assert "(LRN) is not supported" in told.err
    assert "einsum" in told.out
    assert told.out.count("it has nodes that are not supported") == 1
    assert [each.name for each in tmp_path.iterdir()] == ["odd.onnx"]


def test_a_program_has_the_same_page(tmp_path, capsys):
    class Odd(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = torch.nn.Linear(32, 2)

        def forward(self, x):
            return self.last(torch.special.bessel_j0(x).erfinv())

    path = tmp_path / "odd.pt2"
    torch.export.save(torch.export.export(Odd(), (torch.zeros(1, 32),)), path)
    assert run(["inspect", str(path), "--json"]) == 4
    told = capsys.readouterr()
    found = json.loads(told.out)
    rows = {row["op"]: (row["supported"], row["shape"]) for row in found["nodes"]}
    wanted = {"special_bessel_j0": (False, [32]), "erfinv": (False, [32]), "gemm": (True, [2])}
    assert rows == wanted
    assert not any(row["fits"] for row in found["boards"])
    assert "(aten.special_bessel_j0) is not supported; " in told.err
    assert "(aten.erfinv) is not supported" in told.err


def test_what_no_board_does_is_said_once(tmp_path, capsys):
    path = tmp_path / "net.onnx"
    nodes = (
        "a = Transpose <perm=[2,0,1]> (x) b, c = LSTM <hidden_size=2> (a, w, r)"
        " d = Squeeze (c, n) y = Gemm (d, v)"
    )
    tensors = {"w": (1, 8, 1), "r": (1, 8, 2), "n": np.array([0]), "v": (2, 2)}
    path.write_bytes(model(nodes, (1, 1, 200), **tensors).SerializeToString())
    assert run(["inspect", str(path)]) == 0
    told = capsys.readouterr().out
    assert told.count("must go over at most 128 positions on chip, not 200") == 1
    assert "every board: " in told


def test_windows_may_have_been_a_spectrum(tmp_path, capsys):
    """Low tones and high ones are told by where the magnitudes are; no samples tell them so."""
    rng = np.random.default_rng(4)
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name, frequency in (("a_low", 0.03), ("b_high", 0.4)):
        tone = np.sin(2 * np.pi * frequency * np.arange(6000))
        np.save(folder / f"{name}.npy", tone + 0.3 * rng.normal(size=6000))
    rows = np.stack([np.arange(32) < 16, np.arange(32) >= 16]).astype(np.float32)
    made = model("a = Flatten (x) y = Gemm <transB=1> (a, w)", (1, 1, 32), w=rows)
    path = tmp_path / "net.onnx"
    path.write_bytes(made.SerializeToString())
    data = ("--data", folder, "--sample-rate", 12_000)
    found = asked(capsys, path, *data)["preparations"]
    assert len(found) == 8 + 3
    best, *others = found
    assert best["what"].startswith("as |FFT| of 64 samples times ")
    assert best["f1"] == 1
    assert max(each["f1"] for each in others if "FFT" not in each["what"]) < 0.9
    # Told so, it is what is read, and the usual ways are tried.
    told = asked(capsys, path, *best["options"].split(), *data)
    assert told["input"]["shape"] == [1, 64]
    assert told["preparations"][0]["f1"] == 1
    assert len(told["preparations"]) == 8
