"""Frames: what the host writes and reads."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import protocol
from hwgen.errors import InputError, LinkError
from hwgen.protocol import Decoder, ErrorCode, Frame, Hello, Result, Type

HELLO = Hello(b"\x01\x23\x45\x67\x89\xab\xcd\xef", 2048, 106_250, 10, 12)
RESULT = Result(3, 4321, (5, -6, 2**31 - 1, -(2**31)))


def test_window_byte_by_byte():
    frame = protocol.encode_window(0x1234, [1, -2])
    body = bytes([1, 2, 0x34, 0x12, 4, 0, 0, 0, 1, 0, 0xFE, 0xFF])
    assert frame == b"\xa5\x5a" + body + zlib.crc32(body).to_bytes(4, "little")


def test_result_byte_by_byte():
    payload = protocol.encode_result(1, Result(2, 3, (4, -5)))[10:-4]
    assert payload.hex(" ") == "02 00 03 00 00 00 04 00 00 00 fb ff ff ff"


def test_round_trips():
    data = (
        protocol.encode_hello_reply(7, HELLO)
        + protocol.encode_result(8, RESULT)
        + protocol.encode_error(9, ErrorCode.BAD_CRC)
    )
    hello, result, error = Decoder().feed(data)
    assert (hello.sequence, result.sequence, error.sequence) == (7, 8, 9)
    assert protocol.decode_hello(hello) == HELLO
    assert protocol.decode_result(result) == RESULT
    with pytest.raises(LinkError, match=r"refused frame 9: the check sum was wrong \(code 1\)"):
        protocol.decode_result(error)


frames = st.builds(
    lambda type_, sequence, payload: (type_, sequence, payload),
    st.integers(0, 255),
    st.integers(0, 65535),
    st.binary(max_size=40),
)


@settings(derandomize=True)
@given(st.lists(frames, max_size=4), st.randoms(use_true_random=False))
def test_frames_in_pieces(sent, random):
    data = b"".join(protocol.encode(*frame) for frame in sent)
    decoder, got = Decoder(), []
    while data:
        size = random.randint(1, len(data))
        got += decoder.feed(data[:size])
        data = data[size:]
    assert got == [Frame(*frame) for frame in sent]
    assert decoder.skipped == 0


@settings(derandomize=True)
@given(st.binary(max_size=60).filter(lambda noise: b"\xa5" not in noise), frames)
def test_noise_between_frames_is_skipped(noise, sent):
    frame = protocol.encode(*sent)
    decoder = Decoder()
    assert decoder.feed(noise + frame + noise + frame) == [Frame(*sent), Frame(*sent)]
    assert decoder.skipped == 2 * len(noise)


@settings(derandomize=True)
@given(frames, st.integers(0, 10_000), st.integers(1, 255))
def test_one_damaged_byte_never_gives_a_frame(sent, position, flip):
    frame = bytearray(protocol.encode(*sent))
    frame[position % len(frame)] ^= flip
    assert Decoder().feed(bytes(frame) + bytes(64)) == []


def test_a_good_frame_inside_a_damaged_one_is_found():
    good = protocol.encode_result(2, RESULT)
    damaged = protocol.encode(Type.RESULT, 1, bytes(100))[:30]
    decoder = Decoder()
    assert [frame.sequence for frame in decoder.feed(damaged + good + bytes(100))] == [2]


def test_an_absurd_length_does_not_swallow_what_follows():
    header = b"\xa5\x5a" + bytes([1, 0x82, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F])
    good = protocol.encode_result(2, RESULT)
    assert [frame.sequence for frame in Decoder().feed(header + good)] == [2]


def test_another_version_is_skipped():
    frame = bytearray(protocol.encode_hello(1))
    frame[2] = 2
    frame[-4:] = zlib.crc32(frame[2:-4]).to_bytes(4, "little")
    assert Decoder().feed(bytes(frame)) == []


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (Frame(Type.HELLO_REPLY, 0, bytes(5)), "must answer with RESULT, not frame type 0x81"),
        (Frame(Type.RESULT, 0, bytes(5)), "must have 6 bytes and 4 per class, not 5"),
        (Frame(Type.RESULT, 0, bytes(6)), "must have 6 bytes and 4 per class, not 6"),
        (Frame(Type.RESULT, 0, b"\x02" + bytes(13)), "class must be less than 2, not 2"),
        (Frame(Type.ERROR, 5, b"\x06"), "refused frame 5: samples came faster"),
        (Frame(Type.ERROR, 5, b"\x63"), r"unknown to this version \(code 99\)"),
    ],
)
def test_bad_results(frame, text):
    with pytest.raises(LinkError, match=text):
        protocol.decode_result(frame)


def test_bad_hello():
    with pytest.raises(LinkError, match="must have 19 bytes, not 3"):
        protocol.decode_hello(Frame(Type.HELLO_REPLY, 0, b"abc"))


def test_every_error_code_has_a_text():
    assert set(protocol.ERROR_TEXT) == set(ErrorCode)


@pytest.mark.parametrize(("sample", "bits"), [(2048, 12), (-2049, 12), (32768, 16)])
def test_sample_out_of_range(sample, bits):
    with pytest.raises(InputError, match=f"sample 1 must be .* not {sample}"):
        protocol.encode_window(0, [0, sample], bits)


def test_programming_mistakes():
    with pytest.raises(ValueError, match="sequence must be 0 to 65535, not 65536"):
        protocol.encode_hello(65536)
    with pytest.raises(ValueError, match="digest must be 8 bytes, not 3"):
        protocol.hello_payload(Hello(b"abc", 1, 1, 1, 1))
