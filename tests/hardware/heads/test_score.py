"""Squares that are added up, and compared with a threshold that may be another one."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.heads.score import Score
from hwgen.plans.step import Squares


@pytest.mark.parametrize(
    ("count", "at_once", "drop", "dsp"), [(1, 1, 0, 1), (5, 1, 3, 0), (6, 2, 0, 1), (12, 4, 2, 4)]
)
def test_the_score_is_the_sum_of_squares(play, count, at_once, drop, dsp):
    values = np.random.default_rng(count).integers(-128, 128, (3, count))
    values[1] = -128
    turns = [turn for row in values for turn in row.reshape(-1, at_once).tolist()]
    each = count // at_once
    bits = int(count * 128**2 >> drop).bit_length() + 1
    scores = (np.square(values).sum(axis=1) >> drop).tolist()
    threshold = scores[0]
    dut = Score(Squares(drop, threshold), 8, bits, at_once=at_once, dsp=dsp)
    last = [number % each == each - 1 for number in range(len(turns))]
    trace = play(
        dut,
        {"valid": [1] * len(turns) + [0], "values": turns, "last": last},
        watch=["logits", "class_", "done"],
        cycles=len(turns) + dut.latency + 2,
    )
    assert sum(trace["done"]) == 3
    for number, score in enumerate(scores):
        cycle = each * (number + 1) - 1 + dut.latency
        assert trace["done"][cycle]
        assert trace["logits"][cycle] == [threshold, score]
        # As large as the threshold is not above it.
        assert trace["class_"][cycle] == int(score > threshold)


def test_another_threshold_counts_from_the_next_answer_on(play):
    dut = Score(Squares(0, 10), 8, 17)
    trace = play(
        dut,
        {
            "valid": [1, 0, 0, 0, 0, 0, 0, 1, 0],
            "values": [[5]] * 8,
            "last": [1] * 8,
            "threshold.set": [0, 0, 0, 0, 0, 0, 1, 0],
            "threshold.value": [99] * 6 + [25] + [7],
        },
        watch=["logits", "class_"],
        cycles=8 + dut.latency,
    )
    first, second = dut.latency, 7 + dut.latency
    assert (trace["logits"][first], trace["class_"][first]) == ([10, 25], 1)
    assert trace["logits"][second - 1] == [10, 25]
    assert (trace["logits"][second], trace["class_"][second]) == ([25, 25], 0)


def test_sizes_that_make_no_sense():
    with pytest.raises(ValueError, match=r"^bits must"):
        Score(Squares(0, 1), 8, 1)
    with pytest.raises(ValueError, match=r"^dsp must"):
        Score(Squares(0, 1), 8, 20, dsp=-1)
