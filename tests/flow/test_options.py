"""Settings survive their file, and damaged ones are told."""

from __future__ import annotations

import json

import pytest

from hwgen.errors import InputError
from hwgen.flow.hardware_options import HardwareOptions
from hwgen.flow.options import SETTINGS, DataOptions, Settings, read_settings
from hwgen.quantized import Precision

CHOSEN = Settings(
    "ckpt.pt",
    data=DataOptions(data="here", snr_db=-6.0),
    bits=Precision(feature=6),
    calibration="max",
    rounding="compensated",
    max_drop=0.1,
    qat=True,
    hardware=HardwareOptions.of(parallel=4, seeds=(5, 6)),
)


def through_json(settings: Settings) -> dict:
    value: dict = json.loads(json.dumps(settings.to_json()))
    return value


@pytest.mark.parametrize("settings", [Settings("ckpt.pt"), CHOSEN], ids=["default", "chosen"])
def test_settings_survive_json(settings):
    again = Settings.from_json(through_json(settings))
    assert again == settings
    assert isinstance(again.qat, bool)


def test_the_defaults():
    settings = Settings("ckpt.pt")
    assert (settings.calibration, settings.rounding) == ("auto", "auto")
    assert (settings.max_drop, settings.qat) == (None, False)


def test_a_whole_number_is_a_drop_too():
    assert Settings.from_json(through_json(CHOSEN) | {"max_drop": 1}).max_drop == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("qat", 1),
        ("qat", None),
        ("qat", "yes"),
        ("max_drop", True),
        ("max_drop", "0.1"),
        ("max_drop", [0.1]),
        ("calibration", None),
        ("calibration", True),
        ("rounding", 5),
        ("rounding", None),
        ("verify_windows", True),
        ("verify_windows", 1.5),
        ("hardware", None),
        ("bits", {"feature": 6}),
    ],
)
def test_a_field_of_another_type_is_damage(tmp_path, field, value):
    path = tmp_path / SETTINGS
    path.write_text(json.dumps(through_json(CHOSEN)))
    assert read_settings(tmp_path) == CHOSEN
    path.write_text(json.dumps(through_json(CHOSEN) | {field: value}))
    with pytest.raises(InputError, match=f"{SETTINGS} is damaged .*; build again") as told:
        read_settings(tmp_path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("field", ["max_drop", "qat", "rounding", "calibration"])
def test_a_missing_field_is_damage(field):
    value = through_json(CHOSEN)
    del value[field]
    with pytest.raises(InputError, match=f"must have the fields .*{field}"):
        Settings.from_json(value)


def test_an_unknown_field_is_damage():
    with pytest.raises(InputError, match="must have the fields"):
        Settings.from_json(through_json(CHOSEN) | {"max_gain": 1})


def test_groups_of_the_hardware_stand_side_by_side_in_their_file():
    kept = through_json(CHOSEN)["hardware"]
    assert set(kept) == {
        "board", "parallel", "dsp", "goal", "latency_us", "windows_per_second", "fit", "transform",
        "hop", "clock_mhz", "seeds", "baud", "source", "sensor_rate", "vote", "unknown", "normal",
        "unroll", "learn", "weights", "quick",
    }  # fmt: skip
    assert (kept["parallel"], kept["source"]) == (4, "uart")
    older = through_json(CHOSEN)
    for name in ("unroll", "learn", "weights", "quick"):
        del older["hardware"][name]  # of a version that did not know it
    assert Settings.from_json(older) == CHOSEN
    nested = through_json(CHOSEN)
    nested["hardware"]["design"] = {"parallel": 4}
    with pytest.raises(InputError, match="HardwareOptions must have the fields"):
        Settings.from_json(nested)


def test_an_option_is_found_by_its_name_in_whichever_group():
    options = HardwareOptions.of(parallel=2, vote="2/3", board="ulx3s-12f")
    assert (options.design.parallel, options.sensor.vote, options.board) == (2, "2/3", "ulx3s-12f")
    other = options.but(goal="area", seeds=(4,))
    assert other == HardwareOptions.of(
        parallel=2, vote="2/3", board="ulx3s-12f", goal="area", seeds=(4,)
    )
    with pytest.raises(TypeError, match="HardwareOptions has no option gaol"):
        options.but(gaol="area")
