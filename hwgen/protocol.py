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
    HELLO_REPLY   (board)  digest: 8 bytes, input_samples: u32, clock_khz: u32, classes: u16,
                           adc_bits: u8
    RESULT        (board)  class: u16, cycles: u32, logits: int32 each
    ERROR         (board)  code: u8 (ErrorCode)

A window whose check sum is wrong never gives a class. After an ERROR, and after a break in
mid-frame, the board ignores the line until it has been quiet for `FRAME_TIMEOUT_S`.
"""

from __future__ import annotations

import enum
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from hwgen.errors import InputError, LinkError

PROTOCOL_VERSION = 1
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

_HEADER = struct.Struct("<BBHI")
_HELLO_REPLY = struct.Struct("<8sIIHB")
_RESULT = struct.Struct("<HI")
_SEQUENCES = 1 << 16
_MAX_PAYLOAD = 1 << 20


class Type(enum.IntEnum):
    """What a frame is; the board's have bit 7 set."""

    HELLO = 0x01
    WINDOW = 0x02
    HELLO_REPLY = 0x81
    RESULT = 0x82
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


ERROR_TEXT = {
    ErrorCode.BAD_CRC: "the check sum was wrong",
    ErrorCode.BAD_LENGTH: "the length does not suit the type of frame or the design's window",
    ErrorCode.UNKNOWN_TYPE: "the type of frame is unknown to the board",
    ErrorCode.BAD_VERSION: f"the board speaks another protocol version than {PROTOCOL_VERSION}",
    ErrorCode.TIMEOUT: "the frame broke off",
    ErrorCode.OVERRUN: "samples came faster than the design takes them",
    ErrorCode.BAD_SAMPLE: "a sample does not fit the design's converter width",
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
        Classes, and so logits of a RESULT.
    adc_bits
        Width of a sample, two's complement.
    """

    digest: bytes
    input_samples: int
    clock_khz: int
    classes: int
    adc_bits: int


@dataclass(frozen=True)
class Result:
    """A classified window.

    Parameters
    ----------
    class_
        Index of the class.
    cycles
        Clock cycles from accepting the last sample to presenting the class.
    logits
        One integer per class.
    """

    class_: int
    cycles: int
    logits: tuple[int, ...]


def encode(type_: int, sequence: int, payload: bytes = b"") -> bytes:
    """Return a frame's bytes; `sequence` is 0 to 65535."""
    if not 0 <= sequence < _SEQUENCES:
        raise ValueError(f"sequence must be 0 to {_SEQUENCES - 1}, not {sequence}")
    body = _HEADER.pack(PROTOCOL_VERSION, type_, sequence, len(payload)) + payload
    return SYNC + body + zlib.crc32(body).to_bytes(CRC_BYTES, "little")


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


def encode_hello_reply(sequence: int, hello: Hello) -> bytes:
    """Return a board's answer to HELLO."""
    return encode(Type.HELLO_REPLY, sequence, hello_payload(hello))


def hello_payload(hello: Hello) -> bytes:
    """Return the payload of HELLO_REPLY."""
    if len(hello.digest) != DIGEST_BYTES:
        raise ValueError(f"digest must be {DIGEST_BYTES} bytes, not {len(hello.digest)}")
    return _HELLO_REPLY.pack(
        hello.digest, hello.input_samples, hello.clock_khz, hello.classes, hello.adc_bits
    )


def encode_result(sequence: int, result: Result) -> bytes:
    """Return a board's answer to WINDOW."""
    logits = struct.pack(f"<{len(result.logits)}i", *result.logits)
    return encode(Type.RESULT, sequence, _RESULT.pack(result.class_, result.cycles) + logits)


def encode_error(sequence: int, code: ErrorCode) -> bytes:
    """Return a board's refusal."""
    return encode(Type.ERROR, sequence, bytes([code]))


def decode_hello(frame: Frame) -> Hello:
    """Return what HELLO_REPLY says; `LinkError` if `frame` is none or is malformed."""
    _require(frame, Type.HELLO_REPLY)
    if len(frame.payload) != _HELLO_REPLY.size:
        raise LinkError(f"the board's HELLO_REPLY must have {_HELLO_REPLY.size} bytes, "
                        f"not {len(frame.payload)}")  # fmt: skip
    return Hello(*_HELLO_REPLY.unpack(frame.payload))


def decode_result(frame: Frame) -> Result:
    """Return what RESULT says; `LinkError` if `frame` is none or is malformed."""
    _require(frame, Type.RESULT)
    size = len(frame.payload) - _RESULT.size
    if size < 4 or size % 4:
        raise LinkError(f"the board's RESULT must have {_RESULT.size} bytes and 4 per class, "
                        f"not {len(frame.payload)}")  # fmt: skip
    class_, cycles = _RESULT.unpack_from(frame.payload)
    logits = struct.unpack_from(f"<{size // 4}i", frame.payload, _RESULT.size)
    if class_ >= len(logits):
        raise LinkError(f"the board's class must be less than {len(logits)}, not {class_}")
    return Result(class_, cycles, logits)


def _require(frame: Frame, wanted: Type) -> None:
    """Raise unless `frame` is of type `wanted`; tell what an ERROR frame means."""
    if frame.type == wanted:
        return
    if frame.type == Type.ERROR and len(frame.payload) == 1:
        code = frame.payload[0]
        known = code in ErrorCode.__members__.values()
        text = ERROR_TEXT[ErrorCode(code)] if known else "for a reason unknown to this version"
        raise LinkError(f"the board refused frame {frame.sequence}: {text} (code {code})")
    raise LinkError(f"the board must answer with {wanted.name}, not frame type {frame.type:#04x}")


class Decoder:
    """Finds frames in a stream of bytes that comes in pieces, and resynchronises after damage.

    Bytes that belong to no good frame are skipped and counted in `skipped`.

    Parameters
    ----------
    max_payload
        Longest payload to believe in; a longer length field is damage.
    """

    def __init__(self, max_payload: int = _MAX_PAYLOAD) -> None:
        self.max_payload = max_payload
        self.skipped = 0
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
        version, _, _, length = _HEADER.unpack_from(self._buffer, len(SYNC))
        if version != PROTOCOL_VERSION or length > self.max_payload:
            return 0
        return OVERHEAD_BYTES + length

    def _parse(self, size: int) -> Frame | None:
        """Return the frame in the first `size` bytes; None when its check sum is wrong."""
        body = bytes(self._buffer[len(SYNC) : size - CRC_BYTES])
        crc = int.from_bytes(self._buffer[size - CRC_BYTES : size], "little")
        if zlib.crc32(body) != crc:
            return None
        _, type_, sequence, _ = _HEADER.unpack_from(body)
        return Frame(type_, sequence, body[HEADER_BYTES:])
