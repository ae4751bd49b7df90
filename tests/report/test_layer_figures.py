"""Each layer's histogram shows format, range, SQNR and saturations, whatever the values."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from hwgen.report import histogram
from hwgen.report.canvas import RED
from hwgen.report.layer_figures import LayerHistogram, histograms


def texts(svg):
    """Return the texts drawn: matplotlib leaves each as a comment before its outlines."""
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    return re.findall(r"<!-- (.*?) -->", svg)


def layer(name="conv1", outputs=(0, 3, 255), **others):
    made = histogram(np.array(outputs))
    given = {
        "fmt": "uQ3.5",
        "low": 0,
        "high": 255,
        "sqnr_db": 33.4,
        "saturated": 0,
        "values": 9,
    } | others
    return LayerHistogram(name=name, edges=made["edges"], counts=made["counts"], **given)


@pytest.mark.parametrize("layers", [1, 2, 3, 7])
def test_histograms(layers):
    drawn = texts(histograms([layer(f"layer{i}") for i in range(layers)]))
    for index in range(layers):
        assert f"layer{index}   uQ3.5   SQNR 33.4 dB" in drawn
    assert {"outputs", "the format's range", "output (integer)", "outputs in a bin"} <= set(drawn)


def test_values_that_fill_little_of_the_range_are_shown_large():
    narrow = layer(outputs=(-4, 9, 9), fmt="Q6.15", low=-(2**21), high=2**21 - 1, sqnr_db=None)
    drawn = texts(histograms([narrow]))
    assert "output (integer, of -2,097,152 to 2,097,151)" in drawn
    assert "conv1   Q6.15" in drawn


def test_one_value_only():
    texts(histograms([layer(outputs=(0, 0)), layer(outputs=(-7,), low=-(2**31), high=2**31)]))


@pytest.mark.parametrize("name", ["a$b$_{", "<&>", "\x00\x1b", "轴承", "x" * 300, "\ud800", " "])
def test_any_name(name):
    texts(histograms([layer(name)]))


def test_saturations_are_told_and_stand_out():
    drawn = histograms([layer(saturated=12, values=30_000), layer("conv2")])
    assert {"12 of 30,000 saturated (0.04 %)", "none of 9 saturated"} <= set(texts(drawn))
    clean = histograms([layer()]).lower()
    assert histograms([layer(saturated=1)]).lower().count(RED.lower()) > clean.count(RED.lower())
