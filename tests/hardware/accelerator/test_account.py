"""The account of windows against a list of them, whatever happens and when."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
import pytest

from hwgen.hardware.accelerator.account import Account

CYCLES = 4000
WATCH = ["permit", "valid", "cycles", "leave"]


@dataclass
class Window:
    """One that is complete."""

    ended: int
    given_up: bool = False


@dataclass
class Model:
    """What the account is said to be, step by step."""

    in_flight: int
    overlapping: bool

    def __post_init__(self):
        self.windows: deque[Window] = deque()
        self.partial = self.valid = False
        self.cycles = 0
        self.before = {"started": 0, "complete": 0, "abandon": 0}
        self.presented = self.dropped = self.at_once = 0

    def step(self, cycle, now):
        """Return what the ports show in a cycle."""
        late, self.before = self.before, {name: now[name] for name in self.before}
        permit = len(self.windows) + late["complete"] < self.in_flight
        if late["abandon"] and not self.partial and self.windows:
            self.at_once += now["known"] and not self.windows[0].given_up
            for window in self.windows if self.overlapping else [self.windows[-1]]:
                window.given_up = True
        dropped = bool(self.windows) and self.windows[0].given_up
        leave = (self.valid and now["ready"]) or (now["known"] and dropped)
        shown = {"permit": permit, "valid": self.valid, "cycles": self.cycles, "leave": leave}
        if now["known"]:
            # From the edge that took the last sample to the edge that presents the result.
            self.cycles = cycle - self.windows[0].ended + 1
            self.presented += not dropped
            self.dropped += dropped
        self.valid = (now["known"] and not dropped) or (self.valid and not now["ready"])
        if leave:
            self.windows.popleft()
        if late["complete"]:
            self.windows.append(Window(cycle - 1))
            self.partial = False
        elif late["started"]:
            self.partial = True
        return {name: int(value) for name, value in shown.items()}


@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("in_flight", [1, 2, 4])
def test_random_events(play, in_flight, overlapping):
    rng = np.random.default_rng(in_flight)
    model = Model(in_flight, overlapping)
    columns = {name: [] for name in ("started", "complete", "abandon", "known", "ready")}
    wanted = []
    since = -1  # cycle in which the oldest window became the oldest
    for cycle in range(CYCLES):
        open_ = len(model.windows) + model.before["complete"] < in_flight
        oldest = model.windows[0] if model.windows else None
        due = oldest is not None and not model.valid and cycle > max(since, oldest.ended + 4)
        now = {
            "complete": int(open_ and rng.random() < 0.2),
            "known": int(due and rng.random() < 0.2),
            "ready": int(rng.random() < 0.3),
        }
        now["abandon"] = int(not now["complete"] and rng.random() < 0.2)
        now["started"] = int(not now["complete"] and not now["abandon"] and rng.random() < 0.2)
        for name, value in now.items():
            columns[name].append(value)
        left = len(model.windows)
        wanted.append(model.step(cycle, now))
        if wanted[-1]["leave"]:
            since = cycle + 3
            assert left
    seen = play(Account(in_flight, overlapping=overlapping), columns, WATCH)
    for cycle, expected in enumerate(wanted):
        found = {name: seen[name][cycle] for name in WATCH}
        if not expected["valid"]:
            expected["cycles"] = found["cycles"]
        assert found == expected, cycle
    assert model.presented > 50
    assert model.dropped > 5
    # Some are given up in the very cycle in which their result is known.
    assert model.at_once > 3


def test_reset_forgets_windows(play):
    inputs = {
        "started": [0], "complete": [0, 1, 0, 1, 0], "abandon": [0], "ready": [0],
        "known": [0] * 7 + [1, 0],
    }  # fmt: skip
    seen = play(Account(2, overlapping=False), inputs, WATCH, cycles=20, reset=range(9, 11))
    assert seen["permit"][3:5] == [1, 0]
    assert seen["valid"][8:11] == [1, 1, 0]
    assert seen["permit"][11:] == [1] * 9
    assert not any(seen["valid"][11:])
