"""The stages of a real small build, up to verification."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from hwgen.flow.left import left_by_quantize
from hwgen.flow.options import Settings, read_settings
from hwgen.flow.quantized import Quantized
from hwgen.flow.stage import result_of

DESIGN = ("network", "digest", "input_samples", "classes")
LATENCY = (
    "cycles_last_sample_to_class",
    "cycles_per_window",
    "min_cycles_between_samples",
    "clock_mhz",
    "last_sample_to_class_us",
    "windows_per_second",
)
KEYS = {
    "design": DESIGN,
    "board": ("name", "device", "package"),
    "accuracy": ("data", "windows", "float_f1", "fixed_f1", "agreement"),
    "verification": ("simulator", "windows", "mismatches"),
    "latency": LATENCY,
}


def report_of(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text())


def test_report_has_the_keys_of_the_design(built):
    report = report_of(built)
    assert report["schema"] == 1
    for section, keys in KEYS.items():
        assert set(keys) <= set(report[section]), section
        assert all(report[section][key] is not None for key in keys if not key.endswith("_f1"))
    assert report["resources"] is None
    assert report["timing"] is None
    assert set(report["seconds"]) == {"quantize", "generate", "verify"}
    assert report["tools"]["verilator"].startswith("verilator")
    network = report["network"]
    layers = network["layers"]
    assert network["parameters"] == sum(each["parameters"] for each in layers) > 0
    assert network["macs"] == sum(each["macs"] for each in layers) > 0
    assert round(network["utilisation"], 4) == report["design"]["utilisation"]
    told = {each["name"]: each["cycles"] for each in layers if each["cycles"]}
    assert told.items() <= report["latency"]["breakdown"].items()
    assert {each["op"] for each in layers if each["cycles"]} >= {"conv1d", "dense"}
    assert all(each["bits"] > 0 for each in layers)


def test_a_bare_state_dict_without_data(built):
    first = (built.parent / "said.txt").read_text().splitlines()[0]
    assert "synthetic" in first
    accuracy = report_of(built)["accuracy"]
    assert accuracy["data"] == "synthetic"
    assert accuracy["float_f1"] is None
    assert accuracy["fixed_f1"] is None
    assert accuracy["agreement"] > 0.99


def test_the_hardware_is_verified_on_every_class_and_the_corners(built):
    report = report_of(built)
    assert report["verification"]["mismatches"] == 0
    assert report["verification"]["windows"] >= 100 + report["verification"]["corner_windows"]
    known = json.loads((built / "rtl" / "stage.json").read_text())["result"]
    latency = report["latency"]
    assert latency["cycles_last_sample_to_class"] == known["latency"]
    assert known["interval"] - 2 <= latency["cycles_per_window"] <= known["interval"]
    assert latency["min_cycles_between_samples"] == 1
    assert sum(latency["breakdown"].values()) == known["latency"]


def test_the_second_time_nothing_is_run_and_torch_is_not_imported(built, folder):
    code = (
        "import sys; from hwgen.cli.main import run; "
        "code = run(['verify', sys.argv[1]]) or run(['report', sys.argv[1]]); "
        "heavy = {'torch', 'matplotlib', 'cocotb'} & set(sys.modules); "
        "print('imported:', *heavy); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "imported:" in [line.strip() for line in lines]
    assert "generate: unchanged, not run again" in lines
    assert "verify: unchanged, not run again" in lines
    assert report_of(folder) == report_of(built)


def test_the_build_command_does_not_run_anything_again_either(built, folder):
    code = (
        "import sys; from hwgen.flow import build; from hwgen.flow.options import read_settings; "
        "from pathlib import Path; folder = Path(sys.argv[1]); "
        "build.build(read_settings(folder), folder, print, upto='verify'); "
        "print('imported:', *({'torch', 'matplotlib', 'cocotb'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert "synthetic" in said[0]
    for stage in ("quantize", "generate", "verify"):
        assert f"{stage}: unchanged, not run again" in said
    assert said[-1].strip() == "imported:"


def test_what_quantize_left_is_the_network(built):
    assert left_by_quantize(built).digest == report_of(built)["design"]["digest"]


def test_settings_survive_the_file(built):
    settings = read_settings(built)
    assert settings.source == result_of(built / "ir", Quantized).said.source
    assert replace(settings, source=None) == Settings(checkpoint=str(built.parent / "tiny.pt"))
