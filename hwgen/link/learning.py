"""A learn phase of a board with a sensor: begun, followed, begun anew where it was forgotten."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from hwgen.errors import LinkError
from hwgen.link.client import Board
from hwgen.protocol import Diagnosis, Learn, Origin, SensorFault, Threshold

_BEGUN = 3
"""Times that a phase is begun at most: a reset forgets it."""
_PATIENCE = 3
"""Windows that are listened to for each that is wanted, and `_MORE`."""
_MORE = 20


@dataclass(frozen=True)
class Learnt:
    """What came of a learn phase.

    Parameters
    ----------
    before, after
        How the threshold stood, and stands.
    scores
        Of the windows that counted and were heard of: the line may have lost some.
    useless
        Windows that did not count, for something was wrong with the sensor.
    """

    before: Threshold
    after: Threshold
    scores: tuple[int, ...]
    useless: int


def learn(
    board: Board,
    order: Learn,
    progress: Callable[[int, int, Diagnosis], None] = lambda collected, wanted, diagnosis: None,
) -> Learnt:
    """Have the board learn its threshold of its own sensor's windows; return what came of it.

    Parameters
    ----------
    order
        At least a window.
    progress
        Told (counted, of, diagnosis) for each window.

    Raises
    ------
    LinkError
        If the board falls silent, forgets the phase again and again, or its windows do not count:
        then the phase is given up, and the threshold is what it was. So it is on Ctrl-C.
    """
    if not order.windows:
        raise ValueError("order must have at least a window, not 0")
    before = board.threshold()
    for _ in range(_BEGUN):
        phase = _Phase(board, order, progress)
        try:
            after = phase.run()
        except (KeyboardInterrupt, SystemExit):
            with contextlib.suppress(LinkError):
                board.learn(Learn(0))
            raise
        if after is not None:
            return Learnt(before, after, tuple(phase.scores), phase.useless)
    raise LinkError(f"the board forgot its learn phase {_BEGUN} times; is its power steady?")


class _Phase:
    """One attempt at it."""

    def __init__(
        self, board: Board, order: Learn, progress: Callable[[int, int, Diagnosis], None]
    ) -> None:
        self._board, self._order, self._progress = board, order, progress
        self._left = _PATIENCE * order.windows + _MORE
        self._faults = SensorFault(0)
        self.scores: list[int] = []
        self.useless = 0

    def run(self) -> Threshold | None:
        """Return how the threshold stands at the end; None if the board forgot the phase."""
        wanted = self._order.windows
        stands = self._board.learn(self._order)
        while stands.learning and stands.wanted == wanted:
            self._listen(max(1, wanted - stands.collected))
            stands = self._board.threshold()
            if self._left <= 0 and stands.learning:
                self._give_up()
        done = (stands.origin, stands.collected, stands.wanted) == (Origin.LEARNT, wanted, wanted)
        return stands if done else None

    def _listen(self, windows: int) -> None:
        for _, diagnosis in itertools.islice(self._board.diagnoses(), windows):
            self._left -= 1
            if diagnosis.faults:
                self.useless += 1
                self._faults |= SensorFault(diagnosis.faults)
            else:
                self.scores.append(diagnosis.result.logits[1])
            self._progress(len(self.scores), self._order.windows, diagnosis)

    def _give_up(self) -> None:
        self._board.learn(Learn(0))
        names = ", ".join((flag.name or "").lower() for flag in self._faults) or "none was found"
        raise LinkError(
            f"{self.useless} windows of the learn phase do not count, for something is wrong with "
            f"the sensor ({names}); the threshold is what it was"
        )
