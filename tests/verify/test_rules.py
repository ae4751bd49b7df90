"""Stand-ins for a core that break one rule each: none passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hwgen import golden
from hwgen.errors import MismatchError
from hwgen.fixedpoint import Integers
from hwgen.plans.timing import Timing
from hwgen.verify import Verification, verify

WINDOW, PAUSE, LATENCY = 8, 6, 20
MODEL: Any = SimpleNamespace(
    elements=WINDOW, classes=("sum", "last"), logit_width=20, bits=SimpleNamespace(adc=16),
    numbers=0, number_bits=0, score=None,
)  # fmt: skip
NONE = 0
Run = Callable[..., Verification]


def answers(windows: Integers) -> Integers:
    return np.stack([windows.sum(axis=1), 4 * windows[:, -1]], axis=1)


def stream_answers(samples: Integers, hop: int) -> Integers:
    starts = range(0, len(samples) - WINDOW + 1, hop)
    return answers(np.stack([samples[start : start + WINDOW] for start in starts]))


@pytest.fixture(scope="module", params=[WINDOW, 3], ids="hop {}".format)
def run(request, tmp_path_factory, warm) -> tuple[int, Run]:
    """Return the hop, and a function that verifies the stand-in with a defect."""
    hop: int = request.param
    folder: Path = warm(tmp_path_factory.mktemp("rules") / "sim")
    source = folder.parent / "standin.sv"
    text = Path(__file__).with_name("standin.sv").read_text()
    text = re.sub(r"HOP = \d+", f"HOP = {hop}", text, count=1)
    # The simulation runs in a folder of its own, below this one.
    source.write_text(text.replace('"defect.hex"', f'"{folder / "defect.hex"}"'))
    timing = Timing(LATENCY, hop * PAUSE, PAUSE)
    windows = np.random.default_rng(5).integers(-(1 << 15), 1 << 15, (30, WINDOW))

    def simulate(defect: int, *, quick: bool = False, timing: Timing = timing) -> Verification:
        (folder / "defect.hex").write_text(f"{defect:x}\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                golden,
                "answers",
                lambda _, samples, hop=None: (
                    answers(samples) if hop is None else stream_answers(samples, hop)
                ),
            )
            return verify(
                [source], "hwgen_core", MODEL, windows, timing, folder, hop=hop, quick=quick
            )

    return hop, simulate


@pytest.mark.slow
def test_a_stand_in_that_keeps_all_rules_passes(run):
    hop, simulate = run
    result = simulate(NONE)
    assert result.mismatches == 0
    assert (result.latency, result.interval, result.pause) == (LATENCY, hop * PAUSE, PAUSE)
    expected = 30 if hop == WINDOW else (30 * WINDOW - WINDOW) // hop + 1
    assert result.scenarios["back to back"] == expected
    assert list(result.scenarios) == [
        "alone",
        "back to back",
        "gaps and stalls",
        "slow samples",
        "reset in mid-window",
        "abandoned",
    ]
    assert min(result.scenarios.values()) >= 1
    assert sum(result.scenarios.values()) == result.windows


PACE = {
    1: rf"every {PAUSE} cycles.*some wait \d+ cycles more \(alone",
    2: rf"every {PAUSE} cycles.*some wait \d+ cycles more \(",
    3: rf"took some {PAUSE - 1} and some {PAUSE} cycles after",
    4: rf"every {PAUSE} cycles.*as the generator says, but took one every {PAUSE + 1}",
    10: r"a result or value must stand until it is taken, but \d+ did not \(gaps and stalls\)",
}


@pytest.mark.parametrize("run", [WINDOW], indirect=True)
@pytest.mark.parametrize("defect", PACE, ids=["longer", "last", "shorter", "other", "taken back"])
@pytest.mark.slow
def test_a_pace_or_a_result_that_is_not_kept(run, defect):
    with pytest.raises(MismatchError, match=PACE[defect]):
        run[1](defect)


WRONG = {
    "one answer": 5,
    "a result twice": 7,
    "junk behind an abandoned window": 8,
    "an abandoned window's result": 9,
    "no new window at a first sample": 12,
    "results that outlive a reset": 13,
    "the counter on chip": 14,
}


@pytest.mark.parametrize("defect", WRONG.values(), ids=WRONG.keys())
@pytest.mark.slow
def test_wrong_results(run, defect):
    assert run[1](defect).mismatches > 0


@pytest.mark.parametrize("run", [WINDOW], indirect=True)
@pytest.mark.slow
def test_a_result_that_is_dropped(run):
    with pytest.raises(MismatchError, match=r"stopped answering: \d+ of \d+ windows \(back to"):
        run[1](6)


@pytest.mark.slow
def test_an_old_sample_in_a_new_stream(run):
    hop, simulate = run
    if hop == WINDOW:
        assert simulate(15).mismatches == 0  # nothing slides
    else:
        assert simulate(15).mismatches > 0


@pytest.mark.slow
def test_latency_is_of_every_window_that_overlaps(run):
    hop, simulate = run
    result = simulate(16)
    assert result.mismatches == 0
    # Windows that do not overlap may wait for each other; one alone shows the latency.
    assert result.latency == LATENCY + (hop < WINDOW)
