"""Figure and table of a search for bits."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from hwgen.report import pareto
from hwgen.report.canvas import RED


def candidate(weight, drop, **widths):
    bits = {"adc": 12, "data": 16, "twiddle": 12, "feature": 8, "conv_weight": 7, "activation": 6,
            "dense_weight": 5, "magnitude": "max-1/4", "full_scale": 16.0} | widths  # fmt: skip
    return {
        "bits": bits,
        "cost": {"lut4": 4378, "dsp": 18, "ebr": 23},
        "weight": weight,
        "drop": drop / 2,
        "sure_drop": drop,
        "f1": 0.9912,
        "agreement": 0.9975,
    }


@pytest.fixture
def search():
    front = [
        candidate(28_100.2, 30.0, feature=4),
        candidate(29_190.4, 0.08, feature=5),
        candidate(30_100.0, 0.0),
    ]
    tried = [{"weight": each["weight"], "sure_drop": each["sure_drop"]} for each in front]
    return {
        "max_drop": 0.1,
        "float_f1": 0.9920,
        "chosen": front[1],
        "front": front,
        "tried": [*tried, {"weight": 31_000.0, "sure_drop": 0.02}],
    }


def texts(svg):
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    return re.findall(r"<!-- (.*?) -->", svg)


def test_the_choice_is_named_and_marked(search):
    svg = pareto.pareto(search)
    drawn = texts(svg)
    assert "12/16/12/5/7/6/5" in drawn
    assert {"tried", "front", "bound", "chosen"} <= set(drawn)
    assert any("percentage points" in text for text in drawn)
    assert RED.lower() in svg
    assert svg == pareto.pareto(search)


def test_every_point_that_was_tried_is_drawn(search):
    def tried(svg):
        part = svg.split('id="PathCollection_1"')[1].split("</g>\n   <g id=")[0]
        return part.count("<use ")

    assert tried(pareto.pareto(search)) == 4
    search["tried"].append({"weight": 29_500.0, "sure_drop": 2.0})
    assert tried(pareto.pareto(search)) == 5


@pytest.mark.parametrize("drop", [0.0, -0.2, 80.0])
def test_one_point_only(search, drop):
    only = candidate(20_000.0, drop)
    one = {**search, "max_drop": max(drop, 0.0), "chosen": only, "front": [only], "tried": [only]}
    assert "12/16/12/8/7/6/5" in texts(pareto.pareto(one))


def test_table(search):
    file = io.StringIO()
    pareto.print_front(search, Console(file=file, width=80))
    lines = file.getvalue().splitlines()
    assert lines[0].split()[:3] == ["bits", "LUT4", "DSP"]
    marks = [line.split()[0] for line in lines[1:4]]
    assert marks == ["12/16/12/4/7/6/5", ">", "12/16/12/8/7/6/5"]
    chosen = lines[2].split()[1:]
    assert chosen == ["12/16/12/5/7/6/5", "4,378", "18", "23", "29,190", "0.040", "0.080",
                      "99.75", "%"]  # fmt: skip
    assert "ADC/data/twiddle/feature/conv/activation/dense" in lines[4]
    assert "chosen of 4: F1 0.9912, float 0.9920, drop at most 0.1 percentage" in " ".join(lines)
