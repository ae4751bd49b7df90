"""What the report says of power: its optional part ``power``, an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwgen.report.rules import COUNT, OBJECT, SOME, TEXT, Rule, check_object, is_number
from hwgen.report.text import number, percent

_POSITIVE = Rule("a number > 0", lambda value: is_number(value) and value > 0)
_ESTIMATE = Rule("true", lambda value: value is True)
_BAND = Rule(
    "a value between low and high, from 0 on",
    lambda band: (
        isinstance(band, dict)
        and all(is_number(band.get(key)) for key in ("low", "value", "high"))
        and 0 <= band["low"] <= band["value"] <= band["high"]
    ),
)
_POWER = {
    "estimate": _ESTIMATE,
    "windows": SOME,
    "device": TEXT,
    "clock_mhz": _POSITIVE,
    "registers": COUNT,
    "sample_rate": _POSITIVE,
    "own_joules": _BAND,
    "busy": OBJECT,
    "sensor": OBJECT,
}
_MODE = {
    "windows_per_second": _POSITIVE,
    "duty": _POSITIVE,
    "milliwatts": OBJECT,
    "total_milliwatts": _BAND,
    "joules": _BAND,
}


def check_power(report: dict[str, Any]) -> None:
    """Raise unless ``power``, where given, is what it must be."""
    power = report.get("power")
    if power is None:
        return
    check_object("power", power, _POWER)
    for name in ("busy", "sensor"):
        check_object(f"power.{name}", power[name], _MODE)
        for kind, band in power[name]["milliwatts"].items():
            _BAND.check(f"power.{name}.milliwatts.{kind}", band)


def power_rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of the table; none for a build whose power nobody estimated."""
    power = report.get("power")
    if power is None:
        return []
    modes = (
        ("power (estimate)", "busy: ", power["busy"]),
        (f"at {power['sample_rate']:,.0f} Hz", "", power["sensor"]),
    )
    return [(label, f"{begin}{_mode(mode, power['device'])}") for label, begin, mode in modes]


def _mode(mode: dict[str, Any], device: str) -> str:
    uj = {key: value * 1e6 for key, value in mode["joules"].items()}
    return (
        f"{band_text(mode['total_milliwatts'])} mW of {device}, {band_text(uj)} uJ an answer; "
        f"working {percent(mode['duty'])} of the time"
    )


def band_text(band: Mapping[str, float]) -> str:
    """Return a value and what it is between: ``2.7 (1.6 to 5.1)``."""
    return f"{number(band['value'])} ({number(band['low'])} to {number(band['high'])})"
