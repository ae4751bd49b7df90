"""A board in Python at the other end of a port: what the client's tests talk to."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np

from hwgen import protocol
from hwgen.golden.learning import learnt
from hwgen.protocol import (
    Counter,
    Diagnosis,
    DiagnosisFlag,
    Feature,
    Hello,
    Learn,
    Origin,
    Replayed,
    Result,
    SensorFault,
    State,
    Status,
    Threshold,
    Type,
)

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
            case Type.THRESHOLD | Type.LEARN:
                return self.threshold_reply(frame)
        state = State.LIVE if self.live else State(0)
        status = Status(state, dict.fromkeys(Counter, 3))
        return protocol.encode_status_reply(number, status)


SCORE_HELLO = Hello(bytes(range(8)), 4, 100_000, 2, 16, 100, Feature.SENSOR | Feature.SCORE)


class LearningBoard(FakeBoard):
    """A board that diagnoses by itself; every window has the next of some scores.

    A score of None is a window of a sensor that is stuck. `forgets` are the numbers of windows
    before which the board is reset; `writes` how a flash keeps the threshold, at each question.
    """

    def __init__(self, scores, *moods, forgets=(), threshold=100):
        super().__init__(*moods, hello=SCORE_HELLO, live=True)
        self.stands = Threshold(threshold)
        self.forgets = set(forgets)
        self.learned, self.writes = [], []
        self._scores = iter(scores)
        self._number = 0
        self._order = Learn(0)
        self._seen = []

    def threshold_reply(self, frame):
        if frame.type == Type.LEARN:
            windows, allowed, margin, _ = struct.unpack("<IIHH", frame.payload)
            self._order = Learn(windows, allowed, margin)
            self.learned.append(self._order)
            self._seen = []
            self.stands = replace(
                self.stands, learning=windows > 0, collected=0, wanted=windows
            )  # fmt: skip
        elif frame.payload:
            (value,) = struct.unpack("<I", frame.payload)
            self.stands = Threshold(value, Origin.HOST)
        elif self.writes:
            self.stands = replace(self.stands, kept=self.writes.pop(0))
        return protocol.encode_threshold_reply(frame.sequence, self.stands)

    def read(self, seconds):
        if not self.waiting:
            self._diagnose()
        return super().read(seconds)

    def _diagnose(self):
        score = next(self._scores, "end")
        if score == "end":
            return
        if self._number in self.forgets:
            self.stands = replace(self.stands, learning=False, collected=0, wanted=0)
        fault = SensorFault.STUCK if score is None else SensorFault(0)
        result = Result(int((score or 0) > self.stands.value), 7, (self.stands.value, score or 0))
        told = Diagnosis(result, protocol.NO_CLASS, DiagnosisFlag(0), fault, 0)
        self.waiting += protocol.encode_diagnosis(self._number, told)
        self._number += 1
        if self.stands.learning and score is not None:
            self._seen.append(score)
            self.stands = replace(self.stands, collected=len(self._seen))
            if len(self._seen) == self._order.windows:
                value = learnt(np.array(self._seen), self._order, 31)
                self.stands = replace(
                    self.stands, value=value, origin=Origin.LEARNT, learning=False
                )  # fmt: skip


def samples_of(frame):
    """Return the samples of a WINDOW frame."""
    data = frame.payload
    return [int.from_bytes(data[k : k + 2], "little", signed=True) for k in range(0, len(data), 2)]


SENSOR_HELLO = Hello(bytes(range(8)), 4, 100_000, 2, 16, 100, Feature.SENSOR)
