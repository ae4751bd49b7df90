"""Learn phases as the host follows them, of a board in Python."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.errors import LinkError
from hwgen.golden.learning import learnt
from hwgen.link import learning
from hwgen.link.client import Board
from hwgen.link.learning import learn
from hwgen.protocol import Learn, Origin, Threshold
from tests.link.stand_in import FakeBoard, LearningBoard

SCORES = np.random.default_rng(5).integers(50, 5000, 400).tolist()


def test_the_threshold_is_asked_for_and_set():
    fake = LearningBoard([], "silent", "well", "deaf", "well")
    board = Board(fake, timeout_s=0.05)
    assert board.threshold() == Threshold(100)
    assert board.threshold(77) == Threshold(77, Origin.HOST) == fake.stands


def test_a_board_that_knows_no_threshold():
    fake = FakeBoard()
    fake.threshold_reply = lambda frame: b"\x00"
    with pytest.raises(LinkError, match="did not answer as it should"):
        Board(fake, timeout_s=0.01, tries=2).threshold()


@pytest.mark.parametrize("order", [Learn(30), Learn(200, 4), Learn(100, 2, 300)])
def test_a_phase(order):
    told = []
    fake = LearningBoard(SCORES)
    found = learn(Board(fake), order, lambda *now: told.append(now[:2]))
    assert found.before == Threshold(100)
    assert fake.learned == [order]
    begun = SCORES.index(found.scores[0])
    scores = np.array(SCORES[begun : begun + order.windows])
    assert found.after == Threshold(
        learnt(scores, order, 31), Origin.LEARNT, False, order.windows, order.windows
    )
    assert told[-1] == (len(found.scores), order.windows)
    assert order.windows - 2 <= len(found.scores) <= order.windows + 1
    assert found.useless == 0


def test_windows_with_sensor_faults_do_not_count():
    scores = [None if place % 3 == 0 else score for place, score in enumerate(SCORES)]
    found = learn(Board(LearningBoard(scores)), Learn(40))
    assert found.useless >= 15
    assert found.after.collected == 40


def test_a_sensor_that_is_stuck_gives_the_phase_up():
    fake = LearningBoard([None] * 400)
    with pytest.raises(LinkError, match=r"80 windows .* \(stuck\); the threshold is what it was"):
        learn(Board(fake), Learn(20))
    assert fake.learned == [Learn(20), Learn(0)]
    assert fake.stands == Threshold(100)


def test_a_reset_begins_the_phase_anew():
    fake = LearningBoard(SCORES, forgets=(15,))
    found = learn(Board(fake), Learn(40))
    assert fake.learned == [Learn(40)] * 2
    assert found.after.origin == Origin.LEARNT
    assert 38 <= len(found.scores) <= 41  # none of the attempt before


def test_a_board_that_forgets_again_and_again():
    fake = LearningBoard(SCORES, forgets=range(400))
    with pytest.raises(LinkError, match="forgot its learn phase 3 times"):
        learn(Board(fake), Learn(40))
    assert len(fake.learned) == learning._BEGUN


def test_a_board_that_falls_silent():
    with pytest.raises(LinkError, match="no diagnosis came"):
        learn(Board(LearningBoard(SCORES[:10]), timeout_s=0.01), Learn(40))


def test_a_phase_of_no_windows_is_a_programmers_mistake():
    with pytest.raises(ValueError, match="at least a window"):
        learn(Board(LearningBoard([])), Learn(0))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_who_interrupts_a_phase_gives_it_up(error):
    def stop(collected, wanted, diagnosis):
        if collected == 5:
            raise error

    fake = LearningBoard(SCORES)
    with pytest.raises(error):
        learn(Board(fake), Learn(40), stop)
    assert fake.learned == [Learn(40), Learn(0)]
    assert fake.stands == Threshold(100)
