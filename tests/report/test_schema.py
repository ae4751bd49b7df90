"""The report is made from parts, checked, written and read back."""

from __future__ import annotations

import copy
import json

import pytest

from hwgen.errors import FileAccessError, InputError
from hwgen.report import REPORT, assemble, check, latency_part, read, write


def test_derived_from_the_clock():
    part = latency_part(5000, 2000, 1, 50.0)
    assert part["last_sample_to_class_us"] == pytest.approx(100.0)
    assert part["windows_per_second"] == pytest.approx(25_000.0)


def test_derived_values_are_made_from_the_four_measured_ones(parts, report):
    names = ("cycles_last_sample_to_class", "cycles_per_window", "min_cycles_between_samples",
             "clock_mhz", "breakdown")  # fmt: skip
    bare = {name: parts["latency"][name] for name in names}
    assert assemble(parts | {"latency": bare}) == report


def test_another_clock_changes_them(report):
    slower = assemble(report | {"latency": report["latency"] | {"clock_mhz": 62.5}})
    assert slower["latency"]["last_sample_to_class_us"] == pytest.approx(55.6)
    assert slower["latency"]["windows_per_second"] == pytest.approx(30517.578125)


def test_round_trip(tmp_path, report):
    path = write(report, tmp_path / "build")
    assert path == tmp_path / "build" / REPORT
    assert read(tmp_path / "build") == report
    assert json.loads(path.read_text())["schema"] == 1


def test_of_its_own_sections_the_same_report_is_made(report):
    assert assemble(report) == report


def test_nothing_has_run():
    report = assemble({})
    lists = {"tools": {}, "seconds": {}, "notes": [], "schema": 1}
    assert {name: report[name] for name in lists} == lists
    others = ["design", "board", "accuracy", "verification", "latency", "resources", "timing",
              "calibration"]  # fmt: skip
    assert {name: report[name] for name in report if name not in lists} == dict.fromkeys(others)


def test_what_was_not_measured_is_null(parts):
    part = {"data": "synthetic", "windows": 100, "agreement": 1.0}
    assert assemble(parts | {"accuracy": part})["accuracy"] == part | {
        "float_f1": None,
        "fixed_f1": None,
    }


def test_further_keys_are_kept(tmp_path, parts):
    write(assemble(parts | {"further": {"key": [1, None, "x"]}}), tmp_path)
    assert read(tmp_path)["further"] == {"key": [1, None, "x"]}


def test_a_file_name_that_is_no_text(tmp_path, parts):
    report = assemble(parts | {"accuracy": parts["accuracy"] | {"data": "folder-\udcff"}})
    write(report, tmp_path)
    assert read(tmp_path)["accuracy"]["data"] == "folder-\\udcff"


NAN = float("nan")
_LAYER = ("calibration", "layers", 0)
DAMAGE = [
    (("schema",), 2, "schema must be 1, not 2"),
    (("schema",), True, "schema must be 1, not True"),
    (("design",), [], "design must be an object, not list of 0"),
    (("design", "classes"), [1], "design.classes must be texts, not list of 1"),
    (("design", "input_samples"), True, "design.input_samples must be an integer >= 1, not True"),
    (("design", "network"), "\ud800", "network must be Unicode text"),
    (("board", "device"), 5, "board.device must be a text, not 5"),
    (("accuracy", "agreement"), 1.01, "accuracy.agreement must be a number 0 to 1 or null"),
    (("accuracy", "float_f1"), NAN, "float_f1 must be finite, not nan"),
    (("accuracy", "windows"), 0, "accuracy.windows must be an integer >= 1, not 0"),
    (("accuracy", "windows"), 601, "must count 601 windows, not 600"),
    (("accuracy", "confusion", "fixed"), [[600]], "3 rows of 3 integers"),
    (("accuracy", "confusion", "float", 1), [1, 199, -0.5], "3 rows of 3 integers"),
    (("verification", "windows"), 0, "verification.windows must be an integer >= 1, not 0"),
    (("verification", "mismatches"), -1, "verification.mismatches must be an integer >= 0"),
    (("verification", "mismatches"), None, "mismatches must be an integer >= 0, not None"),
    (("latency", "clock_mhz"), 0, "latency.clock_mhz must be a number > 0, not 0"),
    (("latency", "clock_mhz"), 100.0, "latency.last_sample_to_class_us must be 34.75, not 27.8"),
    (("latency", "windows_per_second"), 1.0, "windows_per_second must be 61035.2, not 1.0"),
    (("latency", "cycles_per_window"), 2048.0, "cycles_per_window must be an integer >= 1"),
    (("latency", "breakdown", "fc1"), 113, "latency.breakdown must add up to 3475, not 3476"),
    (("resources", "dsp"), "28", "resources.dsp must be an integer >= 0, not '28'"),
    (("resources", "ff"), 1 << 70, "ff must be an integer of at most 64 bits"),
    (("resources", "available", "ebr"), None, "resources.available.ebr must be an integer >= 0"),
    (("timing", "met"), False, "timing.met must be True for 141.72 MHz of 125.0 MHz"),
    (("timing", "fmax_mhz"), float("inf"), "fmax_mhz must be finite, not inf"),
    (("tools", "yosys"), 0.7, "tools.yosys must be a text, not 0.7"),
    (("seconds", "verify"), -1, "seconds.verify must be a number >= 0, not -1"),
    (("notes",), "note", "notes must be a list of texts, not 'note'"),
    ((*_LAYER, "fmt"), "8 bits", r"calibration.layers\[0\].fmt must be a format such as uQ4.4"),
    ((*_LAYER, "width"), 9, "width must be 8, as in fmt, not 9"),
    ((*_LAYER, "saturated"), 30_001, r"saturated must be <= values \(30000\), not 30001"),
    ((*_LAYER, "histogram", "edges", 1), 0, "edges"),
    ((*_LAYER, "histogram", "counts"), [], "edges"),
    (("further",), object(), "further must be a JSON value, not object"),
]


@pytest.mark.parametrize(("place", "value", "message"), DAMAGE)
def test_damage_is_told(report, place, value, message):
    check(report)
    damaged = copy.deepcopy(report)
    inner = damaged
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match=message):
        check(damaged)


_DISAGREEMENTS = ("disagreements",)
_ROW = ("disagreements", "rows", 1)
DAMAGED_ROBUSTNESS = [
    ((), [], "robustness must be an object, not list of 0"),
    (("snr",), 5, "robustness.snr must be an object or null, not 5"),
    (("disagreements",), None, "robustness.disagreements must be an object, not None"),
    (("snr", "db"), [0, -3, 3], "robustness.snr.db must be ascending numbers"),
    (("gain", "gain"), [], "robustness.gain.gain must be ascending numbers, at least one"),
    (("gain", "windows"), 0, "robustness.gain.windows must be an integer >= 1, not 0"),
    (("snr", "fixed_f1"), [0.5, 0.5], "robustness.snr.fixed_f1 must have 3 values, not 2"),
    (("snr", "float_f1", 1), 1.5, "robustness.snr.float_f1 must be a list of numbers 0 to 1"),
    (("snr", "float_f1", 1), None, "robustness.snr.float_f1 must be a list of numbers 0 to 1"),
    ((*_DISAGREEMENTS, "count"), 601, r"disagreements.count must be <= of \(600\), not 601"),
    ((*_DISAGREEMENTS, "error_95"), -1, "error_95 must be a number >= 0, not -1"),
    ((*_DISAGREEMENTS, "histogram", "edges"), [1.0], "histogram.windows must have 1 values, not 2"),
    ((*_DISAGREEMENTS, "histogram", "differ", 0), -1, "differ must be a list of integers >= 0"),
    ((*_DISAGREEMENTS, "points", "float"), [], "points.float must have 1 values, not 0"),
    ((*_DISAGREEMENTS, "points", "fixed"), [1.0], "points.fixed must have 3 values, not 1"),
    ((*_ROW, "float"), None, r"disagreements.rows\[1\].float must be a text, not None"),
    ((*_ROW, "start"), -5, r"rows\[1\].start must be an integer >= 0 or null, not -5"),
]


@pytest.mark.parametrize(("place", "value", "message"), DAMAGED_ROBUSTNESS)
def test_damaged_robustness_is_told(report, robustness, place, value, message):
    report["robustness"] = robustness
    check(report)
    damaged = copy.deepcopy(report)
    inner = damaged
    for key in ("robustness", *place)[:-1]:
        inner = inner[key]
    inner[("robustness", *place)[-1]] = value
    with pytest.raises(ValueError, match=message):
        check(damaged)


@pytest.mark.parametrize("name", ["search", "qat"])
def test_parts_that_only_some_builds_have(report, name):
    for value in (None, {}, {"anything": [1, 2]}):
        check(report | {name: value})
    with pytest.raises(ValueError, match=f"{name} must be an object or null, not list of 0"):
        check(report | {name: []})


@pytest.mark.parametrize("name", ["design", "timing", "tools", "seconds", "notes", "schema"])
def test_a_missing_section_is_told(report, name):
    del report[name]
    with pytest.raises(ValueError, match=f"{name} must be"):
        check(report)


def test_a_missing_key_is_told(parts):
    del parts["verification"]["mismatches"]
    with pytest.raises(ValueError, match=r"verification\.mismatches must be .*, not missing"):
        assemble(parts)


def test_a_wrong_report_is_not_written(tmp_path, report):
    report["timing"]["fmax_mhz"] = NAN
    with pytest.raises(ValueError, match="fmax_mhz must be finite"):
        write(report, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["empty", "none"])
def test_no_build(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"'hwgen build CHECKPOINT .* -o .*' makes one") as told:
        read(tmp_path / folder)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"schema": 1}',
        '{"schema": 2}',
        '{"a": NaN, "schema": 1}',
        "[" * 100_000,
        '{"a": ' * 900 + "1" + "}" * 900,
        "9" * 5000,
    ],
)
def test_a_damaged_file(tmp_path, text):
    (tmp_path / REPORT).write_text(text)
    with pytest.raises(InputError, match=REPORT) as told:
        read(tmp_path)
    assert "\n" not in str(told.value)


def test_a_file_that_is_no_text(tmp_path):
    (tmp_path / REPORT).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read(tmp_path)


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / REPORT).open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="must be at most 67108864 bytes"):
        read(tmp_path)


def test_a_file_in_the_folders_place(tmp_path, report):
    (tmp_path / "build").write_text("")
    with pytest.raises(InputError, match="must be a build's folder"):
        read(tmp_path / "build")
    with pytest.raises(FileAccessError, match="cannot write"):
        write(report, tmp_path / "build")


OTHER = {
    "data": "1HP",
    "snr_db": None,
    "windows": 20,
    "float_f1": 0.75,
    "fixed_f1": 0.5,
    "classes": ["ball"],
    "lacking": ["inner", "normal"],
}


def test_f1_on_other_recordings(parts):
    kept = assemble(parts | {"accuracy": parts["accuracy"] | {"other": [OTHER]}})
    assert kept["accuracy"]["other"] == [OTHER]
    for name, value in (("windows", 0), ("fixed_f1", 1.5), ("classes", "ball"), ("snr_db", "6")):
        wrong = kept["accuracy"] | {"other": [OTHER | {name: value}]}
        with pytest.raises(ValueError, match=rf"accuracy\.other\[0\]\.{name} must be"):
            check(kept | {"accuracy": wrong})
    with pytest.raises(ValueError, match=r"accuracy\.other must be a list"):
        check(kept | {"accuracy": kept["accuracy"] | {"other": OTHER}})
