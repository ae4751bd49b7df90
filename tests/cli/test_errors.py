"""Bad input of every kind: one line, the right exit code, and nothing half-written."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import wavfile

USAGE, INPUT, CANNOT, MISMATCH, TOOL, ACCESS = 2, 3, 4, 5, 6, 7


@pytest.fixture(scope="session")
def good(tmp_path_factory, write_state) -> Path:
    return write_state(tmp_path_factory.mktemp("good") / "good.pt")


@pytest.fixture
def refused(hwgen, tmp_path, listing):
    """Run `hwgen build` and check that it fails with this code and leaves nothing at all."""

    def run(code: int, checkpoint: Path, *options: object) -> str:
        before = listing(tmp_path)
        folder = tmp_path / "new" / "build"
        outcome = hwgen("build", checkpoint, "-o", folder, *options)
        assert outcome.code == code, outcome
        assert not (tmp_path / "new").exists()
        assert listing(tmp_path) == before
        return outcome.line

    return run


class RunsCode:
    """Pickles as something that makes a file when it is loaded."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def checkpoints(folder: Path) -> dict[str, Path]:
    """Write files that are no checkpoints."""
    contents = {
        "empty": b"",
        "text": b"conv1.weight = [1, 2, 3]\n",
        "garbage": bytes(range(256)) * 40,
        "plain pickle": pickle.dumps({"conv1.weight": [1.0]}),
        "number": pickle.dumps(5),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    with zipfile.ZipFile(folder / "archive", "w") as archive:
        archive.writestr("readme.txt", "hello")
    (folder / "folder").mkdir()
    torch.save([1, 2], folder / "list")
    torch.save({"weight": torch.zeros(3)}, folder / "other network")
    return {path.name: path for path in folder.iterdir()}


@pytest.mark.parametrize(
    "kind",
    ["empty", "text", "garbage", "plain pickle", "number", "archive", "folder", "list",
     "other network"],
)  # fmt: skip
def test_a_file_that_is_no_checkpoint(refused, tmp_path_factory, kind):
    path = checkpoints(tmp_path_factory.mktemp("bad"))[kind]
    assert str(path) in refused(INPUT, path)


def test_a_checkpoint_that_is_cut_short(refused, good, tmp_path):
    path = tmp_path / "short.pt"
    path.write_bytes(good.read_bytes()[:-500])
    assert "damaged" in refused(INPUT, path)


@pytest.mark.parametrize("way", ["pickle", "torch", "in a state_dict"])
def test_a_pickle_that_would_run_code_does_not(refused, tmp_path_factory, way):
    folder = tmp_path_factory.mktemp("evil")
    path, made = folder / "evil.pt", folder / "made"
    if way == "pickle":
        path.write_bytes(pickle.dumps(RunsCode(made)))
    elif way == "torch":
        torch.save(RunsCode(made), path)
    else:
        torch.save({"conv1.weight": torch.zeros(2, 1, 16), "x": RunsCode(made)}, path)
    line = refused(INPUT, path)
    assert "run code" in line
    assert "mkdir" in line
    assert not made.exists()


def change(name: str):
    def drop(state: dict) -> None:
        del state["fc1.weight"]

    def extra(state: dict) -> None:
        state["lstm.weight"] = torch.zeros(3)

    def flat(state: dict) -> None:
        state["conv1.weight"] = state["conv1.weight"].reshape(-1)

    def bias(state: dict) -> None:
        state["fc1.bias"] = torch.zeros(7)

    def nan(state: dict) -> None:
        state["fc1.weight"][1, 2] = float("nan")

    def infinite(state: dict) -> None:
        state["conv1.bias"][0] = -float("inf")

    return locals()[name]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("drop", "fc1.weight"),
        ("extra", "lstm.weight"),
        ("flat", "conv1.weight"),
        ("bias", "fc1.bias"),
        ("nan", "1 of 48 in fc1.weight"),
        ("infinite", "1 of 2 in conv1.bias"),
    ],
)
def test_tensors_that_do_not_fit_are_named(refused, write_state, tmp_path, name, said):
    path = write_state(tmp_path / "bad.pt", change=change(name))
    assert said in refused(INPUT, path)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("empty.npy", "1 to"),
        ("short.npy", "too short"),
        ("garbage.mat", "garbage.mat"),
        ("garbage.wav", "garbage.wav"),
        ("text.csv", "text.csv"),
        ("nan.npy", "finite"),
        ("constant.npy", "no vibration"),
        ("objects.npy", "objects.npy"),
        ("table.npy", "40 signals"),
    ],
)
def test_a_recording_that_cannot_be_used_is_named(
    refused, good, recordings, tmp_path_factory, file, said
):
    folder = Path(shutil.copytree(recordings, tmp_path_factory.mktemp("data") / "data"))
    path = folder / file
    match path.stem:
        case "empty":
            path.touch()
        case "short":
            np.save(path, np.arange(100.0) % 7)
        case "nan":
            np.save(path, np.where(np.arange(3000) == 7, np.nan, np.arange(3000)))
        case "constant":
            np.save(path, np.zeros(3000))
        case "objects":
            np.save(path, np.array([RunsCode(folder / "made")] * 9), allow_pickle=True)
        case "table":
            np.save(path, np.random.default_rng(0).normal(size=(40, 40)))
        case _:
            path.write_bytes(b"\x00 not, a number\n" * 999)
    (folder / "sound.npy").unlink()
    line = refused(INPUT, good, "--data", folder)
    assert said in line
    assert file in line
    assert not (folder / "made").exists()


def test_a_recording_that_may_not_be_read(refused, good, recordings, tmp_path_factory):
    folder = Path(shutil.copytree(recordings, tmp_path_factory.mktemp("data") / "data"))
    (folder / "sound.npy").unlink()
    (folder / "sound.npy").symlink_to(folder / "gone.npy")
    assert "sound.npy" in refused(ACCESS, good, "--data", folder)


def test_a_folder_without_recordings(refused, good, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "notes.txt").write_text("none")
    assert ".wav" in refused(INPUT, good, "--data", folder)
    assert "cannot read" in refused(ACCESS, good, "--data", folder / "gone")
    assert "is a file" in refused(INPUT, good, "--data", folder / "notes.txt")


def test_the_wrong_number_of_classes(refused, write_state, tmp_path, recordings):
    path = write_state(tmp_path / "four.pt", classes=4)
    line = refused(INPUT, path, "--data", recordings)
    assert "(4), not 3 (inner, outer, sound)" in line


def test_sample_rates_that_differ(refused, good, recordings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, rate in (("a", 12_000), ("b", 48_000), ("c", 12_000)):
        samples = np.random.default_rng(1).normal(0, 0.1, 3000)
        wavfile.write(folder / f"{name}.wav", rate, samples.astype(np.float32))
    line = refused(INPUT, good, "--data", folder)
    assert "12000 Hz" in line
    assert "48000 Hz" in line
    assert "--class-from" in line


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("ulx3s", "ulx3s-85f"), ("ULX3S-26F", "ulx3s-25f"), ("ecpix5", "ecpix5-85f"), ("", "")],
)
def test_an_unknown_board_with_the_nearest_names(refused, good, name, nearest):
    line = refused(USAGE, good, "--board", name)
    assert nearest in line
    assert "hwgen boards" in line


def test_a_parallelism_that_the_board_cannot_hold(refused, good, write_state, tmp_path):
    line = refused(CANNOT, good, "--parallel", 100_000)
    assert "parallel must be 1 to " in line
    assert "not 100000" in line
    refused(CANNOT, good, "--parallel", 0)
    wide = write_state(tmp_path / "wide.pt", filters=8, kernel=64, window=2048)
    line = refused(CANNOT, wide, "--parallel", 256, "--board", "ulx3s-12f")
    assert "parallel must be at most about" in line
    assert "ulx3s-12f" in line
    assert "larger board" in line


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--dsp", 1000, "156 on ulx3s-85f, not 1000"),
        ("--dsp", -1, "not -1"),
        ("--clock-mhz", 500, "400 MHz"),
        ("--clock-mhz", 2, "3.125"),
        ("--baud", 12_000_000, "baud must be at most"),
    ],
)
def test_dsp_cells_clock_and_bit_rate_that_cannot_be_had(refused, good, option, value, said):
    assert said in refused(CANNOT, good, option, value)


@pytest.mark.parametrize("name", ["g++", "make", "perl"])
def test_a_missing_tool_with_the_command_that_installs_it(
    refused, good, tmp_path_factory, monkeypatch, name
):
    path = tmp_path_factory.mktemp("bin")
    for other in {"g++", "make", "perl"} - {name}:
        (path / other).symlink_to(shutil.which(other))
    monkeypatch.setenv("PATH", str(path))
    line = refused(TOOL, good)
    assert f"{name} is not on PATH" in line
    assert f"install {name}" in line


def test_doctor_says_how_to_install_what_is_missing(hwgen, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = hwgen("doctor")
    assert outcome.code == TOOL
    assert "g++" in outcome.line
    assert "apt install g++" in outcome.out


def test_a_folder_below_a_file(refused, good, hwgen, tmp_path):
    (tmp_path / "file").write_text("mine")
    for command in (
        ("build", good, "-o", tmp_path / "file"),
        ("build", good, "-o", tmp_path / "file" / "build"),
        ("quantize", good, "-o", tmp_path / "file" / "model.json"),
        ("train", "--data", "synthetic", "-o", tmp_path / "file" / "ckpt.pt", "--epochs", 1),
        ("demo", "-o", tmp_path / "file" / "demo"),
    ):
        outcome = hwgen(*command)
        assert outcome.code == ACCESS
        assert str(tmp_path / "file") in outcome.line
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode != 0


@pytest.fixture
def disk():
    """Mount a small file system; not in pytest's folders, which a later run has to remove."""
    folder = Path(tempfile.mkdtemp(prefix="hwgen-test-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if not shutil.which("mount") or _fails(command):
        folder.rmdir()
        pytest.skip("mounting a small file system takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk(hwgen, good, disk, recordings, listing):
    (disk / "filler").write_bytes(b"x" * 40_000)
    outcome = hwgen("build", good, "-o", disk / "build", "--data", recordings)
    assert outcome.code == ACCESS
    assert "No space left" in outcome.line
    left = listing(disk / "build")
    assert not any(name.endswith(("stage.json", "report.json")) for name in left)
    assert not any(Path(name).name.startswith(".") for name in left)
    with pytest.raises(OSError, match="No space"):
        (disk / "more filler").write_bytes(b"x" * 60_000)
    outcome = hwgen("quantize", good, "-o", disk / "model.json", "--data", recordings)
    assert outcome.code == ACCESS
    assert not (disk / "model.json").exists()


@pytest.mark.slow
def test_a_disk_that_fills_up_during_the_simulation(hwgen, built, disk, listing):
    subprocess.run(["mount", "-o", "remount,size=3m", str(disk)], check=True)
    folder = disk / "build"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("sim"))
    before = listing(folder)
    outcome = hwgen("verify", folder)
    assert outcome.code == ACCESS
    assert "space" in outcome.line.lower()
    after = listing(folder)
    assert "sim/stage.json" not in after
    assert (
        after["report.json"] == before["report.json"]
        or b'"verification": null' in (after["report.json"])
    )


def test_a_read_only_folder(hwgen, good, disk, tmp_path):
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for command in (
        ("build", good, "-o", disk / "build"),
        ("quantize", good, "-o", disk / "model.json"),
        ("train", "--data", "synthetic", "-o", disk / "ckpt.pt"),
        ("demo", "-o", disk),
    ):
        outcome = hwgen(*command)
        assert outcome.code == ACCESS
        assert str(disk) in outcome.line
    assert list(disk.iterdir()) == []


@pytest.mark.slow
def test_a_mismatch_is_told_first(hwgen, built, tmp_path, warm):
    folder = tmp_path / "build"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("verilator"))
    shutil.rmtree(folder / "sim")
    warm(folder / "sim")
    path = folder / "rtl" / "hwgen_core.v"
    text = path.read_text()
    assert text.count(" + ") > 10
    place = text.index(" + ", text.index("engine.mac"))
    path.write_text(text[:place] + " - " + text[place + 3 :])
    outcome = hwgen("verify", folder)
    assert outcome.code == MISMATCH
    assert "windows differ from the golden model" in outcome.line
    table = outcome.out[outcome.out.index("bearingpga on") :].splitlines()
    assert table[1].startswith("PROBLEM: verification failed")
    # It stays an error when nothing is run again.
    again = hwgen("verify", folder)
    assert again.code == MISMATCH
    assert "verify: unchanged, not run again" in again.out
    assert "PROBLEM: verification failed" in again.out
    assert hwgen("synth", folder).code == MISMATCH


@pytest.mark.parametrize("command", ["verify", "synth", "report", "export"])
def test_a_folder_that_is_no_build(hwgen, tmp_path, command):
    for folder in (tmp_path, tmp_path / "gone"):
        outcome = hwgen(command, folder)
        assert outcome.code == INPUT
        assert "hwgen build" in outcome.line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["verify", "synth", "report", "export", "predict"])
@pytest.mark.parametrize(
    "damage",
    [
        ("settings.json", b""),
        ("settings.json", b'{"checkpoint": 5}'),
        ("settings.json", b"[" * 100_000),
        ("ir/model.json", b"{}"),
        ("ir/model.json", b"\xff\xfe"),
        ("ir/windows.npz", b"PK"),
        ("ir/stage.json", b'{"key": null, "result": {}, "check": ""}'),
        ("report.json", b"{}"),
    ],
    ids=lambda damage: f"{damage[0]} {damage[1][:8]!r}",
)
def test_a_damaged_build_is_an_input_error_or_made_again(
    hwgen, built, tmp_path, recordings, command, damage
):
    file, content = damage
    folder = tmp_path / "build"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns("verilator"))
    (folder / file).write_bytes(content)
    options = [recordings / "inner.npy"] if command == "predict" else []
    if command == "synth" and file == "report.json":
        return  # it would synthesise
    outcome = hwgen(command, folder, *options)
    assert outcome.code in (0, INPUT)
    if outcome.code:
        assert Path(file).name in outcome.line or "build again" in outcome.line
