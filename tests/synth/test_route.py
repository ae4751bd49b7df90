"""Seeds and reports, with a program in nextpnr's place."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from hwgen.errors import CannotMeetError, ToolError
from hwgen.synth.route import config_name, route, route_quickly
from hwgen.targets import find

FAKE = """
import json, sys, time
options = dict(zip(sys.argv[1:], sys.argv[2:]))
seed = -int(options["--seed"]) if "--hasty" in sys.argv else int(options["--seed"])
speed, seconds = SPEEDS[seed]
assert "--timing-allow-fail" in sys.argv
time.sleep(seconds)
open("ran", "a").write(f"{seed} ")
if speed is None:
    print("ERROR: " + MESSAGE)
    sys.exit(255)
open(options["--textcfg"], "w").write("x")
clocks = {"$glbnet$clk": {"achieved": speed, "constraint": CONSTRAINT},
          "other": {"achieved": 1.0, "constraint": 12.0}}
json.dump({"fmax": clocks}, open(options["--report"], "w"))
"""


@pytest.fixture
def fake(tmp_path):
    def go(
        speeds, seeds, constraint=100.004, message="Unable to place cell 'x'", told=None,
        way=route, haste=(), **options,
    ):  # fmt: skip
        text = FAKE.replace("SPEEDS", repr(speeds)).replace("CONSTRAINT", repr(constraint))
        (tmp_path / "fake.py").write_text(text.replace("MESSAGE", repr(message)))
        toolchain = dataclasses.replace(find("ecp5").toolchain, haste=haste)
        return way(
            [sys.executable, "fake.py"], toolchain, tmp_path, tmp_path,
            clock_mhz=100.0, seeds=seeds,
            progress=(told if told is not None else []).append, **options,
        )  # fmt: skip

    return go


def test_one_seed(fake, tmp_path):
    told = []
    made = fake({1: (123.0, 0)}, (1,), told=told)
    assert (made.seed, made.fmax_mhz) == (1, 123.0)
    assert (tmp_path / config_name(1)).exists()
    assert told == ["place and route (nextpnr), seed 1"]


def test_a_missed_clock_still_has_its_figures(fake):
    made = fake({1: (90.0, 0)}, (1,))
    assert made.fmax_mhz == 90.0


def test_the_lowest_seed_that_meets_wins_although_a_later_one_was_ready_first(fake):
    assert fake({1: (101.0, 0.6), 2: (150.0, 0)}, (1, 2)).seed == 1


def test_without_an_order_the_first_that_is_ready_wins_and_the_others_are_ended(fake, tmp_path):
    made = fake({1: (101.0, 60), 2: (150.0, 0)}, (1, 2), in_order=False)
    assert made.seed == 2
    assert (tmp_path / "ran").read_text().split() == ["2"]


def test_without_an_order_one_that_misses_the_clock_does_not_win(fake):
    assert fake({1: (101.0, 0.6), 2: (90.0, 0)}, (1, 2), in_order=False).seed == 1
    assert fake({1: (90.0, 0.3), 2: (95.0, 0)}, (1, 2), in_order=False).seed == 2


@pytest.fixture
def quick(fake):
    """Return what routes quickly; of a run in haste, the seed is negative in the speeds."""
    return lambda speeds, seeds, **also: fake(
        speeds, seeds, way=route_quickly, haste=(("--hasty",), ("--hasty", "--more")), **also
    )


def test_what_meets_the_clock_in_haste_is_taken(quick, tmp_path):
    made = quick({-1: (101.0, 60), -2: (102.0, 0)}, (1, 2, 3))
    assert (made.seed, made.fmax_mhz) == (2, 102.0)
    assert (tmp_path / "ran").read_text().split() == ["-2"]


@pytest.mark.parametrize("hasty", [90.0, None])
def test_what_does_not_is_routed_with_all_effort(quick, tmp_path, hasty):
    told = []
    made = quick({-1: (hasty, 0), -2: (hasty, 0), 1: (101.0, 0), 2: (99.0, 60)}, (1, 2), told=told)
    assert (made.seed, made.fmax_mhz) == (1, 101.0)
    assert "1" in (tmp_path / "ran").read_text().split()
    assert sum("again with all effort" in text for text in told) == 1


def test_each_way_has_a_seed_of_its_own(quick, tmp_path):
    assert quick({-1: (99.0, 0), -2: (102.0, 0.4)}, (1, 2, 3)).seed == 2
    assert (tmp_path / "ran").read_text().split() == ["-1", "-2"]
    (tmp_path / "ran").unlink()
    assert quick({-7: (103.0, 0)}, (7,)).seed == 7
    assert (tmp_path / "ran").read_text().split() == ["-7"]


def test_a_chip_family_without_options_for_haste(fake):
    made = fake({1: (101.0, 60), 2: (102.0, 0)}, (1, 2), way=route_quickly)
    assert made.seed == 2


def test_later_seeds_are_not_tried_or_are_ended(fake, tmp_path):
    made = fake({1: (90.0, 0), 5: (101.0, 0.2), 6: (200.0, 60), 7: (200.0, 60)}, (1, 5, 6, 7))
    assert made.seed == 5
    assert sorted((tmp_path / "ran").read_text().split()) == ["1", "5"]


def test_else_the_fastest(fake):
    assert fake({1: (90.0, 0), 2: (95.0, 0), 3: (93.0, 0)}, (1, 2, 3)).seed == 2


def test_of_equals_the_first_whichever_was_ready_first(fake):
    assert fake({1: (90.0, 0), 2: (95.0, 0.6), 3: (95.0, 0)}, (1, 2, 3)).seed == 2


def test_no_place_is_cannot_meet(fake):
    with pytest.raises(CannotMeetError, match="Unable to place cell") as caught:
        fake({1: (None, 0)}, (1,))
    assert "nextpnr.seed1.log" in str(caught.value)


def test_other_failures_are_the_tool_s(fake):
    with pytest.raises(ToolError, match="pin Z99 does not exist"):
        fake({1: (None, 0)}, (1,), message="pin Z99 does not exist")


def test_a_constraint_that_did_not_arrive_is_noticed(fake):
    with pytest.raises(ToolError, match="must have a clock constrained to 100 MHz"):
        fake({1: (123.0, 0)}, (1,), constraint=12.0)
