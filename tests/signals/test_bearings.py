"""Bearings by name and by their geometry."""

from __future__ import annotations

import math

import pytest

from hwgen.errors import UsageError
from hwgen.signals import Bearing, cwru
from hwgen.signals.bearings import bearing_of


@pytest.mark.parametrize("text", ["6205", "cwru", "CWRU-DE", "SKF 6205-2RS", "9,0.3126,1.537"])
def test_the_drive_ends_bearing(text):
    assert bearing_of(text) == Bearing()


def test_the_fan_ends_bearing_strikes_as_its_maker_says():
    bearing = bearing_of("6203")
    assert bearing_of("cwru-fe") == bearing
    found = bearing.bpfo(1), bearing.bpfi(1), bearing.ftf(1), 2 * bearing.bsf(1)
    assert found == pytest.approx((3.053, 4.947, 0.3817, 3.988), abs=0.002)


def test_a_contact_angle_is_in_degrees():
    assert bearing_of("12, 8, 40, 15").contact_angle == pytest.approx(math.radians(15))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("6204", "must be one of 6205, cwru"),
        ("", "must be one of"),
        ("9,1", "must be one of"),
        ("9,1,2,3,4", "must be one of"),
        ("9.5,1,2", "whole number"),
        ("9,x,2", "whole number"),
        ("9,2,1", "below pitch_diameter"),
        ("0,1,2", "at least 1"),
        ("9,nan,2", "ball_diameter"),
        ("9,1,2,90", "0 to 90 degrees, not 90"),
        ("9,1,2,nan", "0 to 90 degrees, not nan"),
    ],
)
def test_what_is_no_bearing(text, said):
    with pytest.raises(UsageError, match=said):
        bearing_of(text)


def test_what_a_cwru_name_says():
    drive, fan = "12k_Drive_End_OR007@6_0_130", "12k_Fan_End_IR014_2_276"
    assert (cwru.bearing(drive), cwru.rpm(drive)) == ("6205", 1797)
    assert (cwru.bearing(fan), cwru.rpm(fan)) == ("6203", 1750)
    assert (cwru.bearing("normal_3_100"), cwru.rpm("normal_3_100")) == ("6205", 1730)
    assert (cwru.bearing("pump"), cwru.rpm("pump")) == (None, None)
