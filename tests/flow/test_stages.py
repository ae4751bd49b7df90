"""Which stages run, and what a failed or interrupted one leaves: slow stages by stand-ins."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from hwgen.errors import CannotMeetError, InputError, MismatchError
from hwgen.flow import check
from hwgen.flow.build import build, resume
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import read_settings
from hwgen.flow.results import judge_timing, write_report
from hwgen.quantized import Precision


def ran(said: list[str]) -> set[str]:
    """Return the stages that were run, by what the user was told."""
    return {name for name in ("quantize", "generate", "verify", "synth")
            if any(s.startswith(f"{name}:") for s in said)
            and f"{name}: unchanged, not run again" not in said}  # fmt: skip


def report_of(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, set()),
        ({"hardware": HardwareOptions.of(seeds=(7,))}, {"synth"}),
        ({"hardware": HardwareOptions.of(clock_mhz=50)}, {"synth"}),
        ({"hardware": HardwareOptions.of(board="ulx3s-12f")}, {"generate", "synth"}),
        ({"hardware": HardwareOptions.of(parallel=1)}, {"generate", "verify", "synth"}),
        ({"verify_windows": 30}, {"quantize", "verify"}),
        ({"bits": Precision(feature=6)}, {"quantize", "generate", "verify", "synth"}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_an_option_runs_again_what_depends_on_it(finished, stages, change, expected):
    settings, folder = finished
    said: list[str] = []
    build(dataclasses.replace(settings, **change), folder, said.append)
    assert ran(said) | set(stages) == expected
    assert set(stages) == expected & {"verify", "synth"}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("ir/network.json", {"quantize"}),
        ("ir/model.json", {"quantize"}),
        ("ir/windows.npz", {"quantize"}),
        ("ir/stage.json", {"quantize"}),
        ("rtl/hwgen_core.v", {"generate"}),
        ("rtl/stage.json", {"generate"}),
        ("sim/stage.json", {"verify"}),
        ("synth/top.bit", {"synth"}),
        ("synth/stage.json", {"synth"}),
        ("report.json", set()),
        ("report/index.html", set()),
        ("settings.json", set()),
    ],
)
@pytest.mark.parametrize("damage", ["missing", "cut short", "garbage"])
def test_what_is_missing_or_damaged_is_made_again(finished, stages, file, expected, damage):
    settings, folder = finished
    before = report_of(folder)
    path = folder / file
    whole = path.read_bytes()
    path.unlink()
    if damage == "cut short":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "garbage":
        path.write_bytes(b'{"key": "\xff\x00' + whole)
    said: list[str] = []
    build(settings, folder, said.append)
    assert ran(said) | set(stages) == expected
    if not (file == "report/index.html" and damage != "missing"):
        assert len(path.read_bytes()) > 0.9 * len(whole)
    assert report_of(folder) | {"seconds": None} == before | {"seconds": None}


def test_changed_recordings_are_read_again(finished, tmp_path, recordings):
    settings, folder = finished
    copy = Path(shutil.copytree(recordings, tmp_path / "copy"))
    moved = dataclasses.replace(settings.data, data=str(copy))
    settings = dataclasses.replace(settings, data=moved)
    build(settings, folder, lambda _: None)
    said: list[str] = []
    build(settings, folder, said.append)
    assert ran(said) == set()
    samples = np.load(copy / "inner.npy")
    np.save(copy / "inner.npy", 2 * samples)
    said.clear()
    build(settings, folder, said.append)
    assert "quantize" in ran(said)


def test_a_changed_checkpoint_is_read_again(finished, tmp_path, write_state):
    settings, folder = finished
    digest = report_of(folder)["design"]["digest"]
    path = Path(shutil.copy(settings.checkpoint, tmp_path / "other.pt"))
    settings = dataclasses.replace(settings, checkpoint=str(path))
    said: list[str] = []
    build(settings, folder, said.append)
    assert ran(said) == set()  # the content counts, not the name
    write_state(path, seed=1)
    build(settings, folder, lambda _: None)
    assert report_of(folder)["design"]["digest"] != digest


def test_verilog_changed_by_hand_is_verified_as_it_is_but_not_built_on(finished, stages):
    settings, folder = finished
    path = folder / "rtl" / "hwgen_core.v"
    whole = path.read_text()
    path.write_text(whole + "// changed\n")
    resume(settings, folder, lambda _: None, upto="verify")
    assert stages == ["verify"]
    assert path.read_text() != whole
    build(settings, folder, lambda _: None, upto="verify")
    assert path.read_text() == whole


@pytest.mark.parametrize("text", ['{"result": 5}', "[]", '{"key": 1, "result": {}, "outputs": {}}'])
def test_a_record_that_was_not_written_by_a_stage_does_not_count(finished, text):
    settings, folder = finished
    (folder / "ir" / "stage.json").write_text(text)
    with pytest.raises(InputError, match="build again"):
        resume(settings, folder, print, upto="verify")


@pytest.mark.parametrize("file", ["model.json", "windows.npz"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"[1, 2]", b"PK\x03\x04 not an archive"])
def test_resuming_from_a_damaged_network_is_an_input_error(finished, file, content):
    settings, folder = finished
    (folder / "ir" / file).write_bytes(content)
    with pytest.raises(InputError, match=file):
        resume(settings, folder, print, upto="verify")


@pytest.mark.parametrize(
    "windows",
    [
        np.zeros((0, 256), np.int16),
        np.zeros((2, 255), np.int16),
        np.full((2, 256), 1 << 20),
        np.zeros((2, 256)),
    ],
    ids=["none", "of another length", "beyond the ADC", "not integers"],
)
def test_windows_that_cannot_be_verified_are_an_input_error(finished, windows):
    settings, folder = finished
    np.savez_compressed(folder / "ir" / "windows.npz", samples=windows)
    with pytest.raises(InputError, match=r"windows\.npz"):
        resume(settings, folder, print, upto="verify")


def test_resuming_from_another_network_is_an_input_error(finished, tmp_path):
    settings, folder = finished
    build(
        dataclasses.replace(settings, bits=Precision(feature=6)), tmp_path / "other", lambda _: None
    )
    shutil.copy(tmp_path / "other" / "ir" / "model.json", folder / "ir" / "model.json")
    with pytest.raises(InputError, match="not the one that was calibrated"):
        resume(settings, folder, print, upto="verify")


def test_stages_run_alone_without_checkpoint_and_recordings(finished, stages):
    settings, folder = finished
    data = dataclasses.replace(settings.data, data="/gone")
    settings = dataclasses.replace(settings, checkpoint="/gone.pt", data=data)
    resume(settings, folder, lambda _: None, upto="synth")
    assert stages == []
    resume(settings, folder, lambda _: None, upto="verify", force=True)
    assert stages == ["verify"]
    resume(settings, folder, lambda _: None, upto="synth", force=True)
    assert stages == ["verify", "synth"]


def test_a_missed_clock_is_told_after_the_report_is_written(finished):
    settings, folder = finished
    settings = dataclasses.replace(settings, hardware=HardwareOptions.of(clock_mhz=200))
    with pytest.raises(CannotMeetError, match=r"150\.0 MHz.*not 200.*--clock-mhz"):
        resume(settings, folder, lambda _: None, upto="synth")
    assert report_of(folder)["timing"]["met"] is False
    with pytest.raises(CannotMeetError):
        judge_timing(settings, folder)


def test_a_failed_stage_leaves_no_results_of_the_design_before(finished, monkeypatch):
    settings, folder = finished
    assert report_of(folder)["resources"] is not None

    def broken(*_):
        raise MismatchError("the design stopped answering")

    monkeypatch.setattr(check, "check", broken)
    other = dataclasses.replace(settings, hardware=HardwareOptions.of(parallel=1))
    with pytest.raises(MismatchError):
        resume(other, folder, lambda _: None, upto="synth")
    report = report_of(folder)
    assert report["design"]["parallel"] == 1
    assert [report[key] for key in ("verification", "latency", "resources", "timing")] == [None] * 4


def test_an_interrupted_build_keeps_the_report_before(finished, monkeypatch):
    settings, folder = finished
    before = report_of(folder)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "check", interrupted)
    other = dataclasses.replace(settings, hardware=HardwareOptions.of(parallel=1))
    with pytest.raises(KeyboardInterrupt):
        resume(other, folder, lambda _: None, upto="verify")
    assert report_of(folder) == before
    # What is asked for later tells of the present design only.
    assert write_report(read_settings(folder), folder)["verification"] is None


@pytest.mark.parametrize("changed", ["checkpoint", "content", "recordings"])
def test_a_build_from_other_files_that_was_broken_off_is_not_taken_for_the_one_before(
    finished, tmp_path, recordings, write_state, monkeypatch, changed
):
    """All options are the same, and the files may have the same names."""
    settings, folder = finished
    checkpoint = write_state(tmp_path / "net.pt", seed=8)
    if changed == "checkpoint":
        other = dataclasses.replace(settings, checkpoint=str(checkpoint))
    elif changed == "content":
        mine = Path(shutil.copy(settings.checkpoint, tmp_path / "mine.pt"))
        other = settings = dataclasses.replace(settings, checkpoint=str(mine))
        build(settings, folder, lambda _: None)
        shutil.copy(checkpoint, mine)
    else:
        copy = Path(shutil.copytree(recordings, tmp_path / "copy"))
        np.save(copy / "inner.npy", np.load(copy / "inner.npy")[::-1])
        other = dataclasses.replace(
            settings, data=dataclasses.replace(settings.data, data=str(copy))
        )
    before = report_of(folder)["accuracy"], report_of(folder)["design"]["digest"]
    with monkeypatch.context() as patched:
        patched.setattr("hwgen.flow.build.run_generate", break_off)
        with pytest.raises(KeyboardInterrupt):
            build(other, folder, lambda _: None)
    asked = read_settings(folder)
    with pytest.raises(InputError, match="another checkpoint, from other recordings or"):
        resume(asked, folder, lambda _: None, upto="verify")
    told = write_report(asked, folder)
    for section in ("design", "accuracy", "verification", "resources"):
        assert told[section] is None
    build(other, folder, lambda _: None)
    assert (report_of(folder)["accuracy"], report_of(folder)["design"]["digest"]) != before
    resume(read_settings(folder), folder, lambda _: None, upto="synth")


def break_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_board_that_is_too_small_is_told_before_anything_is_written(finished, tmp_path):
    hardware = HardwareOptions.of(board="ulx3s-12f", parallel=4096)
    settings = dataclasses.replace(finished[0], hardware=hardware)
    with pytest.raises(CannotMeetError, match="parallel must be"):
        build(settings, tmp_path / "new", lambda _: None)
    assert not (tmp_path / "new").exists()
