"""A board in Python at the other end of a port: what the client's tests talk to."""

from __future__ import annotations

from hwgen import protocol
from hwgen.protocol import Counter, Feature, Hello, Replayed, Result, State, Status, Type

HELLO = Hello(bytes(range(8)), input_samples=4, clock_khz=100_000, classes=2, adc_bits=16,
              timeout_us=100)  # fmt: skip


def answer(samples):
    """Return what the board says of a window."""
    return Result(int(sum(samples) < 0), 7, (sum(samples), -sum(samples)))


class FakeBoard:
    """A port with a board behind it.

    `moods` are taken one for each frame: ``"well"`` answers, ``"silent"`` does not, ``"late"``
    answers together with the next, ``"deaf"`` refuses; bytes are sent instead of an answer.
    """

    def __init__(self, *moods, hello=HELLO, live=False):
        self.moods = list(moods)
        self.hello = hello
        self.live = live
        self.frames = []
        self.waiting = b""
        self.late = b""
        self._decoder = protocol.Decoder()

    def write(self, data):
        for frame in self._decoder.feed(data):
            self.frames.append(frame)
            mood = self.moods.pop(0) if self.moods else "well"
            told, self.late = self.late, b""
            if isinstance(mood, bytes):
                self.waiting += mood
            elif mood == "well":
                self.waiting += told + self.reply(frame)
            elif mood == "late":
                self.late = told + self.reply(frame)
            elif mood == "deaf":
                code = protocol.ErrorCode.BAD_CRC
                self.waiting += told + protocol.encode_error(frame.sequence, code)
            else:
                assert mood == "silent"

    def read(self, seconds):
        data, self.waiting = self.waiting, b""
        return data

    def discard(self):
        return 0.0

    def reply(self, frame):
        number = frame.sequence
        match frame.type:
            case Type.HELLO:
                return protocol.encode_hello_reply(number, self.hello)
            case Type.WINDOW:
                return protocol.encode_result(number, answer(samples_of(frame)))
            case Type.REPLAY:
                count = int.from_bytes(frame.payload, "little")
                last = answer(samples_of([f for f in self.frames if f.type == Type.WINDOW][-1]))
                return protocol.encode_replayed(number, Replayed(last, count, 9 * count, 0))
            case Type.LIVE:
                self.live = bool(frame.payload[0])
        state = State.LIVE if self.live else State(0)
        status = Status(state, dict.fromkeys(Counter, 3))
        return protocol.encode_status_reply(number, status)


def samples_of(frame):
    """Return the samples of a WINDOW frame."""
    data = frame.payload
    return [int.from_bytes(data[k : k + 2], "little", signed=True) for k in range(0, len(data), 2)]


SENSOR_HELLO = Hello(bytes(range(8)), 4, 100_000, 2, 16, 100, Feature.SENSOR)
