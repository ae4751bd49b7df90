"""Samples in, and what each of them causes: every output, cycle by cycle."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from hwgen.hardware.sources.dft.intake import DftIntake
from hwgen.plans.depths import DFT_CLEAR, DFT_SHORTEST

WATCH = ["i.ready", "complete", "rewind", "advance", "start", "valid", "word", "last", "final",
         "operand", "clear"]  # fmt: skip


@dataclass
class Model:
    """What the intake is said to do, with its times in cycles."""

    window: int
    hop: int
    words: int
    pause: int
    active: bool = False
    fresh: bool = False
    due: bool = False
    taken: int = -1000
    rewound: int = -1000
    count: int = 0
    first: bool = False
    final: bool = False
    operand: int = 0
    history: list[int] = field(default_factory=list)
    clears: dict[int, bool] = field(default_factory=dict)
    advances: set[int] = field(default_factory=set)

    def step(self, cycle, valid, first, value, abandon, permit):
        """Return the outputs of a cycle, those that mean something."""
        since = cycle - self.taken
        waiting = 0 < since < self.pause
        ready = not waiting and (self.fresh if first else permit or not self.due)
        taken = valid and ready and (self.active or first) and not abandon
        complete = taken and self.due and not first
        wanted = not self.active or (valid and first)
        rewind = wanted and not self.fresh and not waiting and cycle - self.rewound > 3
        if rewind:
            self.advances |= {cycle + 1, cycle + 2, cycle + 3}
        if taken:
            self.advances |= set(range(cycle + 1, cycle + 1 + self.words))
        sweeping = 1 <= since <= self.words
        outputs = {
            "i.ready": int(ready),
            "complete": int(complete),
            "rewind": int(rewind),
            "advance": int(cycle in self.advances),
            "start": int(since == 1),
            "valid": int(sweeping),
            "last": int(since == self.words),
        }
        if sweeping:
            outputs |= {
                "word": since - 1, "final": int(self.final), "operand": self.operand,
            }  # fmt: skip
        if DFT_CLEAR + 1 <= since < self.pause + DFT_CLEAR:
            outputs["clear"] = int(self.first)
        # What the next cycle knows.
        self.due = self.active and self._completes()
        self.fresh |= cycle - self.rewound == 3
        if taken:
            self._take(cycle, first, value, complete)
        if abandon or rewind:
            self.active = False
        if rewind:
            self.rewound = cycle
        return outputs

    def _completes(self):
        """Return whether the next sample completes a window."""
        past = self.count - (self.window - 1)
        return past >= 0 and past % self.hop == 0

    def _take(self, cycle, first, value, complete):
        if first:
            self.count, self.active, self.history = 0, True, []
        self.count += 1
        full = len(self.history) >= self.window and self._filled
        old = self.history[-self.window] if self.hop < self.window and full else 0
        self.history.append(value)
        self._filled = not first and (getattr(self, "_filled", False) or complete)
        self.operand, self.first, self.final = value - old, first, complete
        self.taken = cycle
        whole = self.hop == self.window
        self.fresh = complete if whole else False
        if complete and whole:
            self.active = False


def compare(play, shape, inputs, cycles, adc_bits=6):
    window, hop, words, pause = shape
    dut = DftIntake(window, adc_bits, hop, words, pause)
    got = play(dut, inputs, WATCH, cycles=cycles)
    model = Model(window, hop, words, pause)
    counts = dict.fromkeys(WATCH, 0)
    for cycle in range(cycles):
        columns = ("i.valid", "i.p.first", "i.p.value", "abandon", "permit")
        expected = model.step(cycle, *(inputs[name][cycle] for name in columns))
        found = {name: got[name][cycle] for name in expected}
        assert found == expected, f"cycle {cycle}"
        for name, value in expected.items():
            counts[name] += bool(value)
    return counts


SHAPES = [(8, 8, 3, 5), (8, 3, 5, 5), (4, 4, 1, 6), (8, 8, 7, 12), (16, 1, 4, 5), (4, 2, 2, 5),
          (8, 7, 6, 9)]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("busy", [0.5, 0.97])
def test_any_inputs(play, shape, busy):
    window, hop, _, pause = shape
    cycles = 25 * window * pause
    rng = np.random.default_rng([*shape, int(busy * 100)])
    # A port holds its sample until it is taken, mostly: changes are rare, values are not.
    starts = rng.random(cycles) < (1.5 if hop == window else 0.5) / (window * pause)
    starts[:2] = True
    hold = np.repeat(starts, 9)[:cycles] if busy > 0.9 else starts
    hold = hold | (rng.random(cycles) < 0.2 / (window * pause))
    inputs = {
        "i.valid": (rng.random(cycles) < busy).astype(int).tolist(),
        "i.p.first": hold.astype(int).tolist(),
        "i.p.value": rng.integers(-32, 32, cycles).tolist(),
        "abandon": (rng.random(cycles) < 0.2 / (window * pause)).astype(int).tolist(),
        "permit": (rng.random(cycles) < 0.7).astype(int).tolist(),
    }
    inputs["i.p.value"][:40] = [-32, 31] * 20
    counts = compare(play, shape, inputs, cycles)
    assert counts["complete"] >= 3
    assert counts["rewind"] >= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stream_without_a_break(play, shape):
    """Samples wait at the port; the stream begins once, or at every window where they are apart."""
    window, hop, _, pause = shape
    cycles = 6 * window * pause
    period = window * pause
    if hop < window:
        begins = [int(cycle <= 4) for cycle in range(cycles)]
    else:
        begins = [int(cycle <= 4 or (cycle - 4) % period == 0) for cycle in range(cycles)]
    inputs = {
        "i.valid": [1] * cycles,
        "i.p.first": begins,
        "i.p.value": [(cycle * 37) % 64 - 32 for cycle in range(cycles)],
        "abandon": [0] * cycles,
        "permit": [1] * cycles,
    }
    counts = compare(play, shape, inputs, cycles)
    assert counts["start"] == (cycles - 5) // pause + 1 - ((cycles - 5) % pause == 0)
    windows = (cycles - 5) // period if hop == window else counts["start"] // hop - window // hop
    assert counts["complete"] >= windows - 1


def test_numbers():
    assert (DFT_CLEAR, DFT_SHORTEST) == (2, 5)
    dut = DftIntake(8, 6, 8, 5, 5)
    assert (len(dut.operand), len(dut.word)) == (6, 3)
    assert len(DftIntake(8, 6, 7, 1, 5).operand) == 7
    assert len(DftIntake(8, 6, 7, 1, 5).word) == 1
    ones = [dut.abandon, dut.permit, dut.complete, dut.rewind, dut.advance, dut.start, dut.valid,
            dut.last, dut.final, dut.clear]  # fmt: skip
    assert [len(port) for port in ones] == [1] * len(ones)


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ((6, 8, 6, 1, 5), ValueError, "window must be a power of two, not 6"),
        ((2, 8, 2, 1, 5), ValueError, "window must be at least 4, not 2"),
        ((8, 1, 8, 1, 5), ValueError, "adc_bits must be at least 2, not 1"),
        ((8, 8, 9, 1, 5), ValueError, "hop must be at most 8, the window, not 9"),
        ((8, 8, 0, 1, 5), ValueError, "hop must be at least 1, not 0"),
        ((8, 8, 8, 0, 5), ValueError, "words must be at least 1, not 0"),
        ((8, 8, 8, 1, 4), ValueError, "pause must be at least 5, not 4"),
        ((8, 8, 8, 7, 6), ValueError, "pause must be at least 7, not 6"),
        ((8, 8, 8, 1, None), TypeError, "pause must be an integer, not None"),
    ],
)
def test_what_is_refused(given, error, text):
    with pytest.raises(error, match=f"^{text}$"):
        DftIntake(*given)


@pytest.mark.parametrize("given", [(4, 2, 1, 1, 5), (8, 8, 8, 7, 7)])
def test_the_ends_are_taken(given):
    DftIntake(*given)
