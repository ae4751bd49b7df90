"""Curves and margins are well-formed SVG, in every case a build can come to."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from hwgen.report.accuracy_figures import margins, sweeps
from hwgen.report.canvas import RED

HERE = "#9ca3af"
"""Colour of the line that tells where all other windows are."""


def texts(svg):
    """Return the texts drawn: matplotlib leaves each as a comment before its outlines."""
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    return set(re.findall(r"<!-- (.*?) -->", svg))


def test_both_sweeps(robustness):
    drawn = texts(sweeps(robustness["snr"], robustness["gain"], -6.0))
    assert {
        "noise", "signal-to-noise ratio (dB)", "+20", "\N{MINUS SIGN}12", "0",
        "gain error of the sensor", "gain error (%)", "+30", "\N{MINUS SIGN}30",
        "macro F1", "float", "fixed point",
    } <= drawn  # fmt: skip


def test_one_sweep(robustness):
    drawn = texts(sweeps(None, robustness["gain"], None))
    assert "gain error (%)" in drawn
    assert "signal-to-noise ratio (dB)" not in drawn


@pytest.mark.parametrize(("data_db", "marked"), [(None, 0), (-6.0, 1), (-40.0, 0)])
def test_the_ratio_of_the_other_windows_is_marked(robustness, data_db, marked):
    drawn = sweeps(robustness["snr"], None, data_db).lower()
    without = sweeps(robustness["snr"], None, None).lower()
    assert drawn.count(HERE) - without.count(HERE) == marked


def test_curves_that_lie_on_the_axis_ends(robustness):
    zero = {key: [0.0] * 3 for key in ("float_f1", "fixed_f1")}
    one = {key: [1.0] * 3 for key in ("float_f1", "fixed_f1")}
    texts(sweeps(robustness["snr"] | zero, robustness["gain"] | one, 0.0))


def test_margins(robustness):
    found = robustness["disagreements"]
    drawn = texts(margins(found))
    assert {"3 of 600 windows", "all 600 windows", "same class", "different class"} <= drawn
    assert "all 3 windows" in texts(margins(found | {"of": 3}))


def test_disagreements_stand_out(robustness):
    found = robustness["disagreements"]
    points = found["points"] | {"differ": 0}
    assert margins(found).lower().count(RED.lower()) > margins(
        found | {"points": points}
    ).lower().count(RED.lower())


def test_a_network_that_is_never_sure(robustness):
    points = {"differ": 1, "float": [0.0, 0.0], "fixed": [0.0, 0.0]}
    texts(margins(robustness["disagreements"] | {"points": points, "error_95": 0.0}))
