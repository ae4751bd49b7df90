"""`hwgen explain`, from a network's file or a build to its files."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from hwgen.cli.main import run
from hwgen.files import read_json


@pytest.fixture
def recording(tmp_path):
    """Return a recording of impacts at 107.3 Hz."""
    time = np.arange(12_000) / 12_000
    x = np.exp(-400 * (time % (1 / 107.3))) * np.sin(2 * np.pi * 3000 * time)
    path = tmp_path / "machine.npy"
    np.save(path, x + 0.01 * np.random.default_rng(5).normal(size=time.size))
    return path


@pytest.fixture
def asked(tmp_path, recording, write_state, capsys):
    """Return what runs the command on a small network: exit code, output, errors."""
    network = write_state(tmp_path / "tiny.pt")

    def ask(*more, of=network, file=recording):
        code = run(["explain", str(of), str(file), "-o", str(tmp_path / "out"), *map(str, more)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return ask


BEARING = ("--bearing", "6205", "--rpm", "1796", "--sample-rate", "12000")


def test_its_files(asked, tmp_path):
    code, out, err = asked(*BEARING)
    assert (code, err) == (0, "")
    assert "BPFO 107.3 Hz" in out
    assert "one over its RMS" in out
    out = tmp_path / "out"
    names = {"MANIFEST.json", "explain.npz", "explain.svg", "explain.html"}
    assert {path.name for path in out.iterdir()} == names
    with np.load(out / "explain.npz", allow_pickle=False) as found:
        assert found["wave"].shape == (256,)
        assert found["map.gradient x input"].shape == (256,)
        assert found["line_names"].tolist() == ["BPFO", "BPFI", "BSF", "FTF"]
        assert found["frequencies"][1] == 12_000 / 256
        assert json.loads(str(found["about"]))["target"].startswith("class ")
    page = (out / "explain.html").read_text()
    assert "data:image/svg+xml;base64," in page
    assert "<script" not in page


def test_as_json(asked):
    code, out, _ = asked("--json", "--class", "class 1", "--number", "3", *BEARING)
    found = json.loads(out)
    assert code == 0
    assert (found["target"], found["start"], found["begin_s"]) == ("class 1", 512, 512 / 12_000)
    assert [row["name"] for row in found["rows"]] == [
        "signal",
        "gradient x input",
        "Grad-CAM pool1",
    ]


def test_without_a_bearing_there_are_no_lines_and_it_says_so(asked):
    code, out, _ = asked()
    assert code == 0
    assert "nobody says which bearing it is; --bearing does" in out
    code, out, _ = asked("--bearing", "cwru")
    assert "nobody says how fast the shaft turns; --rpm does" in out
    code, out, _ = asked("--bearing", "cwru", "--rpm", "1800")
    assert (code, "BPFO" in out) == (0, False)
    assert "nobody states the sample rate; --sample-rate" in out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--class", "x"], "--class must be one of class 0, class 1, class 2, not 'x'"),
        (["--rpm", "0"], "--rpm must be above 0"),
        (["--bearing", "1,2"], "--bearing must be one of"),
        (["--at", "1"], "--at needs a sample rate"),
        (["--at", "5", "--sample-rate", "12000"], "--at must be 0 to 0.978667 s"),
        (["--number", "47"], "--number must be 1 to 46"),
        (["--number", "1", "--at", "0"], "give one of the two"),
        (["--layer", "fc1"], "--layer must be one of spectrum, conv1, pool1, not 'fc1'"),
    ],
)
def test_what_is_not_there_is_told_in_a_line(asked, tmp_path, more, said):
    code, _, err = asked(*more)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_short_recording_and_a_file_that_is_no_network(asked, tmp_path, recording):
    short = tmp_path / "short.npy"
    np.save(short, np.random.default_rng(1).normal(size=255))
    code, _, err = asked(file=short)
    assert (code, "must hold a window of 256 samples, not 255" in err) == (3, True)
    assert asked(of=recording)[0] == 3
    assert asked(of=tmp_path)[0] == 3


def test_a_folder_with_other_things_stays(asked, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("mine")
    assert asked()[0] == 2
    assert (tmp_path / "out" / "thesis.tex").read_text() == "mine"


def test_a_build_has_it_in_its_report(asked, built, tmp_path):
    folder = tmp_path / "build"
    shutil.copytree(built, folder)
    code, out, _ = asked("--stride", "4", *BEARING, of=folder)
    assert code == 0
    assert "says all of its network" in out
    part = read_json(folder / "report.json")["explain"]
    assert part["rows"][0]["name"] == "signal"
    page = (folder / "report" / "index.html").read_text()
    assert "What it looked at" in page
    assert "maps of what the network looked at" in page
