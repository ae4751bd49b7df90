"""Frames between host and board: one definition for both ends.

A frame, integers little-endian::

    offset  bytes  field
    0       2      sync     A5 5A
    2       1      version  PROTOCOL_VERSION
    3       1      type     Type
    4       2      sequence chosen by the host; an answer carries its question's
    6       4      length   of the payload, in bytes
    10      length payload
    ...     4      crc      CRC-32 (IEEE 802.3, zlib.crc32) of version to payload

Payloads::

    HELLO         (host)   none
    WINDOW        (host)   one window's samples, int16 each, whatever the converter's width
    STATUS        (host)   none
    REPLAY        (host)   count: u16, from 1: the last good WINDOW so often, back to back
    LIVE          (host)   on: u16; 0 takes the core from the board's own sensor, 1 gives it back
    THRESHOLD     (host)   value: u32, or none to ask for it
    LEARN         (host)   windows: u32, allowed: u32, margin: u16 (1/256), 0: u16;
                           0 windows: the learn phase is given up
    HELLO_REPLY   (board)  digest: 8 bytes, input_samples: u32, clock_khz: u32, timeout_us: u32,
                           classes: u16, adc_bits: u8, features: u8 (Feature);
                           numbers: u32 only if there are any
    RESULT        (board)  class: u16, 0: u16, cycles: u32, logits: int32 each, numbers: int32 each
    STATUS_REPLY  (board)  state: u32 (State), one counter u32 for each Counter
    REPLAYED      (board)  the last result as in RESULT, total: u64, windows: u32, differing: u32
    DIAGNOSIS     (board)  class: u16, flags: u8 (DiagnosisFlag), faults: u8, cycles: u32,
                           logits and numbers as in RESULT, overruns: u32, confirmed: u16, 0: u16
    THRESHOLD_REPLY (board)  threshold: u32, collected: u32, wanted: u32, origin: u8 (Origin),
                           learning: u8, kept: u8 (Keeping), 0: u8
    ERROR         (board)  code: u8 (ErrorCode)

Numbers are those of the outputs that are values. A design without a class has no logits and says
`NO_CLASS`.

HELLO asks for HELLO_REPLY, WINDOW for RESULT, STATUS and LIVE for STATUS_REPLY, REPLAY for
REPLAYED, THRESHOLD and LEARN for THRESHOLD_REPLY; any of them may be refused with ERROR. A board
with a sensor of its own sends DIAGNOSIS unasked while it is live; its sequence counts diagnoses,
also those that were not sent.

A board of a network with a score (`Feature.SCORE`) has two logits, the threshold and the score, and
class 1 if the score is above; only such a board knows THRESHOLD and LEARN. A learn phase counts the
scores of `windows` windows; then the threshold is what at most `allowed` of them are above,
times `margin` / 256 (`hwgen.golden.learning`). A threshold set by the host ends it, as a reset and
a change between host and sensor do; the threshold itself outlives all three. A replay's windows
and those with a sensor's faults do not count.

A window whose check sum is wrong never gives a class. After an ERROR the board ignores the line
until it has been quiet for its time-out (`timeout_us`).
"""

from __future__ import annotations

import enum
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from hwgen.errors import InputError, LinkError

PROTOCOL_VERSION = 2
SYNC = b"\xa5\x5a"
HEADER_BYTES = 8
"""Version to length: what the check sum covers before the payload."""
CRC_BYTES = 4
OVERHEAD_BYTES = len(SYNC) + HEADER_BYTES + CRC_BYTES
DIGEST_BYTES = 8
"""How much of the design's digest HELLO_REPLY carries."""
MAX_ADC_BITS = 16
FRAME_TIMEOUT_S = 0.05
"""Quiet time that ends a broken frame: longer than a host's pause between two writes."""
DEFAULT_BAUD = 1_000_000

MAX_REPLAY = (1 << 16) - 1
MARGIN_ONE = 256
"""The margin of LEARN that leaves a threshold as it is."""
MAX_MARGIN = (1 << 16) - 1
MAX_WINDOWS = (1 << 32) - 1
"""Of a learn phase; as many may be allowed to be above the threshold."""
MAX_THRESHOLD = (1 << 31) - 1
OCTAVE_BITS = 4
"""A learn phase counts scores in so many bits behind the leading one: 16 steps an octave."""
NO_CLASS = 0xFFFF
"""`Diagnosis.confirmed` while no class is confirmed; the class where no output is one."""

_HEADER = struct.Struct("<BBHI")
_HELLO_REPLY = struct.Struct("<8sIIIHBB")
_NUMBERS = struct.Struct("<I")
_RESULT = struct.Struct("<HBBI")
_REPLAYED = struct.Struct("<QII")
_DIAGNOSIS = struct.Struct("<IHH")
_THRESHOLD = struct.Struct("<I")
_LEARN = struct.Struct("<IIHH")
_THRESHOLD_REPLY = struct.Struct("<IIIBBBB")
_SEQUENCES = 1 << 16
_MAX_PAYLOAD = 1 << 20
MAX_NUMBERS = (_MAX_PAYLOAD - 32) // 4
"""Of a result: its logits and other numbers, four bytes each."""


class Type(enum.IntEnum):
    """What a frame is; the board's have bit 7 set."""

    HELLO = 0x01
    WINDOW = 0x02
    STATUS = 0x03
    REPLAY = 0x04
    LIVE = 0x05
    THRESHOLD = 0x06
    LEARN = 0x07
    HELLO_REPLY = 0x81
    RESULT = 0x82
    STATUS_REPLY = 0x83
    REPLAYED = 0x84
    THRESHOLD_REPLY = 0x86
    DIAGNOSIS = 0x90
    ERROR = 0xFF


class ErrorCode(enum.IntEnum):
    """Why the board refused a frame."""

    BAD_CRC = 1
    BAD_LENGTH = 2
    UNKNOWN_TYPE = 3
    BAD_VERSION = 4
    TIMEOUT = 5
    OVERRUN = 6
    BAD_SAMPLE = 7
    BUSY = 8
    NO_WINDOW = 9
    FRAMING = 10


class Counter(enum.IntEnum):
    """What a board counts, by place in STATUS_REPLY; `ErrorCode`s have the same numbers."""

    BAD_CRC = 1
    BAD_LENGTH = 2
    UNKNOWN_TYPE = 3
    BAD_VERSION = 4
    TIMEOUT = 5
    OVERRUN = 6
    BAD_SAMPLE = 7
    BUSY = 8
    NO_WINDOW = 9
    FRAMING = 10
    """Frames that broke because a byte had no stop bit, and such bytes outside frames."""
    BREAK = 11
    """Of those bytes the ones without a single 1: the line was low for a byte or longer."""
    STRAY = 12
    """Bytes outside frames."""
    DROPPED = 13
    """Answers that were not sent, for an earlier one was still waiting."""
    FRAMES = 14
    """Good frames."""
    RESULTS = 15
    """Results and diagnoses."""


class State(enum.IntFlag):
    """What a board is doing."""

    BUSY = 1
    """A window's result is still to come."""
    LIVE = 2
    """The board's own sensor feeds the core."""
    STORED = 4
    """There is a window for REPLAY."""
    ABSENT = 8
    """There are no weights in the board's flash, and so no answers."""
    FOREIGN = 16
    """Those there are another build's."""
    CORRUPT = 32
    """Those there are damaged, or came so."""


WEIGHTS_AT_FAULT = State.ABSENT | State.FOREIGN | State.CORRUPT
"""Of a board that has `Feature.WEIGHTS`: it answers no more."""


class Feature(enum.IntFlag):
    """What a board has."""

    NONE = 0
    SENSOR = 1
    SCORE = 2
    """The class says whether a score is above a threshold, which can be changed."""
    WEIGHTS = 4
    """The weights come from its flash: whether they are there is in its state."""


class Origin(enum.IntEnum):
    """Where a board has its threshold from."""

    MODEL = 0
    HOST = 1
    LEARNT = 2


class Keeping(enum.IntEnum):
    """Whether a board's threshold is there again after a power cycle."""

    NOWHERE = 0
    """The board has nothing to keep it in."""
    FLASH = 1
    WRITING = 2
    FAILED = 3
    """The board's flash does not do what it is told."""


class DiagnosisFlag(enum.IntFlag):
    """What the board's decision logic says of a diagnosis."""

    UNKNOWN = 1
    """No class fits well enough."""
    ALARM = 2
    """A faulty class is confirmed."""


class SensorFault(enum.IntFlag):
    """What the board finds wrong with its sensor; a window with any of it is answered UNKNOWN."""

    STUCK = 1
    """All samples of a window's length were equal."""
    CLIPPED = 2
    """Samples are at an end of the sensor's range."""
    ABSENT = 4
    """The sensor does not answer."""
    LOST = 8
    """A sample was lost: the core did not take it in time."""


ERROR_TEXT = {
    ErrorCode.BAD_CRC: "the check sum was wrong",
    ErrorCode.BAD_LENGTH: "length or count does not suit the type of frame or the design's window",
    ErrorCode.UNKNOWN_TYPE: "the type of frame is unknown to the board",
    ErrorCode.BAD_VERSION: f"the board speaks another protocol version than {PROTOCOL_VERSION}",
    ErrorCode.TIMEOUT: "the frame broke off",
    ErrorCode.OVERRUN: "samples came faster than the design takes them",
    ErrorCode.BAD_SAMPLE: "a sample does not fit the design's converter width, or a threshold "
    "its scores",
    ErrorCode.BUSY: "the board is at something else: a replay, or its own sensor",
    ErrorCode.NO_WINDOW: "there is no window to replay",
    ErrorCode.FRAMING: "a byte had no stop bit: another bit rate, a break or a bad line",
}


@dataclass(frozen=True)
class Frame:
    """A frame whose check sum was right."""

    type: int
    sequence: int
    payload: bytes


@dataclass(frozen=True)
class Hello:
    """What a board says about itself.

    Parameters
    ----------
    digest
        First `DIGEST_BYTES` bytes of the design's digest.
    input_samples
        Samples of a window.
    clock_khz
        The design's clock.
    classes
        Classes, and so logits of a RESULT; 0 where no output is a class.
    adc_bits
        Width of a sample, two's complement.
    timeout_us
        Quiet time after which the board listens again; a frame has no pause as long as that.
    features
        What it has.
    numbers
        Of a RESULT beside the logits.
    """

    digest: bytes
    input_samples: int
    clock_khz: int
    classes: int
    adc_bits: int
    timeout_us: int = round(FRAME_TIMEOUT_S * 1e6)
    features: Feature = Feature.NONE
    numbers: int = 0


@dataclass(frozen=True)
class Result:
    """A classified window.

    Parameters
    ----------
    class_
        Index of the class; `NO_CLASS` where no output is one.
    cycles
        Clock cycles from accepting the last sample to presenting the class.
    logits
        One integer per class.
    numbers
        Of the outputs that are values.
    """

    class_: int
    cycles: int
    logits: tuple[int, ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Replayed:
    """What came of a stored window that was replayed back to back.

    Parameters
    ----------
    last
        The last result.
    windows
        How many results there were.
    cycles
        Clock cycles from offering the first sample to the last result.
    differing
        Results of another class than the first one.
    """

    last: Result
    windows: int
    cycles: int
    differing: int


@dataclass(frozen=True)
class Status:
    """What a board is doing and has counted since its reset."""

    state: State
    counters: dict[Counter, int]


@dataclass(frozen=True)
class Learn:
    """What a learn phase is to be.

    Parameters
    ----------
    windows
        Whose scores count; 0: the phase is given up.
    allowed
        How many of them may be above the threshold that comes of it.
    margin
        What that is multiplied by at last, in 1 / `MARGIN_ONE`.

    Raises
    ------
    ValueError
        If a number does not fit its field.
    """

    windows: int
    allowed: int = 0
    margin: int = MARGIN_ONE

    def __post_init__(self) -> None:
        for name, value, high in (
            ("windows", self.windows, MAX_WINDOWS),
            ("allowed", self.allowed, MAX_WINDOWS),
            ("margin", self.margin, MAX_MARGIN),
        ):
            if not 0 <= value <= high:
                raise ValueError(f"{name} must be 0 to {high}, not {value}")


@dataclass(frozen=True)
class Threshold:
    """Where a board's threshold is, and how far its learn phase.

    Parameters
    ----------
    value
        The largest score that is no anomaly.
    origin
        Who set it.
    learning
        Whether a learn phase is going on.
    collected, wanted
        Windows of the phase that is going on or was the last since reset; both 0: there was none,
        or it was given up.
    kept
        Whether it is there again after a power cycle.
    """

    value: int
    origin: Origin = Origin.MODEL
    learning: bool = False
    collected: int = 0
    wanted: int = 0
    kept: Keeping = Keeping.NOWHERE


@dataclass(frozen=True)
class Diagnosis:
    """What a board says of a window of its own sensor.

    Parameters
    ----------
    result
        The window's.
    confirmed
        Class that the decision logic stands at, or `NO_CLASS`.
    flags
        What else it says.
    faults
        Bits of the sensor's receiver.
    overruns
        Samples that were lost since reset.
    """

    result: Result
    confirmed: int
    flags: DiagnosisFlag
    faults: int
    overruns: int


def encode(type_: int, sequence: int, payload: bytes = b"") -> bytes:
    """Return a frame's bytes; `sequence` is 0 to 65535."""
    if not 0 <= sequence < _SEQUENCES:
        raise ValueError(f"sequence must be 0 to {_SEQUENCES - 1}, not {sequence}")
    body = _HEADER.pack(PROTOCOL_VERSION, type_, sequence, len(payload)) + payload
    return SYNC + body + check_sum(body)


def check_sum(body: bytes) -> bytes:
    """Return the check sum of version to payload."""
    return zlib.crc32(body).to_bytes(CRC_BYTES, "little")


def encode_hello(sequence: int) -> bytes:
    """Return the frame that asks a board what it is."""
    return encode(Type.HELLO, sequence)


def encode_window(sequence: int, samples: Sequence[int], adc_bits: int = MAX_ADC_BITS) -> bytes:
    """Return the frame that hands over one window.

    Raises
    ------
    InputError
        If a sample does not fit in `adc_bits` bits.
    """
    limit = 1 << (adc_bits - 1)
    values = [int(sample) for sample in samples]
    for index, value in enumerate(values):
        if not -limit <= value < limit:
            raise InputError(
                f"sample {index} must be {-limit} to {limit - 1} ({adc_bits} bits), not {value}"
            )
    return encode(Type.WINDOW, sequence, struct.pack(f"<{len(values)}h", *values))


def encode_status(sequence: int) -> bytes:
    """Return the frame that asks a board for its state and counters."""
    return encode(Type.STATUS, sequence)


def encode_replay(sequence: int, count: int) -> bytes:
    """Return the frame that has the last window replayed; `count` is 1 to `MAX_REPLAY`."""
    if not 1 <= count <= MAX_REPLAY:
        raise ValueError(f"count must be 1 to {MAX_REPLAY}, not {count}")
    return encode(Type.REPLAY, sequence, struct.pack("<H", count))


def encode_live(sequence: int, *, on: bool) -> bytes:
    """Return the frame that gives the core to the board's own sensor, or takes it."""
    return encode(Type.LIVE, sequence, struct.pack("<H", on))


def encode_threshold(sequence: int, value: int | None = None) -> bytes:
    """Return the frame that sets the threshold, or asks for it; `value` is 0 to `MAX_THRESHOLD`."""
    if value is None:
        return encode(Type.THRESHOLD, sequence)
    if not 0 <= value <= MAX_THRESHOLD:
        raise ValueError(f"value must be 0 to {MAX_THRESHOLD}, not {value}")
    return encode(Type.THRESHOLD, sequence, _THRESHOLD.pack(value))


def encode_learn(sequence: int, learn: Learn) -> bytes:
    """Return the frame that begins a learn phase, or gives it up."""
    return encode(Type.LEARN, sequence, learn_payload(learn))


def learn_payload(learn: Learn) -> bytes:
    """Return the payload of LEARN."""
    return _LEARN.pack(learn.windows, learn.allowed, learn.margin, 0)


def encode_hello_reply(sequence: int, hello: Hello) -> bytes:
    """Return a board's answer to HELLO."""
    return encode(Type.HELLO_REPLY, sequence, hello_payload(hello))


def hello_payload(hello: Hello) -> bytes:
    """Return the payload of HELLO_REPLY."""
    if len(hello.digest) != DIGEST_BYTES:
        raise ValueError(f"digest must be {DIGEST_BYTES} bytes, not {len(hello.digest)}")
    head = _HELLO_REPLY.pack(
        hello.digest,
        hello.input_samples,
        hello.clock_khz,
        hello.timeout_us,
        hello.classes,
        hello.adc_bits,
        hello.features,
    )
    return head + (_NUMBERS.pack(hello.numbers) if hello.numbers else b"")


def encode_result(sequence: int, result: Result) -> bytes:
    """Return a board's answer to WINDOW."""
    return encode(Type.RESULT, sequence, _result_payload(result))


def encode_replayed(sequence: int, replayed: Replayed) -> bytes:
    """Return a board's answer to REPLAY."""
    tail = _REPLAYED.pack(replayed.cycles, replayed.windows, replayed.differing)
    return encode(Type.REPLAYED, sequence, _result_payload(replayed.last) + tail)


def encode_status_reply(sequence: int, status: Status) -> bytes:
    """Return a board's answer to STATUS and LIVE."""
    values = [int(status.state), *(status.counters[counter] for counter in Counter)]
    return encode(Type.STATUS_REPLY, sequence, struct.pack(f"<{len(values)}I", *values))


def encode_threshold_reply(sequence: int, threshold: Threshold) -> bytes:
    """Return a board's answer to THRESHOLD and LEARN."""
    payload = _THRESHOLD_REPLY.pack(
        threshold.value,
        threshold.collected,
        threshold.wanted,
        threshold.origin,
        threshold.learning,
        threshold.kept,
        0,
    )
    return encode(Type.THRESHOLD_REPLY, sequence, payload)


def encode_diagnosis(sequence: int, diagnosis: Diagnosis) -> bytes:
    """Return what a board with a sensor sends unasked."""
    head = _result_payload(diagnosis.result, diagnosis.flags, diagnosis.faults)
    tail = _DIAGNOSIS.pack(diagnosis.overruns, diagnosis.confirmed, 0)
    return encode(Type.DIAGNOSIS, sequence, head + tail)


def _result_payload(result: Result, flags: int = 0, faults: int = 0) -> bytes:
    values = (*result.logits, *result.numbers)
    head = _RESULT.pack(result.class_, flags, faults, result.cycles)
    return head + struct.pack(f"<{len(values)}i", *values)


def encode_error(sequence: int, code: ErrorCode) -> bytes:
    """Return a board's refusal."""
    return encode(Type.ERROR, sequence, bytes([code]))


def decode_hello(frame: Frame) -> Hello:
    """Return what HELLO_REPLY says; `LinkError` if `frame` is none or is malformed."""
    _require(frame, Type.HELLO_REPLY)
    size = _HELLO_REPLY.size
    if len(frame.payload) not in (size, size + _NUMBERS.size):
        raise LinkError(f"the board's HELLO_REPLY must have {size} bytes, "
                        f"not {len(frame.payload)}")  # fmt: skip
    digest, samples, clock, timeout, classes, bits, features = _HELLO_REPLY.unpack_from(
        frame.payload
    )
    numbers = _NUMBERS.unpack_from(frame.payload, size)[0] if len(frame.payload) > size else 0
    return Hello(digest, samples, clock, classes, bits, timeout, Feature(features), numbers)


def decode_result(frame: Frame, numbers: int = 0) -> Result:
    """Return what RESULT says; `LinkError` if `frame` is none or is malformed.

    `numbers` are those that the board has beside logits (`Hello`).
    """
    _require(frame, Type.RESULT)
    return _decode_result(frame, numbers)


def decode_replayed(frame: Frame, numbers: int = 0) -> Replayed:
    """Return what REPLAYED says; else as `decode_result`."""
    _require(frame, Type.REPLAYED)
    last = _decode_result(frame, numbers, _REPLAYED.size)
    cycles, windows, differing = _REPLAYED.unpack(frame.payload[-_REPLAYED.size :])
    return Replayed(last, windows, cycles, differing)


def decode_diagnosis(frame: Frame, numbers: int = 0) -> Diagnosis:
    """Return what DIAGNOSIS says; else as `decode_result`."""
    _require(frame, Type.DIAGNOSIS)
    result = _decode_result(frame, numbers, _DIAGNOSIS.size)
    _, flags, faults, _ = _RESULT.unpack_from(frame.payload)
    overruns, confirmed, _ = _DIAGNOSIS.unpack(frame.payload[-_DIAGNOSIS.size :])
    return Diagnosis(result, confirmed, DiagnosisFlag(flags), faults, overruns)


def decode_status(frame: Frame) -> Status:
    """Return what STATUS_REPLY says; `LinkError` if `frame` is none or is malformed."""
    _require(frame, Type.STATUS_REPLY)
    size = 4 * (1 + len(Counter))
    if len(frame.payload) != size:
        raise LinkError(f"the board's STATUS_REPLY must have {size} bytes, "
                        f"not {len(frame.payload)}")  # fmt: skip
    state, *counts = struct.unpack(f"<{1 + len(Counter)}I", frame.payload)
    return Status(State(state), dict(zip(Counter, counts, strict=True)))


def decode_threshold(frame: Frame) -> Threshold:
    """Return what THRESHOLD_REPLY says; `LinkError` if `frame` is none or is malformed."""
    _require(frame, Type.THRESHOLD_REPLY)
    size = _THRESHOLD_REPLY.size
    if len(frame.payload) != size:
        raise LinkError(f"the board's THRESHOLD_REPLY must have {size} bytes, "
                        f"not {len(frame.payload)}")  # fmt: skip
    value, collected, wanted, origin, learning, kept, _ = _THRESHOLD_REPLY.unpack(frame.payload)
    for name, said, known in (("origin", origin, Origin), ("kept", kept, Keeping)):
        if said not in known.__members__.values():
            raise LinkError(f"the board's {name} must be 0 to {max(known)}, not {said}")
    return Threshold(value, Origin(origin), bool(learning), collected, wanted, Keeping(kept))


def _decode_result(frame: Frame, numbers: int, tail: int = 0) -> Result:
    """Return the result that a payload of `tail` further bytes begins with."""
    head = _RESULT.size + tail
    size = len(frame.payload) - head
    if size < max(4, 4 * numbers) or size % 4:
        more = f" and {4 * numbers} of numbers" if numbers else ""
        raise LinkError(f"the board's {Type(frame.type).name} must have {head} "
                        f"bytes{more} and 4 per class, not {len(frame.payload)}")  # fmt: skip
    class_, _, _, cycles = _RESULT.unpack_from(frame.payload)
    values = struct.unpack_from(f"<{size // 4}i", frame.payload, _RESULT.size)
    logits = values[: len(values) - numbers]
    if logits and class_ >= len(logits):
        raise LinkError(f"the board's class must be less than {len(logits)}, not {class_}")
    if not logits and class_ != NO_CLASS:
        raise LinkError(f"the board must say that it has no class ({NO_CLASS}), not {class_}")
    return Result(class_, cycles, logits, values[len(logits) :])


def _require(frame: Frame, wanted: Type) -> None:
    """Raise unless `frame` is of type `wanted`; tell what an ERROR frame means."""
    if frame.type == wanted:
        return
    if refusal(frame) is not None:
        raise LinkError(f"the board refused frame {frame.sequence}: {refusal(frame)}")
    raise LinkError(f"the board must answer with {wanted.name}, not frame type {frame.type:#04x}")


def refusal(frame: Frame) -> str | None:
    """Return why an ERROR frame refuses; None if `frame` is none."""
    if frame.type != Type.ERROR or len(frame.payload) != 1:
        return None
    code = frame.payload[0]
    known = code in ErrorCode.__members__.values()
    text = ERROR_TEXT[ErrorCode(code)] if known else "for a reason unknown to this version"
    return f"{text} (code {code})"


class Decoder:
    """Finds frames in a stream of bytes that comes in pieces, and resynchronises after damage.

    Bytes that belong to no good frame are skipped and counted in `skipped`.

    Parameters
    ----------
    max_payload
        Longest payload to believe in; a longer length field is damage.

    Attributes
    ----------
    other_version
        Of the last whole frame of another version; such frames are skipped. None: there was none.
    """

    def __init__(self, max_payload: int = _MAX_PAYLOAD) -> None:
        self.max_payload = max_payload
        self.skipped = 0
        self.other_version: int | None = None
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take some bytes; return the frames that they complete, in order."""
        self._buffer += data
        frames = []
        while self._find_sync():
            size = self._frame_bytes()
            if size is None or size > len(self._buffer):
                break
            frame = self._parse(size) if size else None
            if frame is None:
                # Not a frame after all: a real one may begin inside, so step over the sync only.
                self._skip(len(SYNC))
                continue
            frames.append(frame)
            del self._buffer[:size]
        return frames

    def flush(self) -> list[Frame]:
        """Give up the frame that is half there; return those that were behind its beginning."""
        frames: list[Frame] = []
        while self._find_sync():
            self._skip(len(SYNC))
            frames += self.feed(b"")
        return frames

    def _skip(self, count: int) -> None:
        del self._buffer[:count]
        self.skipped += count

    def _find_sync(self) -> bool:
        """Drop bytes before the next sync; return whether there is one."""
        start = self._buffer.find(SYNC)
        if start < 0:
            # The last byte may be the first half of a sync.
            keep = 1 if self._buffer.endswith(SYNC[:1]) else 0
            self._skip(len(self._buffer) - keep)
            return False
        self._skip(start)
        return True

    def _frame_bytes(self) -> int | None:
        """Return the frame's size; None for half a header, 0 when it is no header."""
        if len(self._buffer) < len(SYNC) + HEADER_BYTES:
            return None
        _, _, _, length = _HEADER.unpack_from(self._buffer, len(SYNC))
        return OVERHEAD_BYTES + length if length <= self.max_payload else 0

    def _parse(self, size: int) -> Frame | None:
        """Return the frame in the first `size` bytes; None when its check sum is wrong."""
        body = bytes(self._buffer[len(SYNC) : size - CRC_BYTES])
        crc = int.from_bytes(self._buffer[size - CRC_BYTES : size], "little")
        if zlib.crc32(body) != crc:
            return None
        version, type_, sequence, _ = _HEADER.unpack_from(body)
        if version != PROTOCOL_VERSION:
            self.other_version = version
            return None
        return Frame(type_, sequence, body[HEADER_BYTES:])
