"""Faults of every kind on the line to a virtual board: no wrong answer, no hang, none unanswered.

The host is the client that `hwgen bench` uses, on a serial port. Between it and the wire stands
`Saboteur`, which orders faults of the line from the virtual board and damages frames itself.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwgen import protocol
from hwgen.errors import LinkError
from hwgen.link.benchmark import Expected
from hwgen.link.client import Board
from hwgen.link.port import SerialPort
from hwgen.link.virtual import Compiled, VirtualBoard
from hwgen.protocol import Type

_TIMEOUT_S = 30.0
"""Never waited for: see `Saboteur.read`."""
_LOOK_S = 0.005
_TRIES = 12
_WINDOWS = 2
"""In a round; one is sent while the one before is computed."""
_MOST_FAULTS = 6
"""In a round."""
_ANSWER_BYTES = protocol.OVERHEAD_BYTES + 16
"""Of the shortest answer, in which faults of answers are put."""
_IN_A_FRAME = (0, 1, 1, 1, 2, 3)
"""Faults in a frame, while there are any due."""
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
    wrong
        Answers that were accepted and differ from the golden model.
    unanswered
        Windows that were given up.
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
    wrong: int = 0
    unanswered: int = 0
    attempts: Counter[int] = field(default_factory=Counter)
    counters: dict[str, int] = field(default_factory=dict)
    refusals: Counter[str] = field(default_factory=Counter)
    cycles: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing went wrong, and something was tried."""
        return self.windows > 0 and not self.wrong and not self.unanswered

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dict(vars(self)) | {"injected": self.faults.total(), "passed": self.passed}


class Saboteur:
    """A port that damages what goes through it.

    A time-out in seconds is a matter of how fast the simulation is. Here it is over when the
    virtual board's time stands still, which is some time after the board's own time-out: then
    nothing will come.

    Parameters
    ----------
    port
        The real one.
    virtual
        The board at its end.
    rng
        Decides everything.

    Attributes
    ----------
    adc_bits
        Of the board.
    """

    def __init__(self, port: SerialPort, virtual: VirtualBoard, rng: random.Random) -> None:
        self.adc_bits = protocol.MAX_ADC_BITS
        self._port = port
        self._virtual = virtual
        self._rng = rng
        self._sent: int | None = None  # bytes, as the virtual board numbers them; None: ask it
        self._due: list[str] = []
        self.done: Counter[str] = Counter()

    def plan(self, kinds: Sequence[str]) -> None:
        """Put faults of these kinds into the next frames."""
        self._due = list(kinds)

    def write(self, data: bytes) -> None:
        """Send a frame with what is due in it."""
        for _ in range(min(len(self._due), self._rng.choice(_IN_A_FRAME))):
            kind = self._due.pop()
            self.done[kind] += 1
            if kind in _ON_THE_LINE:
                self._order(kind, len(data))
            else:
                data = _IN_THE_FRAME[kind](data, self._rng, self.adc_bits)
        if self._sent is not None:
            self._sent += len(data)
        self._port.write(data)

    def read(self, seconds: float) -> bytes:
        """Return what has come; empty when nothing will."""
        deadline = time.monotonic() + seconds
        while not (data := self._port.read(_LOOK_S)):
            if time.monotonic() > deadline or self._virtual.count().still:
                return self._port.read(0)  # what came while that was asked
        return data

    def discard(self) -> float:
        """Forget what has not been sent yet; return when the board has had its time-out."""
        self._sent = None
        self._port.discard()
        deadline = time.monotonic() + _TIMEOUT_S
        while not self._virtual.count().still and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        return 0.0

    def _order(self, kind: str, size: int) -> None:
        what, *values = _ON_THE_LINE[kind](self._rng)
        if what.startswith("answer-"):
            at = self._virtual.count().to_host + self._rng.randrange(_ANSWER_BYTES)
        else:
            if self._sent is None:
                self._sent = self._virtual.count().from_host
            at = self._sent + self._rng.randrange(size)
        self._virtual.order(what, at, *values)


def _between(low: int, high: int) -> Callable[[random.Random], int]:
    return lambda rng: rng.randint(low, high)


def _line(what: str, *values: Callable[[random.Random], int]) -> Callable[[random.Random], list]:
    return lambda rng: [what, *(value(rng) for value in values)]


_ON_THE_LINE: dict[str, Callable[[random.Random], list[Any]]] = {
    "data bit": _line("flip", _between(1, 8)),
    "start bit": _line("flip", _between(0, 0)),
    "stop bit": _line("flip", _between(9, 9)),
    "lost byte": _line("drop"),
    "extra byte": _line("insert", _between(0, 255)),
    "short stall": _line("stall", _between(1, 300)),
    "long stall": _line("stall", _between(700, 3000)),
    "break": _line("break", _between(9, 400)),
    "narrow spike": _line("spike", _between(0, 79), _between(1, 2)),
    "wide spike": _line("spike", _between(0, 79), _between(3, 60)),
    "slow bits": _line("baud", _between(1, 600), _between(1040, 2000)),
    "fast bits": _line("baud", _between(1, 600), _between(400, 960)),
    "board reset": _line("reset"),
    "answer bit": _line("answer-flip", _between(0, 7)),
    "answer byte lost": _line("answer-drop"),
}


def _cut(data: bytes, rng: random.Random, adc_bits: int) -> bytes:
    return data[: rng.randrange(1, len(data))]


def _noise(data: bytes, rng: random.Random, adc_bits: int) -> bytes:
    return rng.randbytes(rng.randint(1, 64)) + data


def _header(offset: int, size: int) -> Callable[[bytes, random.Random, int], bytes]:
    """Return what writes something else into a header field, with a right check sum."""

    def change(data: bytes, rng: random.Random, adc_bits: int) -> bytes:
        frame = bytearray(data)
        before = bytes(frame[offset : offset + size])
        while (value := rng.randbytes(size)) == before:
            pass
        frame[offset : offset + size] = value
        frame[-protocol.CRC_BYTES :] = protocol.check_sum(
            bytes(frame[len(protocol.SYNC) : -protocol.CRC_BYTES])
        )
        return bytes(frame)

    return change


def _wide(data: bytes, rng: random.Random, adc_bits: int) -> bytes:
    """Return a good frame with a sample that the converter cannot have given."""
    if data[3] != Type.WINDOW or adc_bits >= protocol.MAX_ADC_BITS:
        return _cut(data, rng, adc_bits)
    samples = bytearray(data[10:-4])
    at = 2 * rng.randrange(len(samples) // 2)
    samples[at : at + 2] = (1 << adc_bits).to_bytes(2, "little")
    return protocol.encode(Type.WINDOW, int.from_bytes(data[4:6], "little"), bytes(samples))


def _other_length(data: bytes, rng: random.Random, adc_bits: int) -> bytes:
    """Return a frame of a sample more or less, right in itself."""
    payload = data[10:-4]
    payload = payload[:-2] if rng.random() < 0.5 else payload + b"\0\0"
    return protocol.encode(data[3], int.from_bytes(data[4:6], "little"), payload)


def _twice(data: bytes, rng: random.Random, adc_bits: int) -> bytes:
    """Return the beginning of a frame and then a whole one."""
    return data[: rng.randrange(1, len(data))] + data


_IN_THE_FRAME: dict[str, Callable[[bytes, random.Random, int], bytes]] = {
    "cut frame": _cut,
    "noise before": _noise,
    "wrong version": _header(2, 1),
    "wrong type": _header(3, 1),
    "wrong length field": _header(6, 4),
    "wrong check sum": lambda data, rng, adc_bits: data[:-4] + rng.randbytes(4),
    "wrong length": _other_length,
    "sample too wide": _wide,
    "begun twice": _twice,
}

KINDS = (*_ON_THE_LINE, *_IN_THE_FRAME)
"""All kinds of faults."""


def soak(
    compiled: Compiled,
    windows: Sequence[Sequence[int]],
    expected: Sequence[Expected],
    faults: int,
    *,
    seed: int = 1,
    progress: Callable[[Soak], None] = lambda _: None,
) -> Soak:
    """Put in at least so many faults while windows are asked for; return what came of it.

    Every window is asked for until it is answered: its last attempt is the good window after a
    fault.
    """
    rng = random.Random(seed)
    kinds = itertools.cycle(rng.sample(KINDS, len(KINDS)))
    found = Soak()
    begin = time.monotonic()
    with compiled.start() as virtual:
        while found.faults.total() < faults:
            with SerialPort(virtual.port, protocol.DEFAULT_BAUD) as port:
                _rounds(port, virtual, windows, expected, faults, rng, kinds, found)
            found.cycles = virtual.count().cycles
            found.seconds = time.monotonic() - begin
            progress(found)
    return found


def _rounds(
    port: SerialPort,
    virtual: VirtualBoard,
    windows: Sequence[Sequence[int]],
    expected: Sequence[Expected],
    faults: int,
    rng: random.Random,
    kinds: Any,
    found: Soak,
) -> None:
    """Do some rounds on one opening of the port, and read the board's counters."""
    saboteur = Saboteur(port, virtual, rng)
    board = Board(saboteur, timeout_s=_TIMEOUT_S, tries=_TRIES)
    saboteur.adc_bits = board.hello().adc_bits
    for _ in range(_REOPEN):
        if found.faults.total() + saboteur.done.total() >= faults:
            break
        saboteur.plan(list(itertools.islice(kinds, rng.randint(1, _MOST_FAULTS))))
        chosen = [rng.randrange(len(windows)) for _ in range(_WINDOWS)]
        try:
            answers = list(board.classify([windows[index] for index in chosen]))
        except LinkError:
            found.unanswered += 1
            continue
        for index, answer in zip(chosen, answers, strict=True):
            wanted = expected[index]
            found.windows += 1
            found.wrong += (answer.result.class_, answer.result.logits) != (
                wanted.class_,
                wanted.logits,
            )
            found.attempts[answer.attempts] += 1
    saboteur.plan(())
    found.faults += saboteur.done
    found.refusals += board.refusals
    counters = board.status().counters
    found.counters = {counter.name.lower(): value for counter, value in counters.items()}
