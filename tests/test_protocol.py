"""Frames: what the host writes and reads."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen import protocol
from hwgen.errors import InputError, LinkError
from hwgen.protocol import (
    Counter,
    Decoder,
    Diagnosis,
    DiagnosisFlag,
    ErrorCode,
    Feature,
    Frame,
    Hello,
    Keeping,
    Learn,
    Origin,
    Replayed,
    Result,
    State,
    Status,
    Threshold,
    Type,
)

HELLO = Hello(b"\x01\x23\x45\x67\x89\xab\xcd\xef", 2048, 106_250, 10, 12, 1234, Feature.SENSOR)
RESULT = Result(3, 4321, (5, -6, 2**31 - 1, -(2**31)))


def test_window_byte_by_byte():
    frame = protocol.encode_window(0x1234, [1, -2])
    body = bytes([protocol.PROTOCOL_VERSION, 2, 0x34, 0x12, 4, 0, 0, 0, 1, 0, 0xFE, 0xFF])
    assert frame == b"\xa5\x5a" + body + zlib.crc32(body).to_bytes(4, "little")


def test_result_byte_by_byte():
    payload = protocol.encode_result(1, Result(2, 3, (4, -5)))[10:-4]
    assert payload.hex(" ") == "02 00 00 00 03 00 00 00 04 00 00 00 fb ff ff ff"


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


def test_round_trips_of_what_a_board_tells_besides():
    replayed = Replayed(RESULT, 65_535, 1 << 39, 3)
    status = Status(State.LIVE | State.STORED, {counter: 7 * counter for counter in Counter})
    diagnosis = Diagnosis(RESULT, protocol.NO_CLASS, DiagnosisFlag.UNKNOWN, 0x81, 1 << 31)
    data = (
        protocol.encode_replayed(1, replayed)
        + protocol.encode_status_reply(2, status)
        + protocol.encode_diagnosis(3, diagnosis)
    )
    frames = Decoder().feed(data)
    assert [frame.sequence for frame in frames] == [1, 2, 3]
    assert protocol.decode_replayed(frames[0]) == replayed
    assert protocol.decode_status(frames[1]) == status
    assert protocol.decode_diagnosis(frames[2]) == diagnosis
    with pytest.raises(LinkError, match="must answer with RESULT, not frame type 0x90"):
        protocol.decode_result(frames[2])


def test_requests_byte_by_byte():
    assert protocol.encode_status(1)[2:10].hex(" ") == "02 03 01 00 00 00 00 00"
    assert protocol.encode_replay(1, 0x1234)[2:-4].hex(" ") == "02 04 01 00 02 00 00 00 34 12"
    assert protocol.encode_live(1, on=True)[2:-4].hex(" ") == "02 05 01 00 02 00 00 00 01 00"


def test_orders_about_the_threshold_byte_by_byte():
    assert protocol.encode_threshold(1)[3:10].hex(" ") == "06 01 00 00 00 00 00"
    assert protocol.encode_threshold(1, 0x01020304)[10:-4].hex(" ") == "04 03 02 01"
    learn = protocol.encode_learn(2, Learn(600, 3, 384))
    assert learn[3:10].hex(" ") == "07 02 00 0c 00 00 00"
    assert learn[10:-4].hex(" ") == "58 02 00 00 03 00 00 00 80 01 00 00"


def test_how_a_threshold_stands():
    told = Threshold(1 << 30, Origin.LEARNT, True, 5, 600, Keeping.WRITING)
    frame = protocol.encode_threshold_reply(3, told)
    assert frame[10:-4].hex(" ") == "00 00 00 40 05 00 00 00 58 02 00 00 02 01 02 00"
    (found,) = Decoder().feed(frame)
    assert protocol.decode_threshold(found) == told


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (bytes(15), "must have 16 bytes, not 15"),
        (bytes([0] * 12 + [3, 0, 0, 0]), "origin must be 0 to 2, not 3"),
        (bytes([0] * 14 + [4, 0]), "kept must be 0 to 3, not 4"),
    ],
)
def test_bad_thresholds(payload, text):
    with pytest.raises(LinkError, match=text):
        protocol.decode_threshold(Frame(Type.THRESHOLD_REPLY, 1, payload))


@pytest.mark.parametrize(
    "make",
    [
        lambda: protocol.encode_threshold(1, -1),
        lambda: protocol.encode_threshold(1, 1 << 31),
        lambda: Learn(-1),
        lambda: Learn(1, 1 << 32),
        lambda: Learn(1, 0, 1 << 16),
    ],
)
def test_orders_that_do_not_fit(make):
    with pytest.raises(ValueError, match="must be 0 to"):
        make()


def test_counters_are_numbered_as_the_errors():
    assert {code.name: code.value for code in ErrorCode}.items() <= {
        counter.name: counter.value for counter in Counter
    }.items()


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
    header = b"\xa5\x5a" + bytes([protocol.PROTOCOL_VERSION, 0x82, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F])
    good = protocol.encode_result(2, RESULT)
    assert [frame.sequence for frame in Decoder().feed(header + good)] == [2]


def test_another_version_is_skipped_and_noted():
    frame = bytearray(protocol.encode_hello(1))
    frame[2] = 9
    frame[-4:] = zlib.crc32(frame[2:-4]).to_bytes(4, "little")
    decoder = Decoder()
    assert decoder.feed(bytes(frame)) == []
    assert decoder.other_version == 9


def test_flush_gives_up_half_a_frame_and_finds_what_is_behind_it():
    good = protocol.encode_result(2, RESULT)
    damaged = protocol.encode(Type.RESULT, 1, bytes(1000))[:30]
    decoder = Decoder()
    assert decoder.feed(damaged + good) == []
    assert [frame.sequence for frame in decoder.flush()] == [2]
    assert [frame.sequence for frame in decoder.feed(good)] == [2]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (Frame(Type.HELLO_REPLY, 0, bytes(5)), "must answer with RESULT, not frame type 0x81"),
        (Frame(Type.RESULT, 0, bytes(5)), "must have 8 bytes and 4 per class, not 5"),
        (Frame(Type.RESULT, 0, bytes(8)), "must have 8 bytes and 4 per class, not 8"),
        (Frame(Type.RESULT, 0, b"\x02" + bytes(15)), "class must be less than 2, not 2"),
        (Frame(Type.ERROR, 5, b"\x06"), "refused frame 5: samples came faster"),
        (Frame(Type.ERROR, 5, b"\x63"), r"unknown to this version \(code 99\)"),
    ],
)
def test_bad_results(frame, text):
    with pytest.raises(LinkError, match=text):
        protocol.decode_result(frame)


def test_bad_status():
    with pytest.raises(LinkError, match="must have 64 bytes, not 3"):
        protocol.decode_status(Frame(Type.STATUS_REPLY, 0, b"abc"))


def test_numbers_behind_the_logits():
    """The board says how many; without logits there is no class."""
    told = protocol.Result(1, 7, (5, -6), (1, -2, 3))
    frame = decoded(protocol.encode_result(4, told))
    assert protocol.decode_result(frame, 3) == told
    assert protocol.decode_result(frame) == protocol.Result(1, 7, (5, -6, 1, -2, 3))
    alone = protocol.Result(protocol.NO_CLASS, 7, (), (1, -2))
    assert protocol.decode_result(decoded(protocol.encode_result(4, alone)), 2) == alone
    for result, numbers, text in (
        (protocol.Result(2, 7, (5, -6), (1,)), 1, "class must be less than 2, not 2"),
        (protocol.Result(0, 7, (), (1, 2)), 2, r"say that it has no class \(65535\), not 0"),
        (told, 6, "RESULT must have 8 bytes and 24 of numbers and 4 per class, not 28"),
    ):
        with pytest.raises(LinkError, match=text):
            protocol.decode_result(decoded(protocol.encode_result(4, result)), numbers)
    replayed = protocol.Replayed(told, 2, 99, 0)
    frame = decoded(protocol.encode_replayed(4, replayed))
    assert protocol.decode_replayed(frame, 3) == replayed
    diagnosis = protocol.Diagnosis(told, 1, protocol.DiagnosisFlag(0), 0, 5)
    frame = decoded(protocol.encode_diagnosis(4, diagnosis))
    assert protocol.decode_diagnosis(frame, 3) == diagnosis


def test_a_hello_with_numbers():
    hello = protocol.Hello(bytes(8), 1, 2, 3, 4, numbers=100_000)
    assert protocol.decode_hello(decoded(protocol.encode_hello_reply(1, hello))) == hello


def decoded(sent: bytes) -> protocol.Frame:
    (frame,) = protocol.Decoder().feed(sent)
    return frame


def test_bad_hello():
    with pytest.raises(LinkError, match="must have 24 bytes, not 3"):
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
    for count in (0, 65536):
        with pytest.raises(ValueError, match="count must be 1 to 65535"):
            protocol.encode_replay(0, count)
