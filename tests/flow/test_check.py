"""How many windows of a build are simulated, and what is said of the others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hwgen import verify as verification
from hwgen.flow import check
from hwgen.plans.timing import Timing
from hwgen.verify import Verification, corner_windows
from tests.records import generated

WINDOW = 2048
MODEL: Any = SimpleNamespace(digest="d", elements=WINDOW, bits=SimpleNamespace(adc=12))
WINDOWS = np.arange(120).reshape(120, 1) + np.zeros((1, WINDOW), dtype=np.int64)


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return a function that checks a design, with what it has given to the simulation."""
    given: list[tuple] = []

    def simulate(verilog, module, model, windows, timing, folder, *, hop, quick, weights):
        assert weights is None
        given.append((windows, timing, hop, quick))
        return Verification("none", len(windows), 0, 1, 1, 1, {})

    monkeypatch.setattr(verification, "verify", simulate)

    def checked(*, briefly=False, **known):
        made = check.check_briefly if briefly else check.check
        result = made(tmp_path, MODEL, WINDOWS, generated(**{"hop": WINDOW} | known))
        *found, quick = given[-1]
        assert quick == briefly == result.brief == ("brief" in result.basis)
        return result, *found

    return checked


def test_a_design_whose_windows_stand_side_by_side(run):
    result, windows, timing, hop = run(interval=WINDOW)
    corners = corner_windows(WINDOW, 12)
    assert np.array_equal(windows, np.concatenate([corners, WINDOWS]))
    assert (timing, hop) == (Timing(165, WINDOW, 1), WINDOW)
    assert (result.corner_windows, result.notices) == (len(corners), ())


@pytest.mark.parametrize("pause", [300, 1040, 100_000])
def test_a_slow_design_runs_fewer_windows_from_all_over_and_says_so(run, pause):
    result, windows, timing, _ = run(interval=WINDOW * pause, pause=pause, hop=WINDOW)
    corners = corner_windows(WINDOW, 12)
    assert timing.pause == pause
    assert np.array_equal(windows[: len(corners)], corners)
    rest = windows[len(corners) :, 0]
    assert 3 <= len(rest) < 120
    assert (rest[0], rest[-1]) == (0, 119)
    (notice,) = result.notices
    assert notice.startswith(f"verify: {len(rest)} of 120 windows and the corner windows were run")
    assert f"{WINDOW * pause:,} cycles" in notice


def test_windows_that_overlap_are_bounded_by_their_results(run):
    result, windows, timing, hop = run(interval=166, pause=166, hop=1)
    assert (timing.pause, hop) == (166, 1)
    assert 12 <= len(windows) < 129
    assert result.notices


def test_a_brief_check_runs_every_window_of_a_fast_design(run):
    result, windows, _, hop = run(briefly=True, interval=WINDOW)
    corners = corner_windows(WINDOW, 12)
    assert np.array_equal(windows, np.concatenate([WINDOWS, corners]))
    assert (hop, result.corner_windows, result.notices) == (WINDOW, len(corners), ())


@pytest.mark.parametrize(("pause", "count"), [(128, 14), (512, 3), (100_000, 3)])
def test_a_brief_check_runs_few_windows_of_a_slow_one_and_corners_are_among_them(run, pause, count):
    known = {"interval": WINDOW * pause, "pause": pause}
    result, windows, timing, _ = run(briefly=True, **known)
    assert timing.pause == pause
    assert len(windows) == count
    assert 1 <= result.corner_windows < count
    others = {window.tobytes() for window in WINDOWS}
    assert sum(window.tobytes() in others for window in windows) >= count - result.corner_windows
    assert result.to_json()["brief"]
    assert type(result).from_json(result.to_json()) == result


@pytest.mark.parametrize(("pause", "long"), [(1, False), (8, False), (128, True), (1024, True)])
def test_a_brief_check_is_worth_it_where_windows_are_long(pause, long):
    known = generated(interval=WINDOW * pause, pause=pause, hop=WINDOW)
    assert check.is_long(MODEL, WINDOWS, known) == long
