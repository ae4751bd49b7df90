"""Where a window begins and ends, against a list in Python."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.sources.fft.intake import Intake

WINDOW = 8
WATCH = ["i.ready", "complete", "o.valid", "o.first", "o.re", "o.im"]


def reference(inputs: dict[str, list[int]]) -> tuple[list[int], list[int], dict[int, tuple]]:
    """Return ready and complete in every cycle, and pairs by the cycle of their second sample."""
    ready, complete, pairs = [], [], {}
    window: list[int] | None = None
    table = zip(*(inputs[name] for name in inputs), strict=True)
    for cycle, (valid, first, value, abandon, permit) in enumerate(table):
        ready.append(int(window is not None or permit))
        complete.append(0)
        if abandon:
            window = None
        elif valid and ready[-1]:
            if first:
                window = []
            if window is None:
                continue
            window.append(value)
            if len(window) % 2 == 0:
                pairs[cycle] = (len(window) == 2, window[-2], window[-1])
            if len(window) == WINDOW:
                complete[-1] = 1
                window = None
    return ready, complete, pairs


def check(play, inputs: dict[str, list[int]]) -> int:
    """Compare cycle by cycle; return the number of windows."""
    got = play(Intake(WINDOW, 6), inputs, WATCH, cycles=len(inputs["i.valid"]) + Intake.latency)
    ready, complete, pairs = reference(inputs)
    length = len(ready)
    assert got["i.ready"][:length] == ready
    assert got["complete"][:length] == complete
    seen = {
        cycle - Intake.latency: (
            bool(got["o.first"][cycle]),
            got["o.re"][cycle],
            got["o.im"][cycle],
        )
        for cycle in np.flatnonzero(got["o.valid"]).tolist()
    }
    assert seen == pairs
    return sum(complete)


def table(valid, first, value, abandon=None, permit=None) -> dict[str, list[int]]:
    length = len(valid)
    return {
        "i.valid": list(valid),
        "i.p.first": list(first),
        "i.p.value": list(value),
        "abandon": abandon or [0] * length,
        "permit": permit or [1] * length,
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rare", [10, 20])
def test_anything_at_any_time(play, seed, rare):
    rng = np.random.default_rng(seed)
    cycles = 800
    windows = check(
        play,
        table(
            valid=(rng.integers(0, 5, cycles) != 0).tolist(),
            first=(rng.integers(0, rare, cycles) == 0).tolist(),
            value=rng.integers(-32, 32, cycles).tolist(),
            abandon=(rng.integers(0, 3 * rare, cycles) == 0).tolist(),
            permit=rng.integers(0, 2, cycles).tolist(),
        ),
    )
    assert windows >= 2


def test_back_to_back_windows_take_a_sample_a_cycle(play):
    first = [index % WINDOW == 0 for index in range(5 * WINDOW)]
    values = np.random.default_rng(1).integers(-32, 32, 5 * WINDOW).tolist()
    assert check(play, table([1] * len(first), first, values)) == 5


def test_samples_before_the_first_are_dropped(play):
    first = [0] * 5 + [1] + [0] * (WINDOW - 1) + [0] * 5
    assert check(play, table([1] * len(first), first, range(-9, len(first) - 9))) == 1


def test_a_window_that_began_is_never_held_up(play):
    first = [1] + [0] * (WINDOW - 1) + [1] + [0] * (WINDOW - 1)
    permit = [1] + [0] * (len(first) - 1)
    assert check(play, table([1] * len(first), first, range(len(first)), permit=permit)) == 1


@pytest.mark.parametrize("place", range(WINDOW))
def test_abandon_at_every_place(play, place):
    first = [1] + [0] * (WINDOW - 1)
    abandon = [index == place for index in range(WINDOW)] + [0] * WINDOW
    assert check(play, table([1] * 16, first * 2, range(16), abandon=abandon)) == 1


@pytest.mark.parametrize("place", range(1, WINDOW))
def test_a_new_first_gives_the_old_window_up(play, place):
    first = [1] + [0] * (place - 1) + [1] + [0] * (WINDOW - 1)
    assert check(play, table([1] * len(first), first, range(len(first)))) == 1


def test_reset_gives_a_window_up(play):
    first = [1] + [0] * 15
    inputs = table([1] * 16, first, range(16))
    got = play(Intake(WINDOW, 6), inputs, WATCH, reset=[4])
    assert not any(got["complete"])
