"""The page says what is missing, out of date, or went wrong, and shows the rest."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import flow
import growth
import host
import page
import peers
import plots
import points
import pytest
import run
import store
from subject import Subject

from hwgen import files


@pytest.fixture
def subject(tmp_path):
    (tmp_path / "some.pt").write_bytes(b"weights")
    return Subject(str(tmp_path / "some.pt"), "records")


@pytest.fixture
def parts(subject):
    return run.parts_of(subject)


@pytest.fixture
def made(tmp_path, subject, parts):
    def make() -> str:
        return page.write(subject, parts, tmp_path / "docs", tmp_path / "results").read_text()

    return make


@pytest.fixture
def keep(tmp_path, parts):
    def kept(name: str, item: str, row: dict, **changed) -> None:
        part = next(part for part in parts if part.name == name)
        store.keep(dataclasses.replace(part, **changed), item, row, tmp_path / "results")

    return kept


HOST = {"min_us": 1.5, "median_us": 2.0, "runs": 9, "agree": 3, "windows": 3, "load": 0.1,
        "versions": {"gcc": "12"}}  # fmt: skip
POINT = {
    "command": "hwgen build CKPT",
    "board": {"device": "LFE5U-25F"},
    "accuracy": {"float_f1": 0.99, "fixed_f1": None},
    "verification": {"mismatches": 0, "windows": 1009},
    "latency": {"cycles_last_sample_to_class": 4312, "last_sample_to_class_us": 30.8,
                "cycles_per_window": 2048, "min_cycles_between_samples": 1, "clock_mhz": 140.0,
                "windows_per_second": 68359.4},
    "estimate": {"core": {"lut4": 7900, "dsp": 28, "ebr": 29},
                 "board": {"lut4": 9466, "dsp": 28, "ebr": 31}},
    "resources": {"lut4": 9015, "comb": 9900, "ff": 7000, "dsp": 28, "ebr": 31},
    "timing": {"fmax_mhz": 141.2, "target_mhz": 140.0, "met": True},
}  # fmt: skip
DESIGN = {"design": "fft; 4 x 8", "latency": 4312, "interval": 2048, "pause": 1, "lut4": 9000,
          "dsp": 28, "ebr": 31}  # fmt: skip


def test_nothing_measured(made, tmp_path):
    text = made()
    assert "Nothing has been measured yet." in text
    assert text.count("Not measured (`python benchmarks/run.py --only ") == 6
    assert not set("@{}") & set(text)
    assert not list((tmp_path / "docs").glob("*.svg"))


def test_rows_and_figures(made, keep, tmp_path):
    keep("host", "c", HOST)
    keep("points", "throughput-25f", POINT)
    keep("growth", growth.name_of("throughput", growth.Size()), DESIGN)
    text = made()
    assert (
        "| C, `gcc -O3 -march=native -ffast-math` | 1.5 | 2.0 | 500,000 | 3 of 3 | gcc 12 |" in text
    )
    assert (
        "| throughput-25f | 4,312 cycles, 30.8 us | 2,048 cycles | 1 cycles | 140.0 | 68,359 "
        in text
    )
    assert "0.9900 / -" in text
    assert "0 mismatches in 1,009 windows" in text
    assert "| throughput-25f | LFE5U-25F | 9,015 | 9,466 (+5 %) | 9,900 |" in text
    assert "- throughput-25f: `hwgen build CKPT`" in text
    assert "| throughput | 2,048 | 4,312 | 2,048 | 1 | 9,000 | 28 | 31 | fft; 4 x 8 |" in text
    assert "latency-85f, latency-25f, area-12f" in text
    for name in ("latency", "throughput", "growth"):
        assert f"](benchmarks-{name}.svg)" in text
        assert "<svg" in (tmp_path / "docs" / f"benchmarks-{name}.svg").read_text()
    assert "Out of date" not in text


def test_out_of_date(made, keep):
    keep("host", "c", HOST, basis="of other sources")
    keep("host", "numpy", HOST | {"versions": {"numpy": "2"}})
    assert "**Out of date** (`python benchmarks/run.py --only host`): c. " in made()


def test_another_network_puts_figures_out_of_date(made, keep, subject):
    keep("host", "c", HOST)
    subject.path.write_bytes(b"other weights")
    parts = run.parts_of(subject)
    assert parts[0].basis != host.part(Subject(None, "records")).basis
    assert "Out of date" not in made()  # its parts were made before
    kept = subject.path.parent / "results"
    assert "Out of date" in page.write(subject, parts, kept.parent / "docs", kept).read_text()


def test_what_failed(made, keep):
    keep("points", "area-12f", {"command": "hwgen build CKPT", "failed": "too large", "exit": 4})
    keep("peers", "da4ml-6", {"failed": "did not install: no such release"})
    keep("peers", "nngen-1", {"version": "1", "cycles": 9, "unfinished": "did not end"})
    keep("growth", growth.name_of("area", growth.Size()), {"failed": "no design"})
    keep("flow", "unchanged", {"broken": "exit status 5"})
    text = made()
    assert "- area-12f: `hwgen build CKPT`: exit code 4, too large" in text
    assert "did not install: no such release |" in text
    assert "| 9 |  |  |  |  | did not end; cycles: Verilator" in text
    assert "none: no design |" in text
    assert "Could not be measured: unchanged: exit status 5." in text


def test_results_that_are_damaged_are_not_measured(made, keep, tmp_path):
    keep("host", "c", HOST)
    keep("host", "numpy", HOST | {"versions": {"numpy": "2"}})
    (tmp_path / "results" / "host" / "c.json").write_text("{")
    assert "Not measured: c, " in made()


def test_every_cliff_has_what_changed():
    rows = {256: DESIGN, 512: DESIGN | {"latency": 20000, "design": "dft"},
            1024: {"failed": "no design"}}  # fmt: skip
    assert growth.cliffs("area", "window", rows) == [
        "area, window 256 to 512: latency x 4.6. Another design: fft; 4 x 8 becomes dft."
    ]
    assert growth.cliffs("area", "window", {256: DESIGN, 512: DESIGN}) == []


def test_names_of_items(parts):
    assert [item for _, item in run.selected(parts, ["flow", "host/c"])] == [
        "c", "unchanged", "verification",
    ]  # fmt: skip
    assert {part.name for part, _ in run.selected(parts, [])} == {part.name for part in parts}
    with pytest.raises(SystemExit, match="not strange"):
        list(run.selected(parts, ["strange"]))


def test_what_a_broken_measurement_leaves(parts, tmp_path, monkeypatch, capsys):
    def broken() -> store.Row:
        raise ValueError("agrees on 3 of 9")

    monkeypatch.setattr(run, "keep", lambda *given: store.keep(*given, tmp_path))
    part = dataclasses.replace(parts[0], items={"c": broken})
    assert not run.measure(part, "c")
    assert store.results(part, tmp_path)["c"].row == {"broken": "agrees on 3 of 9"}
    assert "agrees on 3 of 9" in capsys.readouterr().err


def test_reasons_name_no_places():
    text = "looking\nERROR: no release at https://some.where/simple/x, nor /some/where\nbye"
    assert peers.reason(text) == "ERROR: no release at ..., nor ..."


def test_commands_name_no_places(subject):
    command = subject.told(points.command_of(points.POINTS["area-12f"], subject))
    assert command == "build CKPT --goal area --board ulx3s-12f --data DIR --snr -6"


def test_what_a_build_gives(subject, tmp_path, monkeypatch):
    """A report of an earlier build does not pass for this one's."""
    outcomes = iter([(0, POINT), (4, None)])

    def build(*words: str, check: bool) -> subprocess.CompletedProcess[str]:
        assert words[:4] == ("build", str(subject.path), "--goal", "area")
        assert not check
        code, report = next(outcomes)
        if report is not None:
            files.write_json(Path(words[-1]) / "report.json", report)
        return subprocess.CompletedProcess(words, code, stderr="working\ntoo large\n")

    monkeypatch.setattr(points, "FOLDER", tmp_path)
    monkeypatch.setattr(points, "hwgen", build)
    row = points.built("area-12f", points.POINTS["area-12f"], subject)
    assert points.routed(row)
    assert row["command"].startswith("hwgen build CKPT --goal area --board ulx3s-12f")
    row = points.built("area-12f", points.POINTS["area-12f"], subject)
    assert not points.routed(row)
    assert (row["exit"], row["failed"]) == (4, "too large")


def test_seconds_of_the_simulator():
    line = "** test_windows.windows           PASS      163685.00           0.09    1766298.01  **"
    assert flow.simulator_seconds(f"running\n{line}\nfinished") == 0.09
    with pytest.raises(ValueError, match="must have cocotb's summary"):
        flow.simulator_seconds(line.replace("PASS", "FAIL"))


def test_programs_of_the_peers_are_there():
    assert {path.stem for path in peers.GENERATORS.glob("*.py")} == {
        "da4ml_matrix", "alkaid_matrix", "nngen_network",
    }  # fmt: skip
    assert sys.version_info >= (3, 11)


def test_places_that_nearly_coincide_share_a_label():
    places = {"a": (10.0, 100.0), "b": (12.0, 100.0), "c": (10.0, 300.0)}
    assert plots.labels(places) == {"a, b": (10.0, 100.0), "c": (10.0, 300.0)}
