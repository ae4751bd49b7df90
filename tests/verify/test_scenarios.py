"""What a simulation feeds, and how many windows it can afford."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.plans.timing import Timing
from hwgen.verify import affordable, spread
from hwgen.verify.scenarios import CYCLES, LEAST, cycles, in_blocks, in_streams, windows_of

STREAMING = Timing(4312, 2048)
LATENCY = Timing(165, 2048 * 128, 128)
AREA = Timing(36400, 2048 * 1040, 1040)
BLOCKS = {
    "streaming": (STREAMING, 129, 2048),
    "slow engine": (Timing(70_000, 20_000), 20, 2048),
    "latency": (LATENCY, 60, 2048),
    "area": (AREA, 12, 2048),
    "small": (Timing(40, 48, 6), 9, 8),
}
STREAMS = {
    "every sample": (Timing(165, 166, 166), 2048, 1),
    "half": (Timing(165, 1024 * 128, 128), 2048, 1024),
    "nearly the window": (Timing(40, 42, 6), 8, 7),
    "several in flight": (Timing(100, 36, 12), 16, 3),
}


def sections(scenarios):
    return [section for scenario in scenarios for section in scenario["sections"]]


@pytest.mark.parametrize("name", BLOCKS)
def test_sections_lie_in_the_windows_and_are_asked_for_their_answers(name):
    timing, windows, window = BLOCKS[name]
    for section in sections(in_blocks(windows, window, timing)):
        assert section["start"] == section["answers"] * window
        assert section["windows"] == section["count"] // window
        assert section["start"] + section["count"] <= windows * window


@pytest.mark.parametrize("name", STREAMS)
def test_sections_lie_in_their_stream_and_are_asked_for_its_answers(name):
    timing, window, hop = STREAMS[name]
    first, second = 5 * window, 2 * window
    for section in sections(in_streams(first, second, window, hop, timing)):
        later = section["start"] == first
        assert section["start"] in {0, first}
        assert section["answers"] == (windows_of(first, window, hop) if later else 0)
        assert section["windows"] == windows_of(section["count"], window, hop)
        assert section["count"] <= (second if later else first)


@pytest.mark.parametrize("name", [*BLOCKS, *STREAMS])
def test_every_way_to_end_is_there_and_something_is_compared_behind_it(name):
    if name in BLOCKS:
        timing, windows, window = BLOCKS[name]
        scenarios = in_blocks(windows, window, timing)
    else:
        timing, window, hop = STREAMS[name]
        scenarios = in_streams(5 * window, 2 * window, window, hop, timing)
    ends = [[section["end"] for section in scenario["sections"]] for scenario in scenarios]
    assert [row[-1] for row in ends] == ["results"] * len(scenarios)
    assert all(scenario["sections"][-1]["windows"] for scenario in scenarios)
    assert ends[-1] == ["abandon", "abandon", "next", "results"]
    assert "reset" in ends[-2]
    given_up = scenarios[-1]["sections"]
    assert given_up[0]["count"] % window  # in mid-window
    few, many = given_up[1]["answered"]
    assert few <= many == given_up[1]["windows"] - 1
    assert given_up[1]["idle"] < timing.latency  # on its way
    # What comes behind an interruption begins with samples that are nobody's.
    assert all(section["junk"] for section in given_up[1:3])


def test_a_design_with_a_pause_is_fed_slower_than_it_asks_for_where_samples_are_slow():
    for timing in (STREAMING, LATENCY):
        (slow,) = (each for each in in_blocks(20, 2048, timing) if each["spacing"])
        assert slow["spacing"] > timing.pause


def test_in_haste_there_are_answers_latency_and_pace_only():
    assert [each["name"] for each in in_blocks(3, 8, STREAMING, quick=True)] == [
        "alone",
        "back to back",
    ]
    assert len(in_streams(24, 16, 8, 3, STREAMING, quick=True)) == 2


def test_a_thousand_windows_of_a_fast_design_are_affordable():
    assert affordable(STREAMING, 2048, 2048) >= 1009


@pytest.mark.parametrize("timing", [STREAMING, LATENCY], ids=["streaming", "latency"])
def test_what_is_affordable_takes_about_the_cycles_that_there_are(timing):
    windows = affordable(timing, 2048, 2048)
    assert windows > LEAST
    used = cycles(in_blocks(windows, 2048, timing), timing, 2048)
    assert 0.8 * CYCLES < used < 1.2 * CYCLES
    quick = affordable(timing, 2048, 2048, 1_000_000, quick=True)
    assert cycles(in_blocks(quick, 2048, timing, quick=True), timing, 2048) <= 1_000_000


def test_the_slowest_design_shows_its_interval_all_the_same():
    assert affordable(AREA, 2048, 2048) >= LEAST
    assert affordable(AREA, 2048, 2048, 1, quick=True) == 1
    assert cycles(in_blocks(LEAST, 2048, AREA), AREA, 2048) < 2 * CYCLES


def test_windows_that_overlap_are_bounded_by_results_too():
    timing, window, hop = STREAMS["every sample"]
    windows = affordable(timing, window, hop)
    assert windows >= 3
    assert windows_of(windows * window, window, hop) <= 30_000
    used = cycles(in_streams(windows * window, 2 * window, window, hop, timing), timing, window)
    assert used < CYCLES


def test_windows_of_a_stream():
    assert [windows_of(samples, 8, 3) for samples in (0, 7, 8, 10, 11, 14)] == [0, 0, 1, 1, 2, 3]


def test_spread_takes_windows_from_end_to_end():
    windows = np.arange(10).reshape(10, 1)
    assert spread(windows, 4).ravel().tolist() == [0, 3, 6, 9]
    assert spread(windows, 99).ravel().tolist() == list(range(10))
