"""The report of a build, schema version 1: made from its stages' parts, checked, kept as JSON.

Every section is always there. One whose stage did not run, or failed, is null; ``tools`` and
``seconds`` are then empty objects and ``notes`` is an empty list. In a section every key of the
schema is there too; one that could not be measured (F1 without labels, SQNR of a layer without
error) is null. ``accuracy.confusion``, ``latency.breakdown`` and a layer's ``histogram`` may be
absent, as may ``robustness``, ``search``, ``qat``, ``bench``, ``power``, ``explain``,
``estimate``, ``sensor``, ``decision``, ``data``, ``weights`` and ``quick``. Further keys are
welcome, in sections and beside them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hwgen import files
from hwgen.errors import InputError
from hwgen.report import accuracy_rules, rules
from hwgen.report.bench_rows import check_bench
from hwgen.report.data_rows import check_data
from hwgen.report.estimate_rows import check_estimate
from hwgen.report.explain_rows import check_explain
from hwgen.report.power_rows import check_power
from hwgen.report.quick_rows import check_quick
from hwgen.report.rules import MAYBE, SECTIONS
from hwgen.report.sensor_rows import check_sensor
from hwgen.report.weights_rows import check_weights

REPORT = "report.json"
"""The report's name in a build's folder."""

VERSION = 1

_LARGEST = 64 << 20
"""Bytes of the largest file that is read: a hundred times what a build writes."""


def assemble(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Build the report from the parts of the stages.

    Parameters
    ----------
    parts
        Section name to what its stage has to say, numpy values welcome; the sections of an
        earlier report too. ``latency`` needs no derived values. Absent or None: the stage did
        not run.

    Raises
    ------
    ValueError
        If a part does not keep to the schema.
    """
    given = {name: _plain(part) for name, part in parts.items() if part is not None}
    report: dict[str, Any] = {"schema": VERSION}
    for name in SECTIONS:
        report[name] = _completed(name, given.pop(name, None))
    report["tools"] = given.pop("tools", {})
    report["seconds"] = given.pop("seconds", {})
    report["notes"] = given.pop("notes", [])
    given.pop("schema", None)
    report.update(given)
    check(report)
    return report


def latency_part(
    cycles_last_sample_to_class: int,
    cycles_per_window: int,
    min_cycles_between_samples: int,
    clock_mhz: float,
    *,
    breakdown: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Return the report's ``latency`` with the values that derive from the clock.

    Parameters
    ----------
    cycles_last_sample_to_class
        From the edge that takes a window's last sample to the one that presents its class.
    cycles_per_window
        From one window's first sample to the next one's, at full speed.
    min_cycles_between_samples
        From a sample to the next one of the window.
    clock_mhz
        What the bitstream's PLL makes.
    breakdown
        Cycles of each step from last sample to class, in order; they add up to the first value.
    """
    part: dict[str, Any] = {
        "cycles_last_sample_to_class": cycles_last_sample_to_class,
        "cycles_per_window": cycles_per_window,
        "min_cycles_between_samples": min_cycles_between_samples,
        "clock_mhz": clock_mhz,
    }
    if breakdown is not None:
        part["breakdown"] = dict(breakdown)
    part = _plain(part)
    rules.check_fields("latency", part, without=set(_DERIVED))
    return part | {name: derive(part) for name, derive in _DERIVED.items()}


_DERIVED = {
    "last_sample_to_class_us": lambda part: part["cycles_last_sample_to_class"] / part["clock_mhz"],
    "windows_per_second": lambda part: part["clock_mhz"] * 1e6 / part["cycles_per_window"],
}


def _completed(name: str, part: Any) -> Any:
    """Return a section with null for what may be unknown, and with its derived values."""
    if not isinstance(part, dict):
        return part
    unknown = {key: None for key, rule in SECTIONS[name].items() if rule in MAYBE}
    if name == "latency":
        rules.check_fields(name, part, without=set(_DERIVED))
        return part | {key: derive(part) for key, derive in _DERIVED.items()}
    return unknown | part


def check(report: Any) -> None:
    """Raise unless `report` keeps to schema version 1.

    Raises
    ------
    ValueError
        Naming the field, its rule and its value.
    """
    rules.OBJECT.check("report", report)
    rules.check_values(report)
    if report.get("schema") != VERSION or isinstance(report["schema"], bool):
        raise ValueError(f"schema must be {VERSION}, not {report.get('schema')!r}")
    for name in SECTIONS:
        if name not in report:
            raise ValueError(f"{name} must be an object or null, not missing")
        if report[name] is not None:
            rules.check_fields(name, report[name])
    rules.check_lists(report)
    accuracy_rules.check_optional(report)
    check_data(report)
    check_sensor(report)
    check_bench(report)
    check_power(report)
    check_explain(report)
    check_estimate(report)
    check_quick(report)
    check_weights(report)
    _check_consistent(report)


def _check_consistent(report: dict[str, Any]) -> None:
    """Raise if two fields contradict each other."""
    latency, timing, accuracy = report["latency"], report["timing"], report["accuracy"]
    if latency is not None:
        for name, derive in _DERIVED.items():
            expected = derive(latency)
            if not math.isclose(latency[name], expected, rel_tol=1e-6):
                raise ValueError(f"latency.{name} must be {expected:g}, not {latency[name]!r}")
        rules.check_breakdown(latency)
    if timing is not None and timing["met"] != (timing["fmax_mhz"] >= timing["target_mhz"]):
        raise ValueError(
            f"timing.met must be {not timing['met']} for {timing['fmax_mhz']} MHz "
            f"of {timing['target_mhz']} MHz"
        )
    if accuracy is not None:
        rules.check_confusion(accuracy, report["design"])
        accuracy_rules.check_other(accuracy)


def write(report: dict[str, Any], build: Path | str) -> Path:
    """Check the report, write it into the build's folder and return its path.

    Raises
    ------
    ValueError
        If it does not keep to the schema: nothing is written.
    FileAccessError
        If it cannot be written.
    """
    check(report)
    path = Path(build) / REPORT
    files.write_json(path, report)
    return path


def read(build: Path | str) -> dict[str, Any]:
    """Return the report in a build's folder.

    Raises
    ------
    InputError
        If the folder is no build's, or the report is damaged or of another version.
    FileAccessError
        If it cannot be read.
    """
    path = Path(build) / REPORT
    with files.access(path, "read"):
        if not path.is_file():
            raise InputError(
                f"{build} must be a build's folder with a {REPORT}; "
                f"'hwgen build CHECKPOINT --board ecp5 -o {build}' makes one"
            )
        size = path.stat().st_size
    if size > _LARGEST:
        raise InputError(f"{path} must be at most {_LARGEST} bytes, not {size}; build again")
    report = files.read_json(path)
    try:
        check(report)
    except ValueError as error:
        raise InputError(f"{path} is no report: {error}; build again") from error
    assert isinstance(report, dict)
    return report


def _plain(value: Any) -> Any:
    """Return `value` in JSON's own types."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (str, os.PathLike)):
        # A file name may hold bytes that are no text.
        return os.fspath(value).encode("utf-8", "backslashreplace").decode("utf-8")
    return value
