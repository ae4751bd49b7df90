"""The client: answers in order, asked again where the line was at fault, given up in the end."""

from __future__ import annotations

import pytest

from hwgen import protocol
from hwgen.errors import InputError, LinkError, MismatchError
from hwgen.link import Board, Expected, client, measure
from hwgen.link.benchmark import check_hello
from hwgen.protocol import Counter, Diagnosis, DiagnosisFlag, ErrorCode, State, Status, Type
from tests.link.stand_in import HELLO, SENSOR_HELLO, FakeBoard, answer

WINDOWS = [[1, 2, 3, 4], [-5, -6, 7, -8], [0, 0, 0, 9], [10, -11, 12, -13]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(client, "_LEAST_QUIET_S", 0.0)


def ask(port, windows=WINDOWS, *, tries=4, ahead=2):
    board = Board(port, timeout_s=0.01, tries=tries)
    return board, list(board.classify(windows, ahead=ahead))


def assert_right(answers, windows=WINDOWS):
    assert [given.result for given in answers] == [answer(window) for window in windows]


@pytest.mark.parametrize("ahead", [1, 2, 3])
def test_answers_come_in_order(ahead):
    board, answers = ask(FakeBoard(), ahead=ahead)
    assert_right(answers)
    assert [given.attempts for given in answers] == [1, 1, 1, 1]
    assert board.retries == 0


@pytest.mark.parametrize("mood", ["silent", "deaf", b"\xa5\x5a\x02noise"])
def test_what_is_not_answered_is_sent_again(mood):
    port = FakeBoard("well", "well", mood)  # hello, the first window, the second
    board, answers = ask(port)
    assert_right(answers)
    assert max(given.attempts for given in answers) == 2
    assert board.retries >= 1


def test_numbers_are_never_used_twice():
    port = FakeBoard("well", "silent", "silent", "deaf", "silent")
    ask(port)
    numbers = [frame.sequence for frame in port.frames]
    assert len(set(numbers)) == len(numbers)


def test_an_answer_that_comes_late_is_the_answer():
    port = FakeBoard("well", "late", "silent")
    _, answers = ask(port, WINDOWS[:1], ahead=1)
    assert_right(answers, WINDOWS[:1])


def test_an_answer_to_nothing_is_no_answer():
    stray = protocol.encode_result(999, answer([9, 9, 9, 9]))
    port = FakeBoard("well", stray)
    board, answers = ask(port, WINDOWS[:1])
    assert_right(answers, WINDOWS[:1])
    assert board.retries == 1


def test_a_board_that_stays_silent_is_given_up():
    port = FakeBoard("well", *["silent"] * 20)
    with pytest.raises(LinkError, match=r"window 0 was sent 3 times .* no answer came in time"):
        ask(port, tries=3)


def test_a_board_that_refuses_always_is_given_up_with_its_reason():
    with pytest.raises(LinkError, match=r"sent 2 times .* the check sum was wrong"):
        ask(FakeBoard("well", *["deaf"] * 20), tries=2)


class Talkative(FakeBoard):
    """A board whose sensor is at work: something comes, whatever was asked."""

    def read(self, seconds):
        said = protocol.Diagnosis(answer([1, 2]), 0, DiagnosisFlag(0), 0, 0)
        return super().read(seconds) + protocol.encode_diagnosis(7, said)


def test_talk_that_nobody_asked_for_does_not_replace_an_answer():
    board = Board(Talkative("silent", hello=SENSOR_HELLO), timeout_s=0.01)
    assert board.hello() == SENSOR_HELLO
    assert board.retries == 1
    board, answers = ask(Talkative("well", "silent"))
    assert_right(answers)
    assert board.retries >= 1
    with pytest.raises(LinkError, match="no answer came in time"):
        Board(Talkative(*["silent"] * 9), timeout_s=0.01, tries=2).status()


def test_no_hello():
    with pytest.raises(LinkError, match="did not answer as it should: no answer came in time"):
        Board(FakeBoard(*["silent"] * 9), timeout_s=0.01).hello()


def test_a_board_of_another_version():
    frame = bytearray(protocol.encode_hello_reply(1, HELLO))
    frame[2] = 77
    frame[-4:] = protocol.check_sum(bytes(frame[2:-4]))
    with pytest.raises(LinkError, match="must speak version 2 of the protocol, not 77"):
        Board(FakeBoard(*[bytes(frame)] * 9), timeout_s=0.01).hello()


def test_what_cannot_be_helped_is_not_asked_again():
    refusal = protocol.encode_error(1, ErrorCode.NO_WINDOW)
    board = Board(FakeBoard(refusal), timeout_s=0.01)
    with pytest.raises(LinkError, match="there is no window to replay"):
        board.replay(3)
    assert board.retries == 0


def test_another_number_of_logits_is_refused():
    wrong = protocol.encode_result(2, protocol.Result(0, 7, (1, 2, 3)))
    with pytest.raises(LinkError, match="must have 2 logits, not 3"):
        ask(FakeBoard("well", wrong))


def test_another_design_is_refused():
    digest = HELLO.digest.hex() + "77" * 24
    check_hello(HELLO, digest, 4, 2)
    with pytest.raises(LinkError, match=r"must run the build's design 7777777777777777, not 00010"):
        check_hello(HELLO, "77" * 32, 4, 2)
    with pytest.raises(LinkError, match="must take 8 samples and tell 2 classes, not 4 and 2"):
        check_hello(HELLO, digest, 8, 2)


def test_live_is_asked_until_it_is():
    port = FakeBoard("well", live=True)
    board = Board(port, timeout_s=0.01)
    board.live(on=False)
    assert not port.live
    board.live(on=True)
    assert port.live


class Forgetful(FakeBoard):
    """A board that is reset as soon as it has answered, for the first times."""

    def __init__(self, times):
        super().__init__(live=True)
        self.times = times

    def reply(self, frame):
        said = super().reply(frame)
        self.times -= 1
        if self.times >= 0:
            self.live = True
            status = Status(State.LIVE, dict.fromkeys(Counter, 0))
            return protocol.encode_status_reply(frame.sequence, status)
        return said


def test_a_board_that_was_reset_is_told_again_whose_turn_it_is():
    port = Forgetful(2)
    Board(port, timeout_s=1.0).live(on=False)
    assert not port.live
    with pytest.raises(LinkError, match="does not change hands"):
        Board(Forgetful(10_000), timeout_s=0.01).live(on=False)


def test_diagnoses_come_with_their_numbers():
    result = answer([1, 2, 3, 4])
    told = [Diagnosis(result, 0, DiagnosisFlag.ALARM, 1, 2),
            Diagnosis(result, protocol.NO_CLASS, DiagnosisFlag(0), 0, 2)]  # fmt: skip
    port = FakeBoard()
    port.waiting = b"half a frame" + b"".join(
        protocol.encode_diagnosis(number, each) for number, each in zip((5, 7), told, strict=True)
    )
    found = Board(port, timeout_s=0.01).diagnoses()
    assert [next(found), next(found)] == [(5, told[0]), (7, told[1])]
    with pytest.raises(LinkError, match=r"no diagnosis came within 0.01 s"):
        next(found)


def bench(port, windows=WINDOWS, expected=None):
    board = Board(port, timeout_s=0.01)
    expected = expected or [Expected(r.class_, r.logits) for r in map(answer, windows)]
    return measure(board, board.hello(), windows, expected, port="fake", cycles_per_window=9)


def test_benchmark():
    found = bench(FakeBoard())
    assert (found.windows, found.mismatches, found.retries) == (5, 0, 0)
    assert vars(found.latency_cycles) == {"min": 7, "median": 7, "max": 7}
    assert found.latency_us.max == pytest.approx(0.07)
    assert found.replay.cycles_per_window == 9
    assert found.windows_per_second == pytest.approx(100e6 / 9)
    assert found.counters["bad_crc"] == 3


def test_benchmark_of_one_window():
    assert bench(FakeBoard(), WINDOWS[:1]).windows == 2


def test_benchmark_counts_what_differs():
    expected = [Expected(r.class_, r.logits) for r in map(answer, WINDOWS)]
    expected[1] = Expected(expected[1].class_, (1, 2))
    assert bench(FakeBoard(), expected=expected).mismatches == 1
    expected[-1] = Expected(1 - expected[-1].class_, expected[-1].logits)
    assert bench(FakeBoard(), expected=expected).mismatches == 3  # the replayed one too


def test_benchmark_of_nothing_fails():
    with pytest.raises(InputError, match="at least one window"):
        bench(FakeBoard(), [])


def test_benchmark_of_a_replay_that_wavers_fails(monkeypatch):
    def wavering(sequence, replayed):
        return good(sequence, protocol.Replayed(replayed.last, replayed.windows, 9, 2))

    good = protocol.encode_replayed
    monkeypatch.setattr(protocol, "encode_replayed", wavering)
    with pytest.raises(MismatchError, match=r"2 of .* answers to one stored window"):
        bench(FakeBoard())


def test_benchmark_takes_the_core_from_the_sensor_and_gives_it_back():
    port = FakeBoard(hello=SENSOR_HELLO, live=True)
    bench(port)
    assert port.live
    lives = [frame.payload[0] for frame in port.frames if frame.type == Type.LIVE]
    assert lives == [0, 1]
