"""The table at the end of a build, as a pipe or an old terminal shows it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from hwgen.report import assemble, print_table


def shown(report, encoding="utf-8", width=100, **options):
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, write_through=True) as file:
        print_table(report, Console(file=file, width=width), **options)
        return raw.getvalue().decode(encoding)


def row(text, label):
    (line,) = [line for line in text.splitlines() if line.strip().startswith(label)]
    return line.strip().removeprefix(label).strip()


def test_every_number_is_there(report):
    text = shown(report, path="build/a/report.json")
    assert row(text, "class agreement") == "99.50 % of 600 windows (3 differ), data: cwru"
    assert row(text, "F1 float / fixed") == "0.9983 / 0.9967"
    assert row(text, "last sample to class") == "3,475 cycles, 27.8 us at 125.0 MHz"
    assert row(text, "windows per second") == "61,035 (2,048 cycles a window)"
    assert row(text, "LUT4") == "7,421 of 83,640 (8.9 %)"
    assert row(text, "COMB") == "8,320 of 83,640 (9.9 %)"
    assert row(text, "FF") == "6,011 of 83,640 (7.2 %)"
    assert row(text, "DSP") == "28 of 156 (17.9 %)"
    assert row(text, "EBR") == "21 of 208 (10.1 %)"
    assert row(text, "Fmax") == "141.7 MHz, target 125.0 MHz: met"
    assert row(text, "verification") == "0 mismatches in 112 windows (Verilator 5.048)"
    assert text.splitlines()[0] == "bearing-pga-net on ulx3s-85f (LFE5U-85F, BG381)"
    assert text.splitlines()[1] == "verified bit-exact, timing met"
    assert text.splitlines()[-1] == "report: build/a/report.json"


def test_what_was_expected_stands_beside_what_is(parts):
    cells = {"lut4": 7000, "dsp": 28, "ebr": 21}
    made = assemble(parts | {"estimate": {"core": cells, "board": cells | {"lut4": 8012}}})
    assert row(shown(made), "LUT4") == "7,421 of 83,640 (8.9 %; estimated 8,012)"
    assert row(shown(made), "DSP") == "28 of 156 (17.9 %)"
    made = assemble(parts | {"estimate": {"core": cells, "board": None}})
    assert row(shown(made), "LUT4") == "7,421 of 83,640 (8.9 %)"
    with pytest.raises(
        ValueError, match=r"estimate\.core.ebr must be an integer >= 0, not missing"
    ):
        assemble(parts | {"estimate": {"core": {"lut4": 1, "dsp": 1}}})


def test_saturations(parts):
    assert row(shown(assemble(parts)), "saturated outputs") == (
        "spectrum 12 of 30,000 (0.04 %), fc1 12 of 30,000 (0.04 %)"
    )
    for layer in parts["calibration"]["layers"]:
        layer["saturated"] = 0
    assert row(shown(assemble(parts)), "saturated outputs") == "none in 2 layers"
    assert "saturated" not in shown(assemble(parts | {"calibration": None}))


def test_problems_come_first(unfit):
    lines = shown(unfit).splitlines()
    assert lines[1] == (
        "PROBLEM: verification failed: 3 mismatches between hardware and golden model "
        "in 112 windows"
    )
    assert lines[2] == (
        "PROBLEM: timing not met: 141.7 MHz reached of 150.0 MHz; lower --clock-mhz"
    )
    assert "verified" not in "".join(lines)
    assert row("\n".join(lines), "Fmax").endswith("NOT MET")


def test_a_chip_that_is_too_small(parts):
    few = parts["resources"]["available"] | {"dsp": 20}
    text = shown(assemble(parts | {"resources": parts["resources"] | {"available": few}}))
    assert "PROBLEM: the chip is too small: 28 DSP of 20; " in text


@pytest.mark.parametrize(
    "kept", [(), ("design", "board"), ("design", "accuracy"), ("latency", "timing")]
)
def test_parts_that_are_missing(parts, kept):
    text = shown(assemble({name: parts[name] for name in kept}))
    absent = [name for name in ("accuracy", "verification", "latency", "resources", "timing")
              if name not in kept]  # fmt: skip
    assert f"not run: {', '.join(absent)}" in text
    assert row(text, "verification") == row(text, "EBR") == "not run"
    assert "bit-exact" not in text


def test_without_labelled_recordings(parts):
    part = {"data": "synthetic", "windows": 100, "agreement": 1.0}
    note = "calibrated on synthetic signals"
    text = shown(assemble(parts | {"accuracy": part, "notes": [note]}))
    assert row(text, "F1 float / fixed") == "not measured (no labelled recordings)"
    assert row(text, "class agreement").startswith("100 % of 100 windows (0 differ)")
    assert text.splitlines()[1] == f"note: {note}"


def test_a_terminal_is_not_steered_and_markup_is_text(parts):
    hostile = {"network": "\x1b[2J[red]net\x07\u202e", "classes": ["a", "b", "c"]}
    text = shown(assemble(parts | {"design": parts["design"] | hostile}), path="[bold]x")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.startswith(r"\x1b[2J[red]net\x07\u202e on ")
    assert "report: [bold]x" in text


def test_ascii(parts):
    part = parts["accuracy"] | {"data": "Prüfstand"}
    text = shown(assemble(parts | {"accuracy": part}), encoding="ascii")
    assert "data: Pr\\xfcfstand" in text


def test_a_long_path_stays_on_its_line(report):
    path = "/".join(["folder"] * 40)
    assert f"report: {path}\n" in shown(report, width=40, path=path)


def test_in_a_terminal_the_problem_is_red(unfit):
    file = io.StringIO()
    print_table(unfit, Console(file=file, force_terminal=True, color_system="standard", width=120))
    assert "\x1b[1;31mPROBLEM: verification failed" in file.getvalue()
