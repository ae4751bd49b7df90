"""Folders and files of every name that a drive takes: they work, or are refused before any work."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hwgen.cli.main import run
from hwgen.flow import quantize

NAMES = [
    "a b",
    "a#b",
    "a:b",
    "a&b;c|d",
    "it's",
    '"quoted"',
    "$HOME",
    "100%",
    "back\\slash",
    "*",
    "[x]",
    "-o",
    "--help",
    "trailing.",
    "trailing ",
    " ",
    "Prüfstand 7 ®",
    "試験",
    "~",
    "x" * 255,
]


@pytest.fixture(scope="module")
def made(recordings, tmp_path_factory, write_state):
    """Return a checkpoint, and make its integer network only once."""
    checkpoint = write_state(tmp_path_factory.mktemp("net") / "tiny.pt")
    original, kept = quantize.quantize, []

    def once(settings, say):
        if not kept:
            kept.append(original(settings, say))
        return kept[0]

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(quantize, "quantize", once)
        yield checkpoint


@pytest.fixture(autouse=True)
def _stub(monkeypatch):
    def write(component, name: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"module {name};\nendmodule\n")

    monkeypatch.setattr("hwgen.hardware.emit.write_verilog", write)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_build_from_and_into_folders_of_any_name(
    made, stages, recordings, tmp_path, monkeypatch, capsys, name
):
    """A path that begins with a minus sign is an option's value, or stands behind ``--``."""
    monkeypatch.chdir(tmp_path)
    work = tmp_path / name
    work.mkdir()
    checkpoint = shutil.copy(made, work / "net.pt")
    shutil.copytree(recordings, work / "data")
    data = f"--data={Path(name) / 'data'}"
    folder = Path(name) / "build"
    command = ["build", "-o", str(folder), data, "--sample-rate", "12000", "--", str(checkpoint)]
    assert run(command) == 0, capsys.readouterr()
    assert json.loads((work / "build" / "report.json").read_text())["verification"]
    assert (work / "build" / "synth" / "top.bit").is_file()
    settings = json.loads((work / "build" / "settings.json").read_text())
    assert settings["checkpoint"] == str(checkpoint)
    assert run(["report", "--", str(folder)]) == 0
    recording = Path(name) / "data" / "inner.npy"
    assert run(["predict", "--", str(folder), str(recording)]) == 0
    capsys.readouterr()
    assert not [path for path in work.rglob(".*") if path.is_file()]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["line\nbreak", "tab\there", "\x1b[2J", "\x85"], ids=ascii)
def test_a_name_that_no_line_can_tell_is_refused_before_any_work(
    made, stages, recordings, tmp_path, capsys, name
):
    for command in (
        ["build", str(made), "-o", str(tmp_path / name)],
        ["demo", "-o", str(tmp_path / name)],
        ["train", "--data", "synthetic", "-o", str(tmp_path / name)],
        ["quantize", str(made), "-o", str(tmp_path / name)],
    ):
        assert run(command) == 2
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        assert "must not have control characters" in line
        assert "\x1b" not in line
    assert list(tmp_path.iterdir()) == []
    assert stages == []
