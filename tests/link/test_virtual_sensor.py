"""Sensor parts at the pins of a virtual board: what they play is what is diagnosed."""

from __future__ import annotations

import itertools
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from hwgen import files, golden
from hwgen.cli.main import run
from hwgen.errors import CannotMeetError
from hwgen.flow import link, quantize
from hwgen.flow.left import left_by_quantize
from hwgen.flow.options import SETTINGS, read_settings
from hwgen.gateware.decision import Decision, Vote
from hwgen.gateware.sensors.sensor import Sensor, plan_sensor
from hwgen.gateware.sensors.sources import find_part
from hwgen.link import Board, SerialPort
from hwgen.link.virtual import virtual_board
from hwgen.link.virtual_sensor import hurried, samples_of, write_recording
from tests.gateware.stand_in import SumCore

MHZ = 100.0
RATES = {"mcp3201": 12_000.0, "ads8320": 48_000.0, "ics43434": 16_000.0, "iis3dwb": 80_000 / 3}


def plan_at(name, clock_mhz, ratio=1):
    rate = RATES[name]
    return plan_sensor(
        name, model_rate=rate / ratio, sensor_rate=rate, clock_mhz=clock_mhz, full_scale=16.0
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mcp3201", "ics43434", "iis3dwb"])
def test_what_a_part_plays_is_diagnosed(name, tmp_path):
    part = find_part(name)
    # As many bits as the part gives or fewer, so that the core's samples are known.
    core = SumCore(adc_bits=min(16, part.bits))
    plan = hurried(lambda mhz: plan_at(name, mhz), core.plan, None, MHZ)
    source = Sensor(core.plan, plan)
    decision = Decision(core.plan, faulty=(0,), vote=Vote(1, 1))
    most = 1 << (core.plan.adc_bits - 1)
    windows = np.random.default_rng(5).integers(-most, most, (5, core.plan.input_samples))
    board = virtual_board(
        core, MHZ, "ab" * 32, tmp_path, source=source, decision=decision, bus=part.bus
    )
    words = write_recording(windows, core.plan.adc_bits, plan, tmp_path)
    with board.start(words) as virtual, SerialPort(virtual.port, 1_000_000) as port:
        found = list(itertools.islice(Board(port, timeout_s=60.0).diagnoses(), 12))
    assert found[-1][0] >= 11
    for number, diagnosis in found:
        # numbers have 16 bits, and diagnoses that the line has no time for are left out
        samples = windows[number % len(windows)]
        total = int(samples.sum())
        assert diagnosis.result.logits == (total, -total, 7 * int(samples[0]))
        assert diagnosis.overruns == 0


@pytest.fixture(scope="module")
def sensed(built, tmp_path_factory):
    """Copy of the small build whose board has a sensor: design and integers are the same."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("sensed") / "build")
    settings = read_settings(folder)
    hardware = settings.hardware.but(source="mcp3201", sensor_rate=12_000.0)
    files.write_json(folder / SETTINGS, replace(settings, hardware=hardware).to_json())
    return folder


@pytest.mark.slow
def test_monitor_of_the_virtual_board(sensed, capsys):
    model = left_by_quantize(sensed)
    windows = quantize.read_windows(sensed / quantize.FOLDER / "windows.npz", model)
    heard = samples_of(windows, model.bits.adc, 12, 1) << (model.bits.adc - 12)
    expected = golden.run(model, heard.reshape(windows.shape))
    arguments = ["monitor", str(sensed), "--port", "virtual", "--count", "6"]
    assert run([*arguments, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 6
    for line in lines:
        logits = expected[line["number"] % len(windows)]
        assert line["logits"] == logits.tolist()
        assert line["class"] == model.classes[golden.classify(logits[None])[0]]
        assert line["overruns"] == 0
    assert run(arguments) == 0
    printed = capsys.readouterr().out.splitlines()
    assert "virtual: unchanged, not run again" in printed
    assert printed[-6].split()[:1] == ["0"]


@pytest.mark.slow
def test_bench_borrows_the_core_from_the_sensor(sensed):
    found = link.bench(sensed, "virtual", lambda _: None, windows=3, timeout_s=60.0).said.found
    assert (found.windows, found.mismatches, found.retries) == (4, 0, 0)
    cycles = files.read_json(sensed / "rtl" / "stage.json")["result"]["latency"]
    assert found.latency_cycles.min == found.latency_cycles.max == cycles


@pytest.mark.parametrize("name", RATES)
def test_time_between_samples_is_short(name):
    core = SumCore(adc_bits=12, pause=50)
    real = plan_at(name, MHZ)
    fast = hurried(lambda mhz: plan_at(name, mhz), core.plan, None, MHZ)
    assert fast.rate_hz == pytest.approx(real.rate_hz, rel=2e-3)
    assert 2 * core.plan.timing.pause <= fast.cycles < real.cycles / 5


def test_a_core_that_has_no_time_to_spare_is_not_hurried():
    real = plan_at("mcp3201", MHZ)
    core = SumCore(adc_bits=12, pause=real.cycles - 10)
    assert hurried(lambda mhz: plan_at("mcp3201", mhz), core.plan, None, MHZ) == real


def test_a_part_that_no_clock_suits_is_refused_as_on_the_real_board():
    with pytest.raises(CannotMeetError, match="sensor rate must be a whole fraction"):
        hurried(lambda mhz: plan_at("ads8320", mhz), SumCore(adc_bits=12).plan, None, 1.0)


def test_samples_of_a_part():
    windows = np.array([[-2048, 2047, 7, 8], [-8, -9, 0, 1]])
    assert samples_of(windows, 12, 12, 1).tolist() == windows.reshape(-1).tolist()
    assert samples_of(windows, 12, 16, 1).tolist() == (16 * windows).reshape(-1).tolist()
    assert samples_of(windows, 12, 8, 1).tolist() == [-128, 127, 0, 1, 0, -1, 0, 0]
    twice = samples_of(np.full((1, 64), 1000), 12, 12, 2)
    assert len(twice) == 128
    assert abs(twice[32:96] - 1000).max() <= 10
