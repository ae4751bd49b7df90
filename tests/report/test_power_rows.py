"""The report's optional part ``power``."""

from __future__ import annotations

import copy

import pytest

from hwgen.report.power_rows import check_power, power_rows

BAND = {"value": 2.0, "low": 1.0, "high": 4.5}
MODE = {
    "windows_per_second": 12.5, "duty": 0.5, "milliwatts": {"clock": BAND},
    "total_milliwatts": BAND, "joules": {key: value * 1e-6 for key, value in BAND.items()},
}  # fmt: skip
POWER = {
    "estimate": True, "windows": 3, "device": "LFE5U-25F", "clock_mhz": 50.0, "registers": 7,
    "sample_rate": 25_600.0, "own_joules": BAND, "busy": MODE | {"duty": 1.0}, "sensor": MODE,
}  # fmt: skip


def test_a_row_for_each_mode_with_its_band():
    check_power({"power": POWER})
    told = "2.00 (1.00 to 4.50) mW of LFE5U-25F, 2.00 (1.00 to 4.50) uJ an answer; working "
    assert power_rows({"power": POWER}) == [
        ("power (estimate)", f"busy: {told}100 % of the time"),
        ("at 25,600 Hz", f"{told}50.0 % of the time"),
    ]


def test_a_build_that_nobody_estimated():
    check_power({})
    assert power_rows({}) == power_rows({"power": None}) == []


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (("estimate",), False, "power.estimate must be true, not False"),
        (("windows",), 0, "power.windows"),
        (("own_joules",), {"value": 1, "low": 2, "high": 3}, "power.own_joules must be a value"),
        (("busy",), None, "power.busy must be"),
        (("sensor", "joules"), {"value": 1}, "power.sensor.joules must be a value between"),
        (("busy", "milliwatts", "clock"), 3, "power.busy.milliwatts.clock must be a value"),
    ],
)
def test_what_it_must_not_be(where, value, said):
    power = copy.deepcopy(POWER)
    inner = power
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    with pytest.raises(ValueError, match=said):
        check_power({"power": power})
