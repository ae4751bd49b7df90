"""What was read of a set of recordings: the report's part, its table and its place on the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwgen.report import assemble, data_lines, render
from hwgen.report.data_rows import recording_lines
from hwgen.report.text import NOTHING
from hwgen.signals import Dataset, Recording, summary


def recording(label, source, rate=12e3, origin="fs", **options):
    return Recording(label, np.arange(24_000.0), rate, source, rate_origin=origin, **options)


@pytest.fixture
def data():
    taken = {"channel": "X118_DE_time", "channels_of": 2}
    return Dataset(
        "shared/set",
        ("IR [mild]", "IR [severe]", "<b>ball</b>"),
        (
            recording("IR [mild]", "a.mat", **taken),
            recording("IR [mild]", "b.mat", origin=None, **taken | {"channel": "X119_DE_time"}),
            recording("IR [severe]", "c.mat", origin=None, **taken),
            recording("<b>ball</b>", "d.npy"),
        ),
        passed_over=("outer/", *(f"{number}.png" for number in range(20))),
    )


def test_the_table(data):
    assert data_lines(summary(data)) == [
        "data: shared/set",
        "index  class        files  seconds  channel                           rate",
        "    0  IR [mild]        2     4.00  X118_DE_time and 1 more (1 of 2)  12,000 Hz, assumed "
        "for 1 of 2 files",
        "    1  IR [severe]      1     2.00  X118_DE_time (1 of 2)             12,000 Hz, assumed",
        f"    2  <b>ball</b>      1     2.00  {NOTHING}                                 12,000 Hz",
        "passed over: outer/, 0.png, 1.png, 2.png, 3.png, 4.png, 5.png, 6.png, 7.png, 8.png, "
        "9.png, 10.png and 9 more",
    ]


def test_without_a_rate_samples_are_counted(data):
    bare = tuple(replace(each, sample_rate=None, rate_origin=None) for each in data.recordings)
    line = data_lines(summary(replace(data, recordings=bare)))[2]
    assert line.split()[-1] == "unknown"
    assert "48,000 samples" in line


def test_many_classes_end_in_a_count(data):
    names = tuple(f"c{number:03}" for number in range(130))
    many = replace(data, classes=names, recordings=tuple(recording(n, n) for n in names))
    lines = data_lines(summary(many))
    assert lines[101].split()[:2] == ["99", "c099"]
    assert lines[102] == "... and 30 more classes"


def test_the_report_carries_it_and_the_page_shows_it(parts, data):
    report = assemble(parts | {"data": summary(data)})
    assert [row["class"] for row in report["data"]["classes"]] == list(data.classes)
    page = render(report, {})
    assert "<td>IR [severe]</td>" in page
    assert "&lt;b&gt;ball&lt;/b&gt;" in page
    assert "passed over: outer/" in page
    assert "<h2>Recordings</h2>" not in render(assemble(parts), {})


@pytest.mark.parametrize(
    ("change", "words"),
    [({"name": ""}, "data.name"), ({"classes": None}, "data.classes"),
     ({"classes": [{}]}, r"data.classes\[0\]"), ({"passed_over": [1]}, "data.passed_over"),
     ({"passed_over_count": -1}, "data.passed_over_count")],
)  # fmt: skip
def test_a_part_that_is_none_is_refused(parts, data, change, words):
    with pytest.raises(ValueError, match=words):
        assemble(parts | {"data": summary(data) | change})


@pytest.mark.parametrize(
    ("rate", "origin", "network", "words"),
    [(12e3, "fs", 12e3, "12,000 Hz (fs)"),
     (None, None, 48e3, "48,000 Hz assumed: nobody states"),
     (None, None, None, "sample rate unknown"),
     (51_200.5, "--sample-rate", None, "51,200.5 Hz (--")],
)  # fmt: skip
def test_one_recording(rate, origin, network, words):
    one = recording("x", "x.mat", rate, origin, channel="DE", channels_of=3, notices=("odd",))
    line, notice = recording_lines(one, network)
    assert line.startswith("x.mat, DE (1 of 3), 24,000 samples, ")
    assert words in line
    assert notice == "odd"
