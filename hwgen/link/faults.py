"""What damages a line: faults of every kind, between the client and a virtual board.

The host is the client that `hwgen bench` uses, on a serial port. Between it and the wire stands
`Saboteur`, which orders faults of the line from the virtual board and damages frames itself.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hwgen import protocol
from hwgen.link.port import SerialPort
from hwgen.link.virtual import VirtualBoard
from hwgen.protocol import Type

_QUIET_S = 30.0
"""Never waited for: the virtual board is quiet long before."""
_LOOK_S = 0.005
_ANSWER_BYTES = protocol.OVERHEAD_BYTES + 16
"""Of the shortest answer, in which faults of answers are put."""
_IN_A_FRAME = (0, 1, 1, 1, 2, 3)
"""Faults in a frame, while there are any due."""
RESET = "board reset"
"""The kind of fault after which a board with a sensor begins anew."""


class Saboteur:
    """A port that damages what goes through it.

    A time-out in seconds is a matter of how fast the simulation is. Here it is over when the
    virtual board is quiet, which is some time after the board's own time-out: then nothing will
    come of what was sent.

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
    patient
        Whether a time-out is one in seconds all the same: a sensor's window takes its time.
    done
        Faults that were put in, by kind.
    """

    def __init__(self, port: SerialPort, virtual: VirtualBoard, rng: random.Random) -> None:
        self.adc_bits = protocol.MAX_ADC_BITS
        self.patient = False
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
            if self._due[-1] in _IN_THE_FRAME and len(data) < protocol.OVERHEAD_BYTES:
                break  # what is left of a frame that was cut is damaged no further
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
            if time.monotonic() > deadline or (not self.patient and self._virtual.count().quiet):
                return self._port.read(0)  # what came while that was asked
        return data

    def discard(self) -> float:
        """Forget what has not been sent yet; return when the board has had its time-out."""
        self._sent = None
        self._port.discard()
        deadline = time.monotonic() + _QUIET_S
        while not self._virtual.count().quiet and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        return 0.0

    def _order(self, kind: str, size: int) -> None:
        what, *values = _ON_THE_LINE[kind](self._rng, size)
        if what.startswith("answer-"):
            at = self._virtual.count().to_host + self._rng.randrange(_ANSWER_BYTES)
        else:
            if self._sent is None:
                self._sent = self._virtual.count().from_host
            at = self._sent + self._rng.randrange(size)
        self._virtual.order(what, at, *values)


_Value = Callable[[random.Random, int], int]
"""Draws a number for a fault in a frame of so many bytes."""


def _between(low: int, high: int) -> _Value:
    return lambda rng, size: rng.randint(low, high)


def _a_frame(rng: random.Random, size: int) -> int:
    """Return for how many bytes: what lasts for many short frames leaves none to answer."""
    return rng.randint(1, size)


def _line(what: str, *values: _Value) -> Callable[[random.Random, int], list[Any]]:
    return lambda rng, size: [what, *(value(rng, size) for value in values)]


_ON_THE_LINE: dict[str, Callable[[random.Random, int], list[Any]]] = {
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
    "slow bits": _line("baud", _a_frame, _between(1040, 2000)),
    "fast bits": _line("baud", _a_frame, _between(400, 960)),
    RESET: _line("reset"),
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
