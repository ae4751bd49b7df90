"""The page holds every number, needs nothing else, and trusts no text."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from hwgen.report import assemble, render, write_html
from hwgen.report.html import draw_figures

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Checks that tags are closed in order; keeps texts, tags and attributes."""

    def __init__(self, source):
        super().__init__()
        self.open, self.tags, self.pieces = [], [], []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.pieces.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.pieces))


def test_every_number_is_there(report):
    text = Page(render(report, {})).text
    for shown in (
        "99.50 %", "0.9967", "0.9983", "27.8 µs", "3,475 cycles", "61,035", "141.7 MHz",
        "target 125.0 MHz: met", "7,421", "of 83,640", "112", "Verilator 5.048", "uQ2.6",
        "38.2 dB", "12 of 30,000", "mse", "0.70", "61.2 s", "64.4 s", "3f" * 32, "ball", "BG381",
        "agree bit for bit; timing is met",
    ):  # fmt: skip
        assert shown in text, shown


def test_it_needs_nothing_else(tmp_path, report):
    write_html(report, tmp_path / "report.html")
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http" not in source
    page = Page(source)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "a"}
    images = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(images) == 4
    for attrs in images:
        kind, data = attrs["src"].split(",", 1)
        assert kind == "data:image/svg+xml;base64"
        ET.fromstring(base64.b64decode(data))
        assert attrs["alt"]


def test_problems_come_before_the_numbers(unfit):
    text = Page(render(unfit, {})).text
    assert "agree bit for bit" not in text
    assert (
        0
        < text.index("must not be used")
        < text.index("verification failed: 3 mismatches")
        < text.index("timing not met: 141.7 MHz")
        < text.index("Class agreement")
    )


@pytest.mark.parametrize("kept", [(), ("design", "calibration"), ("resources",), ("latency",)])
def test_parts_that_are_missing(parts, kept):
    report = assemble({name: parts[name] for name in kept})
    text = Page(render(report, draw_figures(report))).text
    assert "The build is not complete" in text
    assert "agree bit for bit" not in text


def test_figures_are_drawn_where_there_is_data(parts, report):
    assert list(draw_figures(report)) == ["confusion", "histograms", "resources", "latency"]
    del parts["accuracy"]["confusion"], parts["latency"]["breakdown"], parts["resources"]
    del parts["calibration"]["layers"][0]["histogram"]
    assert draw_figures(assemble(parts)) == {}


def test_the_range_of_a_format(report):
    signed = report["calibration"]["layers"][1]
    signed["histogram"] = {"edges": [-5, 0, 5], "counts": [1, 2]}
    assert "of -2,097,152 to 2,097,151" in draw_figures(report)["histograms"]


def test_text_is_never_markup(parts, robustness):
    hostile = "<script>alert(1)</script>\"'&\x1b"
    parts["design"] |= {"network": hostile, "classes": [hostile, "b", "c"], "further": hostile}
    parts["board"]["name"] = parts["accuracy"]["data"] = hostile
    parts["tools"] = {hostile: hostile}
    parts["seconds"] = {hostile: 1.0}
    parts["calibration"]["layers"][0]["name"] = hostile
    parts["notes"] = [hostile]
    for key in ("recording", "true", "float", "fixed"):
        robustness["disagreements"]["rows"][0][key] = hostile
    parts["robustness"] = robustness
    report = assemble(parts)
    source = render(report, draw_figures(report))
    assert "<script" not in source
    assert "\x1b" not in source
    assert Page(source).text.count("<script>alert(1)</script>") >= 13


def test_further_keys_are_shown(parts):
    parts["verification"] |= {"corner_windows": 12, "netlist": True, "log": ["not shown"]}
    text = Page(render(assemble(parts), {})).text
    assert "corner windows 12" in text
    assert "netlist yes" in text
    assert "not shown" not in text


def test_robustness_is_shown(parts, robustness):
    report = assemble(parts | {"robustness": robustness})
    drawn = draw_figures(report)
    assert list(drawn)[:3] == ["confusion", "robustness", "margins"]
    text = Page(render(report, drawn)).text
    for shown in (
        "on 400 windows", "In 2 of 600 windows (0.33 %)", "right in 1 of these, fixed point in 0",
        "above 1.25", "inner.mat", "384", "0.031", "recording's test part begins",
    ):  # fmt: skip
        assert shown in text, shown


def test_robustness_without_labels(parts, robustness):
    robustness |= {"snr": None, "gain": None}
    robustness["disagreements"] |= {"float_right": None, "fixed_right": None}
    report = assemble(parts | {"robustness": robustness})
    drawn = draw_figures(report)
    assert "robustness" not in drawn
    text = Page(render(report, drawn)).text
    assert "In 2 of 600 windows (0.33 %). None" in text
    assert "Noise and gain" not in text


def test_robustness_without_recordings(parts, robustness):
    report = assemble(parts | {"robustness": robustness | {"snr": None}})
    text = Page(render(report, draw_figures(report))).text
    assert "F1 against noise needs recordings without noise" in text


def test_nothing_differs(parts, robustness):
    robustness["disagreements"] |= {
        "count": 0, "rows": [], "points": {"differ": 0, "float": [0.0], "fixed": [0.0]},
    }  # fmt: skip
    report = assemble(parts | {"robustness": robustness, "accuracy": None})
    text = Page(render(report, draw_figures(report))).text
    assert "In 0 of 600 windows (0 %). A margin" in text


def test_an_earlier_report_has_no_robustness(report):
    assert "robustness" not in report
    assert "disagree" not in Page(render(report, draw_figures(report))).text


def test_plotting_is_not_imported_for_the_table():
    code = "import sys, hwgen.report; print({'matplotlib', 'jinja2', 'torch'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert run.stdout.strip() == "set()"


def test_ways_of_calibrating_are_shown(parts):
    parts["calibration"] |= {
        "rounding": "compensated",
        "choices": [
            {"range": "mse", "rounding": "compensated", "f1": 0.9875, "sqnr_db": 31.26},
            {"range": "percentile", "rounding": "nearest", "f1": None, "sqnr_db": None},
        ],
    }
    text = Page(render(assemble(parts), {})).text
    for shown in (
        "chosen by mse , weights rounded by compensated ,", "Every way of calibrating",
        "mse compensated 0.9875 31.3 dB", "percentile nearest \N{EN DASH} \N{EN DASH}",
    ):  # fmt: skip
        assert shown in text, shown


def test_one_way_of_calibrating_needs_no_table(parts):
    parts["calibration"] |= {"rounding": "nearest", "choices": []}
    text = Page(render(assemble(parts), {})).text
    assert "weights rounded by nearest" in text
    assert "Every way of calibrating" not in text


def test_an_earlier_report_names_no_rounding(report):
    assert "rounding" not in report["calibration"]
    text = Page(render(report, {})).text
    assert "Formats chosen by mse on 256 windows" in text


def test_a_search_for_bits_is_shown(parts):
    bits = {"adc": 11, "data": 13, "twiddle": 10, "feature": 7, "conv_weight": 5, "activation": 6,
            "dense_weight": 4}  # fmt: skip
    chosen = {"bits": bits, "weight": 14_100.0, "sure_drop": 0.08}
    search = {"max_drop": 0.25, "float_f1": 0.99, "chosen": chosen, "front": [chosen],
              "tried": [chosen, chosen, chosen]}  # fmt: skip
    report = assemble(parts | {"search": search})
    drawn = draw_figures(report)
    assert "<!-- 11/13/10/7/5/6/4 -->" in drawn["pareto"]
    source = render(report, drawn)
    text = Page(source).text
    for shown in (
        "at most 0.250 percentage points",
        "ADC 11, transform data 13, twiddles 10, features 7",
        "convolution weights 5, values between layers 6, dense weights 4", "3 assignments",
    ):  # fmt: skip
        assert shown in text, shown
    assert source.count('alt="Cost of each assignment') == 1


def test_fine_tuning_is_shown(parts):
    qat = {"start_f1": 0.9125, "f1": 0.9875, "epoch": 3, "epochs": 8}
    text = Page(render(assemble(parts | {"qat": qat}), {})).text
    assert "0.9125 before, 0.9875 after (epoch 3 of 8;" in text


@pytest.mark.parametrize("absent", [{}, {"search": None, "qat": None}])
def test_without_search_and_fine_tuning_nothing_is_said_of_them(parts, absent):
    report = assemble(parts | absent)
    text = Page(render(report, draw_figures(report))).text
    assert "Bit widths" not in text
    assert "Fine-tuning" not in text
