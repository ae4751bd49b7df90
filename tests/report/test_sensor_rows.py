"""What the report says of a board with a sensor."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from hwgen.report import assemble
from hwgen.report.html import render
from hwgen.report.sensor_rows import sensor_rows
from hwgen.report.table import print_table

SENSOR = {
    "source": "ics43434",
    "part": "TDK InvenSense ICS-43434, MEMS microphone",
    "data_sheet": "DS-000069",
    "sensor_rate_hz": 48_007.68,
    "decimation": 4,
    "sensor_bits": 24,
    "hop": 2048,
    "windows_per_second": 5.86,
}
DECISION = {
    "vote": "3/5",
    "alarm_classes": ["ball", "<inner>"],
    "unknown_below": 37,
    "decided_on": "held-out",
    "unknown_of_right": 0.009,
    "unknown_of_wrong": None,
    "unknown_of_right_test": 0.0125,
    "unknown_of_wrong_test": 0.5,
}


def test_rows(parts):
    report = assemble(parts | {"sensor": SENSOR, "decision": DECISION})
    rows = dict(sensor_rows(report))
    assert rows["sensor"] == (
        "ics43434 at 48,008 Hz, decimated by 4; a window every 2048 samples, 5.86 a second"
    )
    assert rows["alarm"] == "3/5 of: ball, <inner>"
    assert rows["unknown"] == (
        "margin below 37 (of held-out windows); on the test part 1.2 % of right answers, "
        "50.0 % of wrong answers"
    )
    assert sensor_rows(assemble(parts)) == []


def test_table_and_page(parts):
    report = assemble(parts | {"sensor": SENSOR, "decision": DECISION})
    stream = io.StringIO()
    print_table(report, Console(file=stream, width=200))
    assert "ics43434 at 48,008 Hz" in stream.getvalue()
    page = render(report, {})
    assert "3/5 of: ball, &lt;inner&gt;" in page
    assert "Sensor and alarm" not in render(assemble(parts), {})


@pytest.mark.parametrize(
    ("part", "key", "value", "text"),
    [
        ("sensor", "decimation", 0, "sensor.decimation must be an integer >= 1, not 0"),
        ("sensor", "sensor_rate_hz", "fast", "sensor.sensor_rate_hz must be a number > 0"),
        ("decision", "alarm_classes", [3], "decision.alarm_classes must be texts"),
        ("decision", "unknown_of_right", 2, "decision.unknown_of_right must be a number 0 to 1"),
    ],
)
def test_a_broken_part_is_refused(parts, part, key, value, text):
    given = {"sensor": SENSOR, "decision": DECISION}
    given[part] = given[part] | {key: value}
    with pytest.raises(ValueError, match=text):
        assemble(parts | given)
