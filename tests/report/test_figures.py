"""Figures are well-formed SVG that shows its data, whatever the names and sizes."""

from __future__ import annotations

import re
import warnings
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from hwgen.report import figures


def texts(svg):
    """Return the texts drawn: matplotlib leaves each as a comment before its outlines."""
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    return re.findall(r"<!-- (.*?) -->", svg)


def test_confusion():
    counts = np.array([[11, 0], [2, 12_345]])
    drawn = texts(figures.confusion(counts, counts.T, ["ball", "normal"]))
    assert drawn.count("12.3k") == drawn.count("11") == drawn.count("2") == 2
    assert drawn.count("ball") == 4
    assert {"float", "fixed point", "true class", "predicted class"} <= set(drawn)


def test_mistakes_are_outlined():
    clean = figures.confusion(np.eye(3, dtype=int), np.eye(3, dtype=int), "abc")
    one = np.eye(3, dtype=int)
    one[0, 1] = 1
    red = figures.RED.lower()
    assert red not in clean
    assert red in figures.confusion(np.eye(3, dtype=int), one, "abc")


@pytest.mark.parametrize("classes", [1, 21, 41, 300])
def test_confusion_of_any_size(classes):
    counts = np.ones((classes, classes), dtype=int)
    drawn = texts(figures.confusion(counts, counts, [f"c{i}" for i in range(classes)]))
    assert ("c0" in drawn) == (classes <= 40)


@pytest.mark.parametrize("name", ["a$b$_{", "<&>", "\x00\x1b", "轴承", "x" * 300, "\ud800", " "])
def test_any_name(name):
    counts = np.eye(2, dtype=int)
    texts(figures.confusion(counts, counts, [name, "b"]))
    texts(figures.latency({name: 5, "b": 6}, 100.0))


@pytest.mark.parametrize("name", ["IR $a_1$", "[mild] :x:", r"$\frac{1}$"])
def test_names_are_drawn_literally(name):
    assert name in texts(figures.confusion(np.eye(2, dtype=int), np.eye(2, dtype=int), [name, "b"]))


def test_resources():
    drawn = texts(figures.resources({"LUT4": 7421, "DSP": 30}, {"LUT4": 83640, "DSP": 28}))
    assert {"8.9 %   7,421 of 83,640", "107.1 %   30 of 28", "used of the chip (%)"} <= set(drawn)


def test_too_many_cells_are_red():
    assert figures.RED.lower() in figures.resources({"DSP": 30}, {"DSP": 28})
    assert figures.RED.lower() not in figures.resources({"DSP": 28}, {"DSP": 28})
    texts(figures.resources({"DSP": 0}, {"DSP": 0}))


def test_latency():
    drawn = texts(figures.latency({"transform": 2000, "conv1": 500}, 125.0))
    assert {"2,000 cycles, 16.0 µs", "500 cycles, 4.00 µs", "µs at 125 MHz"} <= set(drawn)


def test_the_same_figure_from_the_same_data():
    assert figures.latency({"a": 1}, 1.0) == figures.latency({"a": 1}, 1.0)


def test_no_warning_and_no_change_of_style():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figures.latency({"轴承": 5}, 1.0)
    assert not caught
    assert dict(mpl.rcParams) == before
