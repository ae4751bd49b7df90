"""What a running board can do, measured: answers, latency, windows a second."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from hwgen import golden, protocol
from hwgen.errors import InputError, LinkError, MismatchError
from hwgen.fixedpoint import Integers
from hwgen.link.client import Answer, Board
from hwgen.link.energy import Energy
from hwgen.protocol import Counter, Feature, Hello, Replayed
from hwgen.quantized import QuantizedModel

_ALONE = 4
"""One window in so many is sent by itself, for the round trip."""
_REPLAY_CYCLES = 3_000_000
"""About how long a replay is to take: long enough that its beginning and end do not count."""
_BUSY_S = 1.0
"""Of a replay while a meter is read: so long that what lies between two does not count."""


@dataclass(frozen=True)
class Expected:
    """What the golden model says of a window."""

    class_: int
    logits: tuple[int, ...]
    numbers: tuple[int, ...] = ()

    @classmethod
    def of(cls, model: QuantizedModel, windows: Integers) -> list[Expected]:
        """Return it for each of some windows, ``(n, samples)`` in ADC steps."""
        answers = golden.answers(model, windows)
        logits, numbers = np.split(answers, [len(model.classes)], axis=1)
        classes = [protocol.NO_CLASS] * len(answers)
        if model.classes:
            classes = golden.classify(logits).tolist()
        rows = zip(classes, logits.tolist(), numbers.tolist(), strict=True)
        return [cls(class_, tuple(row), tuple(more)) for class_, row, more in rows]

    def differs(self, result: protocol.Result) -> bool:
        """Return whether a board says another class, other logits or other numbers."""
        told = result.class_, result.logits, result.numbers
        return told != (self.class_, self.logits, self.numbers)


@dataclass(frozen=True)
class Spread:
    """Smallest, median and largest of a few values."""

    min: float
    median: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the spread of some values, at least one."""
        return cls(min(values), statistics.median(values), max(values))

    def times(self, factor: float) -> Spread:
        """Return it in another unit."""
        return Spread(self.min * factor, self.median * factor, self.max * factor)

    def to_json(self) -> dict[str, float]:
        """Return the fields as a JSON object."""
        return dict(vars(self))


@dataclass(frozen=True)
class Replay:
    """A stored window, replayed back to back.

    Parameters
    ----------
    windows, cycles, differing
        As of `hwgen.protocol.Replayed`.
    """

    windows: int
    cycles: int
    differing: int

    @property
    def cycles_per_window(self) -> float:
        """Its beginning and end spread over all windows."""
        return self.cycles / self.windows


@dataclass(frozen=True)
class Benchmark:
    """What was measured.

    Parameters
    ----------
    port
        Where, as it was called.
    clock_mhz
        The board's clock as the board tells it.
    windows, mismatches
        Answers compared with the golden model, class and all numbers; how many differ.
    latency_cycles
        On chip, from taking the last sample to presenting the class.
    replay
        A stored window back to back on chip.
    round_trip_ms
        On the host, of a window that is sent by itself.
    link_windows_per_second
        Over the line, one window being sent while the one before is computed.
    retries
        Frames that had to be sent again.
    refusals
        ERROR frames by what they say.
    counters
        What the board has counted since its reset.
    energy
        What a meter said meanwhile; None where nobody read one.
    """

    port: str
    clock_mhz: float
    windows: int
    mismatches: int
    latency_cycles: Spread
    replay: Replay
    round_trip_ms: Spread
    link_windows_per_second: float
    retries: int
    refusals: dict[str, int]
    counters: dict[str, int]
    energy: Energy | None = None

    @property
    def latency_us(self) -> Spread:
        """The latency in microseconds."""
        return self.latency_cycles.times(1 / self.clock_mhz)

    @property
    def windows_per_second(self) -> float:
        """On chip."""
        return self.clock_mhz * 1e6 / self.replay.cycles_per_window

    def metered(self, watts: float | None, idle_watts: float | None) -> Self:
        """Return it with what a meter said while a window was replayed; None: nothing."""
        if watts is None:
            return self
        return replace(self, energy=Energy(watts, idle_watts, self.windows_per_second))

    def to_json(self) -> dict[str, Any]:
        """Return all figures as a JSON object; ``energy`` only where a meter was read."""
        energy = {} if self.energy is None else {"energy": self.energy.to_json()}
        return energy | {
            "port": self.port,
            "clock_mhz": self.clock_mhz,
            "windows": self.windows,
            "mismatches": self.mismatches,
            "latency_cycles": self.latency_cycles.to_json(),
            "latency_us": self.latency_us.to_json(),
            "replay": {
                "windows": self.replay.windows,
                "cycles": self.replay.cycles,
                "differing": self.replay.differing,
                "cycles_per_window": self.replay.cycles_per_window,
                "windows_per_second": self.windows_per_second,
            },
            "round_trip_ms": self.round_trip_ms.to_json(),
            "link_windows_per_second": self.link_windows_per_second,
            "retries": self.retries,
            "refusals": self.refusals,
            "counters": self.counters,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote; further fields are the reader's own."""
        replay = value["replay"]
        return cls(
            port=value["port"],
            clock_mhz=value["clock_mhz"],
            windows=value["windows"],
            mismatches=value["mismatches"],
            latency_cycles=Spread(**value["latency_cycles"]),
            replay=Replay(replay["windows"], replay["cycles"], replay["differing"]),
            round_trip_ms=Spread(**value["round_trip_ms"]),
            link_windows_per_second=value["link_windows_per_second"],
            retries=value["retries"],
            refusals=dict(value["refusals"]),
            counters=dict(value["counters"]),
            energy=Energy.from_json(value["energy"]) if "energy" in value else None,
        )


def check_hello(hello: Hello, digest: str, input_samples: int, classes: int) -> None:
    """Raise `LinkError` unless the board runs the design of that digest."""
    wanted = bytes.fromhex(digest)[: protocol.DIGEST_BYTES]
    if hello.digest != wanted:
        raise LinkError(
            f"the board must run the build's design {wanted.hex()}, not {hello.digest.hex()}; "
            f"program it with: hwgen program BUILD"
        )
    if (hello.input_samples, hello.classes) != (input_samples, classes):
        raise LinkError(
            f"the board must take {input_samples} samples and tell {classes} classes, not "
            f"{hello.input_samples} and {hello.classes}; program it with: hwgen program BUILD"
        )


def measure(
    board: Board,
    hello: Hello,
    windows: Sequence[Sequence[int]],
    expected: Sequence[Expected],
    *,
    port: str,
    cycles_per_window: int,
    busy_s: float = 0.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Benchmark:
    """Send windows and compare, then have one replayed.

    Parameters
    ----------
    hello
        What the board says of itself, checked (`check_hello`).
    windows, expected
        Samples, and what must be answered; at least one.
    port
        For the record.
    cycles_per_window, busy_s
        About, which decides how often a window is replayed; seconds of replay before that.
    progress
        Told (done, of).

    Raises
    ------
    InputError
        If there are no windows: a check that compares nothing must fail.
    LinkError
        If the board falls silent.
    MismatchError
        If answers within the replay differ from each other; single windows that differ from the
        golden model are counted.
    """
    if not windows:
        raise InputError("a benchmark needs at least one window, not none")
    with _quiet(board, hello):
        answers, rate = _send(board, windows, progress)
        mismatches = _compare(answers, expected)
        _keep_busy(board, hello, cycles_per_window, busy_s)
        replay = _replay(board, hello, cycles_per_window, _REPLAY_CYCLES)
        mismatches += expected[-1].differs(replay.last)
        counters = board.status().counters
    _check_steady(replay)
    alone = answers[: _alone(len(windows))]
    return Benchmark(
        port=port,
        clock_mhz=hello.clock_khz / 1e3,
        windows=len(answers) + 1,
        mismatches=mismatches,
        latency_cycles=Spread.of([answer.result.cycles for answer in answers]),
        replay=Replay(replay.windows, replay.cycles, replay.differing),
        round_trip_ms=Spread.of([answer.seconds for answer in alone]).times(1e3),
        link_windows_per_second=rate,
        retries=board.retries,
        refusals=dict(board.refusals),
        counters={counter.name.lower(): counters[counter] for counter in Counter},
    )


@contextmanager
def _quiet(board: Board, hello: Hello) -> Iterator[None]:
    """Keep the board's own sensor, if it has one, from talking."""
    sensor = bool(hello.features & Feature.SENSOR)
    if sensor:
        board.live(on=False)
    try:
        yield
    finally:
        if sensor:
            board.live(on=True)


def _alone(windows: int) -> int:
    return -(-windows // _ALONE)


def _send(
    board: Board, windows: Sequence[Sequence[int]], progress: Callable[[int, int], None]
) -> tuple[list[Answer], float]:
    """Return the answers, and the windows a second of those that were sent close together."""
    alone = _alone(len(windows))
    answers: list[Answer] = []
    begin = time.perf_counter()
    for part, ahead in ((windows[:alone], 1), (windows[alone:] or windows[:1], 2)):
        begin = time.perf_counter()
        for answer in board.classify(part, ahead=ahead):
            answers.append(answer)
            progress(len(answers), len(windows))
    rate = (len(answers) - alone) / (time.perf_counter() - begin)
    return answers[: len(windows)], rate


def _replay(board: Board, hello: Hello, cycles_per_window: int, cycles: int) -> Replayed:
    """Have the stored window replayed, as often as takes about so many cycles."""
    count = max(2, min(protocol.MAX_REPLAY, cycles // cycles_per_window))
    return board.replay(count, seconds=count * cycles_per_window / (hello.clock_khz * 1e3))


def _keep_busy(board: Board, hello: Hello, cycles_per_window: int, seconds: float) -> None:
    """Have the stored window replayed again and again for so long."""
    cycles = round(min(seconds, _BUSY_S) * hello.clock_khz * 1e3)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        _replay(board, hello, cycles_per_window, cycles)


def _check_steady(replay: Replayed) -> None:
    """Raise `MismatchError` if one window got more than one class."""
    if replay.differing:
        raise MismatchError(
            f"{replay.differing} of {replay.windows} answers to one stored window differ from the "
            f"first"
        )


def _compare(answers: Sequence[Answer], expected: Sequence[Expected]) -> int:
    pairs = zip(answers, expected, strict=True)
    return sum(wanted.differs(answer.result) for answer, wanted in pairs)
