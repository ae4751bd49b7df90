"""A build whose board has a sensor: what it refuses, runs again, and says."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest

from hwgen import golden, signals
from hwgen.analysis.margin_threshold import threshold
from hwgen.analysis.margins import gaps
from hwgen.boards import find_board
from hwgen.errors import CannotMeetError, HwgenError, InputError, UsageError
from hwgen.flow import generate, results, sensing
from hwgen.flow.build import build
from hwgen.flow.generated import Estimate
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.left import left_by_quantize
from hwgen.flow.margins import MARGINS, Margins, read_margins
from hwgen.flow.options import Settings, read_settings
from hwgen.protocol import Learn
from hwgen.targets import Cells
from tests.records import generated

SENSED = HardwareOptions.of(board="ulx3s-25f", source="inmp441")


def with_sensor(settings, **changes) -> Settings:
    return dataclasses.replace(settings, hardware=SENSED.but(**changes))


def report_of(folder):
    return json.loads((folder / "report.json").read_text())


def test_the_report_tells_of_sensor_and_decision(finished, stages):
    settings, folder = finished
    build(with_sensor(settings, sensor_rate=24_000.0), folder, lambda _: None)
    report = report_of(folder)
    model = left_by_quantize(folder)
    assert report["sensor"]["source"] == "inmp441"
    assert report["sensor"]["decimation"] == 2
    assert report["sensor"]["sensor_rate_hz"] == pytest.approx(24_000, rel=1e-3)
    assert report["sensor"]["windows_per_second"] == pytest.approx(
        12_000 / model.input_samples, rel=1e-3
    )
    decision = report["decision"]
    assert decision["alarm_classes"] == list(model.classes[1:])
    assert decision["vote"] == "3/5"
    right = json.loads((folder / "ir" / "decision.json").read_text())["right"]
    assert decision["unknown_below"] == threshold(right, 1.0)
    assert decision["unknown_of_right"] <= 0.01
    assert "sensor" not in report_of(build_without(settings, folder))


def build_without(settings, folder):
    build(settings, folder, lambda _: None)
    return folder


def test_what_depends_on_the_options(finished, stages):
    settings, folder = finished
    first = with_sensor(settings)
    build(first, folder, lambda _: None)
    stages.clear()
    build(first, folder, lambda _: None)
    assert stages == []
    for change in ({"vote": "2/3"}, {"normal": ("outer",)}, {"unknown": 20.0}):
        build(with_sensor(settings, **change), folder, lambda _: None)
        assert stages == ["synth"], "only the board top changes"
        stages.clear()


def test_margins_by_definition(original, recordings):
    _, folder = original
    model = left_by_quantize(folder)
    rng = np.random.default_rng(1)
    held = rng.normal(0, 0.3, (40, model.input_samples))
    labels = rng.integers(0, 3, 40)
    windows = SimpleNamespace(
        held=held, held_labels=labels, labelled=True, labels=labels[:5],
        calibration=held[:20] / 4, clean_train=None, read_as=signals.ReadAs(),
    )  # fmt: skip
    steps = np.clip(np.floor(held / model.bits.lsb + 0.5), -(1 << (model.bits.adc - 1)), None)
    logits = golden.run(model, steps.astype(np.int64))
    found = Margins.of(model, windows, logits[:5])
    right = golden.classify(logits) == labels
    assert found.right == tuple(sorted(gaps(logits)[right].tolist()))
    assert found.wrong == tuple(sorted(gaps(logits)[~right].tolist()))
    assert len(found.test_right) + len(found.test_wrong) == 5
    assert found.windows == "held-out"
    rms = 20 * np.log10(np.std(np.concatenate([held, held[:20] / 4]), axis=1))
    assert found.levels_db == (pytest.approx(rms.min()), pytest.approx(rms.max()))


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"source": "inmp442"}, UsageError, "nearest: inmp441"),
        ({"vote": "5/3"}, UsageError, "--vote must be K/N"),
        ({"source": "uart", "sensor_rate": 1e4}, UsageError, "--sensor-rate must come with"),
        ({"board": "orangecrab-25f"}, CannotMeetError, r"must name the pins sck, ws, sd"),
        ({"source": "iis3dwb"}, CannotMeetError, "the checkpoint's 12000 Hz or a whole multiple"),
        ({"sensor_rate": 30_000.0}, CannotMeetError, "the checkpoint's 12000 Hz"),
        ({"source": "uart", "learn": 60}, UsageError, "--learn must come with --source PART"),
        ({"learn": 60}, InputError, "--learn needs a network with a score"),
        ({"normal": ("healthy",)}, UsageError, r"\(inner, outer, sound\), not healthy"),
        ({"normal": ("inner", "outer", "sound")}, UsageError, "must leave a class"),
        ({"clock_mhz": 4.0, "baud": 9600}, CannotMeetError, "must be at least 4.608 MHz for I2S"),
    ],
)
def test_what_is_refused_before_anything_runs(finished, stages, changes, error, text):
    settings, folder = finished
    with pytest.raises(error, match=text) as caught:
        build(with_sensor(settings, **changes), folder, lambda _: None)
    assert "\n" not in str(caught.value)
    assert stages == []


def test_the_learn_phase_of_a_button():
    assert sensing.at_start(SENSED) is None
    assert sensing.at_start(SENSED.but(learn=250)) == Learn(250, 2)


def test_a_board_without_a_button():
    board = dataclasses.replace(find_board("ulx3s-25f"), learn=None)
    with pytest.raises(CannotMeetError, match=r"ulx3s-25f has none .* hwgen monitor BUILD --learn"):
        sensing.check_asked(SENSED.but(learn=60), board)
    sensing.check_asked(SENSED.but(learn=60), find_board("ulx3s-25f"))


def test_which_classes_raise_the_alarm():
    assert sensing.faulty(("ball", "Normal_0", "outer"), ()) == (0, 2)
    assert sensing.faulty(("sound", "outer", "inner"), ()) == (1, 2)
    assert sensing.faulty(("normal", "outer", "inner"), ("normal", "inner")) == (1,)


def test_a_damaged_file_of_margins(tmp_path):
    for text in ("[]", '{"right": 3}', '{"right": ["a"], "wrong": [], "test_right": []}'):
        (tmp_path / MARGINS).write_text(text)
        with pytest.raises(InputError, match=r"is damaged \(.*\); build again"):
            read_margins(tmp_path)


def test_a_core_that_does_not_keep_up(original):
    _, folder = original
    model = left_by_quantize(folder)
    board = find_board("ulx3s-25f")
    known = generated(interval=10**9, latency=11, hop=model.input_samples)
    with pytest.raises(HwgenError, match="hop must be at least"):
        sensing.check_core(model, SENSED, board, known)
    sensing.check_core(model, HardwareOptions(), board, known)


def test_the_board_top_has_sensor_and_decision(original):
    _, folder = original
    model = left_by_quantize(folder)
    from hwgen.flow import generate
    from hwgen.gateware.top import BoardTop

    board = find_board("ulx3s-25f")
    core = generate.accelerator(model, generate.choose(model, SENSED, board))
    parts = sensing.components(model, SENSED, board, core, margin=9)
    top = BoardTop(core, board, SENSED.clock_mhz, digest=model.digest, **parts)
    constraints = str(board.platform().build(top, do_build=False).files["top.lpf"])
    for _, pin in board.sources["i2s"].pins:
        assert f'SITE "{pin}"' in constraints


def test_the_estimate_is_of_the_board_that_is_built():
    core = Cells({"lut4": 8000, "dsp": 28, "ebr": 29})
    known = generated(interval=1, estimate=Estimate(core, core + Cells({"lut4": 600})))
    fed, sensed = HardwareOptions(), HardwareOptions.of(source="mcp3201")
    assert generate.estimated(known, fed).board["lut4"] == 8600
    # The stage is not run again for a sensor, so that what it kept must not be taken for both.
    assert generate.estimated(known, sensed) == Estimate(core, None)
    assert generate.basis("ab", fed) == generate.basis("ab", sensed)


def test_report_of_a_sensed_build_has_no_estimate_of_the_fed_board(folder):
    settings = read_settings(folder)
    assert results.write_report(settings, folder)["estimate"]["board"]
    hardware = settings.hardware.but(source="mcp3201", sensor_rate=12_000.0)
    made = results.write_report(dataclasses.replace(settings, hardware=hardware), folder)
    assert made["estimate"]["core"]
    assert made["estimate"]["board"] is None
