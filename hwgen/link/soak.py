"""Faults of every kind on the line to a virtual board: no wrong answer, no hang, none unanswered.

A board with a sensor of its own is asked for windows and listened to by turns: what it diagnoses
must be what its part plays, and follow from what it diagnosed before.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwgen import protocol
from hwgen.errors import LinkError
from hwgen.link.benchmark import Expected
from hwgen.link.client import Answer, Board
from hwgen.link.faults import KINDS, RESET, Saboteur
from hwgen.link.port import SerialPort
from hwgen.link.virtual import Compiled, VirtualBoard
from hwgen.link.watched import Heard, Watch

_TIMEOUT_S = 30.0
"""Waited for only when nothing is diagnosed (`Saboteur`)."""
_TRIES = 12
_WINDOWS = 2
"""In a round; one is sent while the one before is computed."""
_DIAGNOSES = 4
"""Listened to in a round."""
_MOST_FAULTS = 6
"""In a round."""
_REOPEN = 50
"""Rounds after which the port is closed and opened again."""


@dataclass
class Soak:
    """What came of it.

    Parameters
    ----------
    faults
        Those that were put in, by kind.
    windows
        Answers that were compared.
    diagnoses
        Of the board's own sensor, that were compared.
    wrong
        Answers and diagnoses that were accepted and differ from the golden model.
    restarts
        How often a diagnosis did not follow from the one before; only a reset may do that.
    unanswered
        Windows that were given up, and times that no diagnosis came.
    attempts
        How many windows were answered at the first attempt, the second, ...
    counters
        What the board counted since its last reset.
    refusals
        ERROR frames by what they say.
    cycles
        Simulated.
    seconds
        Taken.
    """

    faults: Counter[str] = field(default_factory=Counter)
    windows: int = 0
    diagnoses: int = 0
    wrong: int = 0
    restarts: int = 0
    unanswered: int = 0
    attempts: Counter[int] = field(default_factory=Counter)
    counters: dict[str, int] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    cycles: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong, and something was tried."""
        sound = not self.wrong and not self.unanswered and self.restarts <= self.faults[RESET]
        return self.windows > 0 and sound

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dict(vars(self)) | {"injected": self.faults.total(), "passed": self.passed}


@dataclass(frozen=True)
class Soaked:
    """A board that is put to the test.

    Parameters
    ----------
    compiled
        The virtual board.
    windows, expected
        Samples to ask for, and what must be answered.
    part
        The sensor part at its pins, in words (`hwgen.link.virtual.VirtualBoard`).
    heard
        What it plays; None without one.
    """

    compiled: Compiled
    windows: Sequence[Sequence[int]]
    expected: Sequence[Expected]
    part: Sequence[str] = ()
    heard: Heard | None = None


def soak(
    board: Soaked,
    faults: int,
    *,
    seed: int = 1,
    seconds: float = 0.0,
    progress: Callable[[Soak], None] = lambda _: None,
) -> Soak:
    """Put in faults while windows are asked for; return what came of it.

    Every window is asked for until it is answered: its last attempt is the good window after a
    fault.

    Parameters
    ----------
    faults
        At least so many.
    seconds
        For so long at least.
    """
    rng = random.Random(seed)
    kinds = itertools.cycle(rng.sample(KINDS, len(KINDS)))
    found = Soak()
    begin = time.monotonic()
    with board.compiled.start(board.part) as virtual:
        while found.faults.total() < faults or found.seconds < seconds:
            with SerialPort(virtual.port, protocol.DEFAULT_BAUD) as port:
                _Opening(board, port, virtual, rng, kinds, found).run(
                    faults if found.seconds >= seconds else None
                )
            found.cycles = virtual.count().cycles
            found.seconds = time.monotonic() - begin
            progress(found)
    return found


class _Opening:
    """Rounds of faults on one opening of the port."""

    def __init__(
        self,
        soaked: Soaked,
        port: SerialPort,
        virtual: VirtualBoard,
        rng: random.Random,
        kinds: Iterator[str],
        found: Soak,
    ) -> None:
        self._soaked, self._rng, self._kinds, self._found = soaked, rng, kinds, found
        self._saboteur = Saboteur(port, virtual, rng)
        self._board = Board(self._saboteur, timeout_s=_TIMEOUT_S, tries=_TRIES)

    def run(self, faults: int | None) -> None:
        """Do rounds until there were so many faults in all, and read the board's counters."""
        found, saboteur, board = self._found, self._saboteur, self._board
        saboteur.adc_bits = board.hello().adc_bits
        for _ in range(_REOPEN):
            if faults is not None and found.faults.total() + saboteur.done.total() >= faults:
                break
            self._plan()
            self._ask()
            if self._soaked.heard is not None:
                self._plan()
                self._listen(self._soaked.heard)
        saboteur.plan(())
        found.faults += saboteur.done
        found.refusals += board.refusals
        counters = board.status().counters
        found.counters = {counter.name.lower(): value for counter, value in counters.items()}

    def _plan(self) -> None:
        count = self._rng.randint(1, _MOST_FAULTS)
        self._saboteur.plan(list(itertools.islice(self._kinds, count)))

    def _ask(self) -> None:
        """Ask for windows, and compare."""
        windows, found = self._soaked.windows, self._found
        chosen = [self._rng.randrange(len(windows)) for _ in range(_WINDOWS)]
        try:
            answers = self._answers([windows[index] for index in chosen])
        except LinkError:
            found.unanswered += 1
            return
        for index, answer in zip(chosen, answers, strict=True):
            wanted = self._soaked.expected[index]
            found.windows += 1
            found.wrong += wanted.differs(answer.result)
            found.attempts[answer.attempts] += 1

    def _answers(self, windows: Sequence[Sequence[int]]) -> list[Answer]:
        if self._soaked.heard is None:
            return list(self._board.classify(windows))
        try:
            self._board.live(on=False)
            return list(self._board.classify(windows))
        except LinkError:
            # After a reset the core is the sensor's: it is taken once more.
            self._saboteur.plan(())
            self._board.live(on=False)
            return list(self._board.classify(windows))

    def _hand_over(self) -> None:
        """Give the core to the sensor, and ask something in the middle of its work."""
        try:
            self._board.live(on=True)
            self._board.status()
        except LinkError:
            # A frame that was damaged to be another is not sent again by the client.
            self._saboteur.plan(())
            self._board.live(on=True)

    def _listen(self, heard: Heard) -> None:
        """Let the sensor have the core, and compare what it diagnoses."""
        found, board, saboteur = self._found, self._board, self._saboteur
        watch = Watch(heard)
        try:
            self._hand_over()
            saboteur.patient = True
            for number, diagnosis in itertools.islice(board.diagnoses(), _DIAGNOSES):
                found.diagnoses += 1
                watch.see(number, diagnosis)
        except LinkError:
            found.unanswered += 1
        saboteur.patient = False
        found.wrong += watch.wrong
        found.restarts += watch.restarts
