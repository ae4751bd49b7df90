"""When blocks of a stream are there, and how long the array waits for them."""

from __future__ import annotations

from collections.abc import Iterator

from hwgen.plans import depths
from hwgen.plans.weights.flash import CRC_BYTES, FlashPlan

_LONG_AGO = -(1 << 62)


class Ring:
    """A ring that a stream fills as fast as it comes and there is room, one window after the other.

    It begins full. Bytes that wait on their way come in a burst when there is room again: so a
    block may be there a few cycles earlier than is counted here, and never later.

    Parameters
    ----------
    plan
        Of the stream.
    """

    def __init__(self, plan: FlashPlan) -> None:
        self._plan = plan
        self._word = plan.word_bytes * plan.pace.byte
        self._blocks = self._forever()
        self._came = _LONG_AGO  # the last word, or the end of a stream
        self._words = 0
        self._released: list[tuple[int, int]] = []  # words so far, and when they were done with
        self._behind = 0  # of these, the first that may still be waited for

    def met(self, now: int, work: int) -> int:
        """Return when the next block has been met for `work` cycles, from `now` on at best."""
        words, last = next(self._blocks)
        there = self._fill(words, last=last) + depths.RING_THERE
        end = max(now + depths.BLOCK, there + 1) + work
        before = self._released[-1][0] if self._released else 0
        self._released.append((before + words, end))
        return end

    def _forever(self) -> Iterator[tuple[int, bool]]:
        """Yield words of each block, and whether the stream ends with it."""
        while True:
            blocks = self._plan.blocks
            yield from ((words, n == len(blocks) - 1) for n, words in enumerate(blocks))

    def _fill(self, words: int, *, last: bool) -> int:
        """Let some words come, each where there is room for it; return when they are there."""
        goal = self._words + words
        while self._words < goal:
            free, since = self._room()
            some = min(goal, free + self._plan.ring) - self._words
            first = max(self._came + self._word, since + depths.RING_FREE)
            self._came = first + (some - 1) * self._word
            self._words += some
        if not last:
            return self._came
        # Its last word counts when the check sum has come; then the next stream begins.
        there = self._came + CRC_BYTES * self._plan.pace.byte
        self._came = there + self._plan.pace.again
        return there

    def _room(self) -> tuple[int, int]:
        """Return how many words have been done with where the next one has room, and since when."""
        needed = self._words + 1 - self._plan.ring
        if needed <= 0:
            return 0, _LONG_AGO
        while self._released[self._behind][0] < needed:
            self._behind += 1
        return self._released[self._behind]
