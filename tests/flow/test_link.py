"""Programming and listening: what is refused, and what the tools are told."""

from __future__ import annotations

import json
import os
import tty
from dataclasses import replace

import pytest

from hwgen import files, protocol
from hwgen.boards import find_board
from hwgen.cli import monitor
from hwgen.cli.main import run
from hwgen.errors import CannotMeetError, InputError, LinkError, ToolError
from hwgen.flow import link
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.left import left_by_quantize
from hwgen.flow.options import SETTINGS
from hwgen.flow.request import check_pace
from hwgen.protocol import Diagnosis, DiagnosisFlag, Result, SensorFault

LOADER = """#!/bin/sh
[ "$1" = -V ] || echo "$@" > called.txt
"""


@pytest.fixture
def loader(tmp_path, monkeypatch):
    """Put a program in openFPGALoader's place that notes how it was called."""
    program = tmp_path / "bin" / "openFPGALoader"
    program.parent.mkdir()
    program.write_text(LOADER, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("loader")
def test_program_calls_the_loader_for_the_board(finished):
    _, folder = finished
    called = folder / "synth" / "called.txt"
    link.program(folder, lambda _: None)
    assert called.read_text() == "-b ulx3s top.bit\n"
    link.program(folder, lambda _: None, flash=True)
    assert called.read_text() == "-b ulx3s -f top.bit\n"


def test_program_without_the_loader_says_what_to_install(finished, monkeypatch):
    _, folder = finished
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolError, match="install it with: apt install openfpgaloader"):
        link.program(folder, lambda _: None)


@pytest.mark.usefixtures("loader")
def test_program_for_a_board_whose_cable_is_a_choice_says_what_to_call(finished, monkeypatch):
    _, folder = finished
    board = replace(find_board("ecp5"), loader=())
    monkeypatch.setattr(link, "find_board", lambda _: board)
    with pytest.raises(ToolError, match=r"openFPGALoader -c CABLE -f .*top\.bit"):
        link.program(folder, lambda _: None, flash=True)


def test_program_needs_a_bitstream(finished):
    _, folder = finished
    (folder / "synth" / "top.bit").unlink()
    with pytest.raises(InputError, match="has no bitstream of its design; make it: hwgen synth"):
        link.program(folder, lambda _: None)


def test_bench_needs_a_port_that_is_there(finished, capsys):
    _, folder = finished
    assert run(["bench", str(folder), "--port", "/dev/no-such-port"]) == LinkError.exit_code
    told = capsys.readouterr().err
    assert told.startswith("error: there is no port /dev/no-such-port;")
    assert told.count("\n") == 1


def test_bench_of_a_port_without_a_board(finished, monkeypatch):
    _, folder = finished
    near, far = os.openpty()
    tty.setraw(far)
    monkeypatch.setattr("hwgen.link.client.HELLO_TIMEOUT_S", 0.01)
    with pytest.raises(LinkError, match="is the port the board's, and the bit rate right"):
        link.bench(folder, os.ttyname(far), lambda _: None, windows=1, timeout_s=0.1)
    os.close(far)
    os.close(near)


def test_monitor_needs_a_sensor(finished):
    _, folder = finished
    with pytest.raises(InputError, match="has no sensor; build it with --source NAME"):
        next(link.monitor(folder, "/dev/no-such-port", lambda _: None, timeout_s=1.0))


@pytest.fixture
def board(finished, monkeypatch):
    """Stand in for a board with a sensor: one good window, one unknown, one while it is stuck."""
    settings, folder = finished
    hardware = settings.hardware.but(source="ics43434")
    files.write_json(folder / SETTINGS, replace(settings, hardware=hardware).to_json())
    model = left_by_quantize(folder)
    digest = bytes.fromhex(model.digest)[:8]
    hello = protocol.Hello(digest, model.input_samples, 100_000, len(model.classes), 16)
    result = Result(1, 622, tuple(range(len(model.classes))))
    near, far = os.openpty()
    tty.setraw(far)

    class Port(link.SerialPort):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            os.write(near, protocol.encode_hello_reply(1, hello))
            for number, confirmed, flags, faults in (
                (7, 1, DiagnosisFlag.ALARM, 0),
                (8, 1, DiagnosisFlag.UNKNOWN, 0),
                (9, protocol.NO_CLASS, DiagnosisFlag.UNKNOWN, SensorFault.STUCK),
            ):
                told = Diagnosis(result, confirmed, flags, faults, number // 9 * 2)
                os.write(near, protocol.encode_diagnosis(number, told))

    monkeypatch.setattr(link, "SerialPort", Port)
    yield folder, os.ttyname(far), model.classes[1]
    os.close(far)
    os.close(near)


def test_monitor_prints_what_a_board_says(board, capsys):
    folder, port, name = board
    assert run(["monitor", str(folder), "--port", port, "--count", "3"]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.split() == ["7", name, "confirmed:", name, "alarm"]
    # A window that counts for no class is not shown like one that does.
    assert second.split() == ["8", f"({name})", "confirmed:", name, "unknown"]
    assert third.split()[:4] == ["9", f"({name})", "confirmed:", "-"]
    assert third.endswith("unknown, sensor: stuck, 2 samples lost")


def test_monitor_says_in_json_whether_a_class_is_known(board, capsys):
    folder, port, name = board
    assert run(["monitor", str(folder), "--port", port, "--count", "3", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["known"] for each in told] == [True, False, False]
    assert [each["class"] for each in told] == [name] * 3
    assert [each["faults"] for each in told] == [[], [], ["stuck"]]


def test_monitor_has_values_in_json_where_there_are_any():
    def told(result):
        return monitor._object(1, Diagnosis(result, 0, DiagnosisFlag(0), 0, 0), "sound", None)

    assert told(Result(0, 622, (5, 7), (1, -2)))["numbers"] == [1, -2]
    assert "numbers" not in told(Result(0, 622, (5, 7)))


def test_line_that_is_faster_than_the_core_is_refused():
    board = find_board("ecp5")
    options = HardwareOptions.of(clock_mhz=100.0, baud=2_000_000)
    check_pace(options, board, 1000)
    with pytest.raises(CannotMeetError, match=r"baud must be at most 1923076 .* every 1040 cycles"):
        check_pace(options, board, 1040)
