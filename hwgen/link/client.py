"""Asks a board, and asks again where the line was at fault."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hwgen import protocol
from hwgen.errors import LinkError
from hwgen.link.port import Port
from hwgen.protocol import (
    ErrorCode,
    Feature,
    Frame,
    Hello,
    Learn,
    Replayed,
    Result,
    State,
    Status,
    Threshold,
    Type,
)

HELLO_TIMEOUT_S = 1.0
_QUIET_MARGIN = 1.25
"""Of the board's time-out: how long the host is quiet before it asks again."""
_LEAST_QUIET_S = 0.025
"""However short the board's time-out: what a system needs to hand over the last byte."""
_MOST_PATIENCE = 16
"""Times the usual: a frame that fails again and again is given twice the time each time."""
_SEQUENCES = 1 << 16
_LARGEST_ANSWER = 4 * (1 << 12)
"""Bytes of the longest payload that is believed in."""

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What a board said of a window.

    Parameters
    ----------
    result
        Class, cycles, logits and numbers.
    seconds
        From the first byte sent, of the attempt that was answered, to the last received.
    attempts
        How often the window was sent.
    """

    result: Result
    seconds: float
    attempts: int


@dataclass
class _Sent:
    """A window that is on its way."""

    index: int
    data: Sequence[int]
    attempts: int = 0
    at: dict[int, float] = field(default_factory=dict)  # sequence to when it was sent


class Board:
    """A board at the other end of a port.

    What is not answered, or refused for what the line did to it, is sent again under a new
    sequence number, after the line has been quiet for long enough that the board listens again.

    Parameters
    ----------
    port
        To speak through.
    timeout_s
        Seconds without a byte from the board after which it counts as silent.
    tries
        How often a frame is sent at most.

    Attributes
    ----------
    retries
        Frames that were sent again.
    refusals
        ERROR frames by what they say.
    """

    def __init__(self, port: Port, *, timeout_s: float = 10.0, tries: int = 5) -> None:
        self.timeout_s = timeout_s
        self.tries = tries
        self.retries = 0
        self.refusals: Counter[str] = Counter()
        self._port = port
        self._decoder = protocol.Decoder(_LARGEST_ANSWER)
        self._frames: deque[Frame] = deque()
        self._sequence = 0
        self._hello: Hello | None = None

    def hello(self) -> Hello:
        """Return what the board says about itself.

        Raises
        ------
        LinkError
            If there is no answer, or one in another version of the protocol; if the board's weights
            are not what they must be: it gives no class.
        """
        try:
            self._hello = self._ask(
                protocol.encode_hello, protocol.decode_hello, Type.HELLO_REPLY,
                min(self.timeout_s, HELLO_TIMEOUT_S),
            )  # fmt: skip
        except LinkError as error:
            other = self._decoder.other_version
            if other is None:
                raise
            raise LinkError(
                f"the board must speak version {protocol.PROTOCOL_VERSION} of the protocol, not "
                f"{other}; program it with a build of this hwgen"
            ) from error
        if self._hello.features & Feature.WEIGHTS:
            try:
                self._check_weights()
            except LinkError:
                self._hello = None
                raise
        return self._hello

    def _check_weights(self) -> None:
        """Raise if the weights in the flash are not those of the design, or came damaged."""
        told = {
            State.ABSENT: "there are none",
            State.FOREIGN: "they are another build's",
            State.CORRUPT: "they are damaged",
        }
        state = self.status().state
        for flag, what in told.items():
            if state & flag:
                raise LinkError(
                    f"the board must have the weights of its design in its flash, but {what}; "
                    f"write them: hwgen program BUILD --flash"
                )

    def status(self) -> Status:
        """Return what the board is doing and has counted."""
        return self._ask(
            protocol.encode_status, protocol.decode_status, Type.STATUS_REPLY, self.timeout_s
        )

    def replay(self, count: int, *, seconds: float = 0.0) -> Replayed:
        """Have the last window replayed so often.

        Parameters
        ----------
        seconds
            How long that takes, about; the time-out is that much longer.
        """
        return self._ask(
            lambda sequence: protocol.encode_replay(sequence, count),
            lambda frame: protocol.decode_replayed(frame, self._numbers),
            Type.REPLAYED,
            self.timeout_s + seconds,
        )

    def live(self, *, on: bool) -> None:
        """Give the core to the board's own sensor, or take it; return when it has changed hands.

        Raises
        ------
        LinkError
            If it does not.
        """
        deadline = time.monotonic() + self.timeout_s
        while True:
            # Asked again and again: a board that is reset meanwhile has forgotten it.
            status = self._ask(
                lambda sequence: protocol.encode_live(sequence, on=on),
                protocol.decode_status,
                Type.STATUS_REPLY,
                self.timeout_s,
            )
            if bool(status.state & State.LIVE) == on:
                return
            if time.monotonic() > deadline:
                raise LinkError("the board's core does not change hands; reset the board")

    def threshold(self, value: int | None = None) -> Threshold:
        """Set the threshold, or ask for it with None; return how it stands then.

        Setting one ends a learn phase.

        Raises
        ------
        LinkError
            If the board's network has no score, or the value does not fit its scores.
        """
        return self._ask(
            lambda sequence: protocol.encode_threshold(sequence, value),
            protocol.decode_threshold,
            Type.THRESHOLD_REPLY,
            self.timeout_s,
        )

    def learn(self, learn: Learn) -> Threshold:
        """Begin a learn phase, or give one up (0 windows); return how the threshold stands then.

        Sent again where the line was at fault: the phase then begins anew.

        Raises
        ------
        LinkError
            If the board's network has no score.
        """
        return self._ask(
            lambda sequence: protocol.encode_learn(sequence, learn),
            protocol.decode_threshold,
            Type.THRESHOLD_REPLY,
            self.timeout_s,
        )

    def diagnoses(self) -> Iterator[tuple[int, protocol.Diagnosis]]:
        """Yield what the board's own sensor leads to, with its number, as it comes.

        Raises
        ------
        LinkError
            If none comes for the time-out.
        """
        while True:
            frame = self._next(self.timeout_s)
            if frame is None:
                raise LinkError(
                    f"no diagnosis came within {self.timeout_s:g} s; is the sensor connected?"
                )
            if frame.type == Type.DIAGNOSIS:
                yield frame.sequence, protocol.decode_diagnosis(frame, self._numbers)

    @property
    def _numbers(self) -> int:
        """Numbers of an answer beside its logits."""
        return self._hello.numbers if self._hello else 0

    def classify(self, windows: Sequence[Sequence[int]], *, ahead: int = 2) -> Iterator[Answer]:
        """Yield an answer for each window, in order.

        Parameters
        ----------
        windows
            Samples of each.
        ahead
            Windows that are on their way at a time; with 2 one is sent while the one before is
            computed.

        Raises
        ------
        LinkError
            If a window has been sent `tries` times without an answer.
        """
        hello = self._hello or self.hello()
        waiting = deque(_Sent(index, window) for index, window in enumerate(windows))
        flying: deque[_Sent] = deque()
        ready: dict[int, Answer] = {}
        told = 0
        while waiting or flying:
            while waiting and len(flying) < ahead:
                flying.append(waiting.popleft())
                self._send_window(flying[-1], hello)
            self._collect(flying, ready, hello)
            while told in ready:
                yield ready.pop(told)
                told += 1

    def _send_window(self, sent: _Sent, hello: Hello) -> None:
        sequence = self._number()
        frame = protocol.encode_window(sequence, sent.data, hello.adc_bits)
        sent.attempts += 1
        sent.at[sequence] = time.perf_counter()
        self._port.write(frame)

    def _collect(self, flying: deque[_Sent], ready: dict[int, Answer], hello: Hello) -> None:
        """Wait for an answer to any of the windows; send them again where the line was at fault."""
        patience = _patience(max(sent.attempts for sent in flying))
        frame = self._expect(self.timeout_s * patience, Type.RESULT)
        if frame is not None and frame.type == Type.RESULT:
            self._answered(frame, flying, ready, hello)
            return
        why = self._note(frame)
        # What has been understood all the same is still answered.
        for late in self._quiet(hello, patience):
            if late.type == Type.RESULT:
                self._answered(late, flying, ready, hello)
            elif late.type == Type.ERROR:
                self._note(late)
        for sent in flying:
            if sent.attempts >= self.tries:
                raise LinkError(f"window {sent.index} was sent {sent.attempts} times without an "
                                f"answer; the last time {why}")  # fmt: skip
            self.retries += 1
            self._send_window(sent, hello)

    def _answered(
        self, frame: Frame, flying: deque[_Sent], ready: dict[int, Answer], hello: Hello
    ) -> None:
        """Keep the answer to a window, whichever of its attempts it belongs to."""
        result = protocol.decode_result(frame, hello.numbers)
        if len(result.logits) != hello.classes:
            raise LinkError(f"the board's RESULT must have {hello.classes} logits, "
                            f"not {len(result.logits)}")  # fmt: skip
        for sent in flying:
            if frame.sequence in sent.at:
                seconds = time.perf_counter() - sent.at[frame.sequence]
                ready[sent.index] = Answer(result, seconds, sent.attempts)
                flying.remove(sent)
                return

    def _ask(
        self,
        encode: Callable[[int], bytes],
        decode: Callable[[Frame], T],
        wanted: Type,
        timeout_s: float,
    ) -> T:
        """Send a frame until it is answered."""
        why = ""
        for attempt in range(self.tries):
            self.retries += attempt > 0
            sequence = self._number()
            self._port.write(encode(sequence))
            patience = _patience(attempt + 1)
            frame = self._expect(timeout_s * patience, wanted, sequence)
            if frame is not None and frame.type == wanted:
                return decode(frame)
            why = self._note(frame)
            if frame is not None and _final(frame):
                break
            list(self._quiet(self._hello, patience))
        raise LinkError(f"the board did not answer as it should: {why}")

    def _note(self, frame: Frame | None) -> str:
        """Return, and count, what was wrong."""
        if frame is None:
            return "no answer came in time; is the port the board's, and the bit rate right?"
        why = protocol.refusal(frame) or "an ERROR frame made no sense"
        self.refusals[why] += 1
        return why

    def _quiet(self, hello: Hello | None, patience: int) -> Iterator[Frame]:
        """Say nothing until the board listens again; yield what it says meanwhile."""
        board_s = hello.timeout_us / 1e6 if hello else protocol.FRAME_TIMEOUT_S
        line_s = self._port.discard()
        board_s = max(_LEAST_QUIET_S, _QUIET_MARGIN * board_s)
        deadline = time.monotonic() + line_s + patience * board_s
        while (left := deadline - time.monotonic()) > 0:
            frame = self._next(left)
            if frame is not None:
                yield frame

    def _expect(self, seconds: float, wanted: Type, sequence: int | None = None) -> Frame | None:
        """Return the next frame of a type and number, or an ERROR; None if none comes in time.

        Others are passed over, and buy no time: a board whose sensor is at work talks unasked,
        for ever.
        """
        deadline = time.monotonic() + seconds
        while (frame := self._next(max(0.0, deadline - time.monotonic()))) is not None:
            if frame.type == Type.ERROR:
                return frame
            if frame.type == wanted and sequence in (None, frame.sequence):
                return frame
            if time.monotonic() > deadline:
                return None
        return None

    def _next(self, seconds: float) -> Frame | None:
        """Return the next frame; None if nothing comes for so many seconds."""
        while not self._frames:
            data = self._port.read(seconds)
            if not data:
                # Half a frame may hide whole ones.
                self._frames.extend(self._decoder.flush())
                return self._frames.popleft() if self._frames else None
            self._frames.extend(self._decoder.feed(data))
        return self._frames.popleft()

    def _number(self) -> int:
        self._sequence = (self._sequence + 1) % _SEQUENCES
        return self._sequence


def _patience(attempts: int) -> int:
    """Return how many times as long as usual to wait after so many attempts."""
    return min(_MOST_PATIENCE, 1 << (attempts - 1))


def _final(frame: Frame) -> bool:
    """Return whether asking again cannot help."""
    final: tuple[Any, ...] = (ErrorCode.NO_WINDOW, ErrorCode.UNKNOWN_TYPE, ErrorCode.BAD_VERSION)
    return frame.payload[0] in final
