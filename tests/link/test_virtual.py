"""The whole board top, compiled, behind a pseudo-terminal: the code that talks to a real board."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hwgen import files, golden
from hwgen.cli.main import run
from hwgen.errors import LinkError, MismatchError, ToolError
from hwgen.flow import link, quantize
from hwgen.flow.left import left_by_quantize
from hwgen.link import Expected, SerialPort
from hwgen.link.benchmark import Spread
from hwgen.link.faults import KINDS
from hwgen.link.soak import Soaked, soak
from hwgen.link.virtual import PROGRAM, Compiled, VirtualBoard, divisor_for
from hwgen.protocol import Counter
from tests.records import generated

pytestmark = pytest.mark.slow

FAULTS = 300


def compiled(folder: Path) -> Compiled:
    said = files.read_json(folder / "virtual" / "stage.json")["result"]
    return Compiled(folder / "virtual" / PROGRAM, said["divisor"], said["timeout_cycles"])


def windows_of(folder: Path):
    """Return samples of the verification windows and what must be answered."""
    model = left_by_quantize(folder)
    windows = quantize.read_windows(folder / quantize.FOLDER / "windows.npz", model)
    logits = golden.run(model, windows)
    pairs = zip(golden.classify(logits), logits.tolist(), strict=True)
    return windows.tolist(), [Expected(int(class_), tuple(row)) for class_, row in pairs]


def test_bench_measures_what_simulation_measured(measured):
    folder, found = measured
    report = files.read_json(folder / "report.json")
    latency = report["latency"]
    assert (found.windows, found.mismatches, found.retries) == (9, 0, 0)
    cycles = latency["cycles_last_sample_to_class"]
    assert found.latency_cycles == Spread(cycles, cycles, cycles)
    assert found.latency_us.max == pytest.approx(cycles / found.clock_mhz)
    # Beginning and end of the replay come on top, spread over thousands of windows.
    assert found.replay.cycles_per_window == pytest.approx(latency["cycles_per_window"], rel=1e-3)
    assert found.counters["results"] == found.windows
    assert not any(found.counters[counter.name.lower()] for counter in Counter
                   if counter not in (Counter.FRAMES, Counter.RESULTS))  # fmt: skip
    assert report["bench"] == found.to_json()


def test_command_prints_json(measured, capsys):
    folder, _ = measured
    assert run(["bench", str(folder), "--port", "virtual", "--windows", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["port"], found["windows"], found["mismatches"]) == ("virtual", 3, 0)


def test_command_prints_a_table_and_report_shows_it(measured, capsys):
    folder, _ = measured
    metered = "--watts", "0.4", "--idle-watts", "0.3", "--busy", "0.01"
    assert run(["bench", str(folder), "--port", "virtual", "--windows", "1", *metered]) == 0
    printed = capsys.readouterr().out
    assert "virtual: unchanged, not run again" in printed
    assert "a window is replayed for 0.01 s: read the meter now" in printed
    assert "0.1 W more than idle" in printed
    assert "MAX78000" in printed
    assert "windows per second on chip" in printed
    assert run(["report", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "on the board (virtual)" in printed
    assert "energy of an answer" in printed
    assert "On the board" in (folder / "report" / "index.html").read_text(encoding="utf-8")


def test_wrong_answers_are_found_and_told_first(measured, monkeypatch, capsys):
    folder, _ = measured

    def wrong(model, windows):
        logits = right(model, windows)
        logits[1] += 1
        return logits

    right = golden.answers
    with monkeypatch.context() as patched:
        patched.setattr(golden, "answers", wrong)
        with pytest.raises(MismatchError, match="1 of 5 answers of the board differ"):
            link.bench(folder, "virtual", lambda _: None, windows=4, timeout_s=60.0)
    assert run(["report", str(folder)]) == 0
    assert "PROBLEM: the board is wrong: 1 of 5" in capsys.readouterr().out


def test_board_of_another_design_is_refused(measured, monkeypatch):
    folder, _ = measured
    model = left_by_quantize(folder)
    monkeypatch.setattr(type(model), "digest", "77" * 32)
    monkeypatch.setattr(link, "left_by_quantize", lambda _: model)
    monkeypatch.setattr(link, "_generated", lambda *_: generated(interval=1))
    with compiled(folder).start() as virtual:
        with pytest.raises(LinkError, match="must run the build's design 7777777777777777"):
            link.bench(folder, virtual.port, lambda _: None, windows=1, timeout_s=10.0)


def test_port_of_a_running_board_is_busy(measured):
    with compiled(measured[0]).start() as virtual, SerialPort(virtual.port, 1_000_000):
        with pytest.raises(LinkError, match="in use by another program"):
            SerialPort(virtual.port, 1_000_000)


def test_no_wrong_answer_no_hang_none_unanswered(measured):
    """A share of what `make soak` does."""
    folder, _ = measured
    windows, expected = windows_of(folder)
    found = soak(Soaked(compiled(folder), windows, expected), FAULTS, seed=2)
    assert found.faults.total() >= FAULTS
    assert set(found.faults) == set(KINDS)
    assert found.windows >= FAULTS // 4
    assert (found.wrong, found.unanswered) == (0, 0)
    assert found.attempts.total() == found.windows
    assert max(found.attempts) > 1
    assert found.refusals.total() > FAULTS // 10


def test_soak_sees_a_wrong_answer(measured):
    folder, _ = measured
    windows, expected = windows_of(folder)
    wrong = [Expected(each.class_, (*each.logits[:-1], 1 << 30)) for each in expected]
    found = soak(Soaked(compiled(folder), windows, wrong), 2)
    assert found.wrong == found.windows > 0
    assert not found.passed


def test_virtual_board_that_does_not_start(tmp_path):
    with pytest.raises(ToolError, match="cannot start"):
        VirtualBoard(tmp_path / "nothing", 8, 100)
    script = tmp_path / "silent"
    script.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    script.chmod(0o755)
    with pytest.raises(ToolError, match="did not start"):
        VirtualBoard(script, 8, 100)


def test_divisor_leaves_the_core_its_pauses():
    assert [divisor_for(pause) for pause in (1, 160, 161, 1040)] == [8, 8, 9, 52]
