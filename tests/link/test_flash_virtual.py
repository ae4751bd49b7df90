"""The threshold of a virtual board with a flash: over power cycles, cuts and faults."""

from __future__ import annotations

import contextlib
import random
import time

import pytest

from hwgen import protocol
from hwgen.gateware.flash.plan import plan_flash
from hwgen.link import SerialPort
from hwgen.link.client import Board
from hwgen.link.virtual import FLASH_BYTES, VirtualFlash, virtual_board
from hwgen.protocol import Keeping, Learn, Origin, Threshold
from tests.gateware.stand_in import ScoreCore

pytestmark = pytest.mark.slow

MHZ = 100.0
MODEL = 100
SIZE = 1 << 24
SEED = 17
CUTS = 30
DIGEST = "0123456789abcdef" * 4
LOUD, QUIET = [10, 20, 30, 40, 50, 60, 70, -20], [1, 2, 3, 4, 5, 0, 0, 0]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    flash = plan_flash(SIZE, MHZ, timeout_s=1e-3)
    folder = tmp_path_factory.mktemp("kept")
    return virtual_board(ScoreCore(MODEL), MHZ, DIGEST, folder, flash=flash)


@contextlib.contextmanager
def powered(compiled, flash):
    """Yield a board that has just been switched on."""
    with (
        compiled.start(flash=flash) as virtual,
        SerialPort(virtual.port, protocol.DEFAULT_BAUD) as port,
    ):
        yield Board(port, timeout_s=30.0)


def settled(board):
    """Return how the threshold stands when nothing is being written any more."""
    for _ in range(2000):
        stands = board.threshold()
        if stands.kept != Keeping.WRITING:
            return stands
    raise AssertionError("the board writes for ever")


@pytest.fixture
def flash(tmp_path):
    return VirtualFlash(tmp_path / "flash.bin").erased()


def test_a_threshold_set_by_the_host_outlives_the_power(compiled, flash):
    with powered(compiled, flash) as board:
        assert settled(board) == Threshold(MODEL, kept=Keeping.FLASH)
        assert board.threshold(300) == Threshold(300, Origin.HOST, kept=Keeping.WRITING)
        assert settled(board) == Threshold(300, Origin.HOST, kept=Keeping.FLASH)
    for _ in range(2):
        with powered(compiled, flash) as board:
            assert settled(board) == Threshold(300, Origin.HOST, kept=Keeping.FLASH)
            (answer,) = board.classify([LOUD])
            assert answer.result.logits == (300, 260)
            assert answer.result.class_ == 0
    assert len(flash.file.read_bytes()) == FLASH_BYTES


def test_what_was_learnt_outlives_the_power(compiled, flash):
    with powered(compiled, flash) as board:
        settled(board)
        board.learn(Learn(3, 1))
        assert len(list(board.classify([QUIET, QUIET, LOUD]))) == 3
        while (stands := settled(board)).learning:
            pass
        assert stands == Threshold(15, Origin.LEARNT, False, 3, 3, Keeping.FLASH)
    with powered(compiled, flash) as board:
        assert settled(board) == Threshold(15, Origin.LEARNT, kept=Keeping.FLASH)


def test_a_power_cut_while_it_is_written_leaves_the_one_before_or_after(compiled, tmp_path):
    """The board is killed at some time of a write; what it then finds is one of the two."""
    rng = random.Random(SEED)
    path = tmp_path / "flash.bin"
    flash = VirtualFlash(path, erase_cycles=60_000, program_cycles=60_000).erased()
    with powered(compiled, flash) as board:
        settled(board)
        begin = time.perf_counter()
        board.threshold(200)
        settled(board)
        lasts = time.perf_counter() - begin  # on this machine, as busy as it is
    stands, seen = 200, set()
    for value in range(201, 201 + CUTS):
        with powered(compiled, flash) as board:
            assert settled(board).value == stands
            board.threshold(value)
            end = time.perf_counter() + 2 * lasts * rng.random()
            while time.perf_counter() < end:
                board.threshold()
        with powered(compiled, flash) as board:
            found = settled(board)
        assert found in (
            Threshold(stands, Origin.HOST, kept=Keeping.FLASH),
            Threshold(value, Origin.HOST, kept=Keeping.FLASH),
        )
        seen.add(found.value == value)
        stands = found.value
    assert seen == {True, False}, "cuts must come before the end and behind it"


def test_a_damaged_record_gives_the_one_before(compiled, flash):
    rng = random.Random(SEED)
    with powered(compiled, flash) as board:
        settled(board)
        for value in (150, 160):
            board.threshold(value)
            settled(board)
    good = flash.file.read_bytes()
    for _ in range(6):
        data = bytearray(good)
        data[4096 * (data[4096:4118].find((160).to_bytes(4, "big")) > 0) + rng.randrange(22)] ^= (
            1 << rng.randrange(8)
        )
        flash.file.write_bytes(bytes(data))
        with powered(compiled, flash) as board:
            assert settled(board) == Threshold(150, Origin.HOST, kept=Keeping.FLASH)


@pytest.mark.parametrize("fault", ["high", "low", "busy"])
def test_a_flash_that_is_not_there_is_told_and_hangs_nothing(compiled, tmp_path, fault):
    flash = VirtualFlash(tmp_path / "flash.bin", fault=fault).erased()
    with powered(compiled, flash) as board:
        first = settled(board)
        told = Keeping.FLASH if fault == "low" else Keeping.FAILED
        assert first == Threshold(MODEL, kept=told)
        for value in (120, 121):
            assert board.threshold(value).value == value
            (answer,) = board.classify([LOUD])
            assert answer.result.logits == (value, 260)
            assert settled(board) == Threshold(value, Origin.HOST, kept=Keeping.FAILED)
    assert flash.file.read_bytes() == b"\xff" * FLASH_BYTES


def test_a_board_of_before_is_as_it_was(tmp_path):
    compiled = virtual_board(ScoreCore(MODEL), MHZ, DIGEST, tmp_path)
    with powered(compiled, None) as board:
        assert board.threshold(120) == Threshold(120, Origin.HOST)
