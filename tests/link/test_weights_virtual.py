"""A virtual board whose weights are in its flash: right answers, or none and a reason."""

from __future__ import annotations

import contextlib
import zlib

import numpy as np
import pytest

from hwgen import golden, protocol
from hwgen.errors import LinkError
from hwgen.gateware.flash.reader import ReaderPlan
from hwgen.hardware.accelerator.generator import generate
from hwgen.link import SerialPort
from hwgen.link.client import Board
from hwgen.link.virtual import FLASH_BYTES, VirtualFlash, virtual_board
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.plans.weights.image import HEADER_BYTES, header, image
from tests.integer_graphs import small_residual, streamable_values

pytestmark = pytest.mark.slow

MHZ = 100.0
BASE = FLASH_BYTES // 2
READER = ReaderPlan(BASE, 1, 1, settle=100)
ARRAY = Array(4, 2, 2)
DIGEST = "0123456789abcdef" * 4
CASE = small_residual(1, 2, 4, 48)
NAMES = streamable_values(CASE, ARRAY)
PLAN = plan(CASE.model, Design(ARRAY, 0, streamed=NAMES[1:], pace=READER.pace))
CONTENT = PLAN.flash.content
FLIPS = 40


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return virtual_board(generate(PLAN), MHZ, DIGEST, folder, weights=READER)


@contextlib.contextmanager
def powered(compiled, flash, timeout_s=30.0):
    """Yield a board that has just been switched on."""
    with (
        compiled.start(flash=flash) as virtual,
        SerialPort(virtual.port, protocol.DEFAULT_BAUD) as port,
    ):
        yield Board(port, timeout_s=timeout_s)


def flash_of(tmp_path, data: bytes, fault: str = "none") -> VirtualFlash:
    flash = VirtualFlash(tmp_path / "flash.bin", fault=fault).erased()
    whole = bytearray(flash.file.read_bytes())
    whole[BASE : BASE + len(data)] = data
    flash.file.write_bytes(whole[:FLASH_BYTES])
    return flash


def answers(board) -> list[tuple[int, tuple[int, ...]]]:
    """Return class and logits of every window."""
    told = board.classify([window.tolist() for window in CASE.streams])
    return [(each.result.class_, each.result.logits) for each in told]


def wanted() -> list[tuple[int, tuple[int, ...]]]:
    classes = golden.classify(CASE.logits).tolist()
    return [(c, tuple(row)) for c, row in zip(classes, CASE.logits.tolist(), strict=True)]


def test_all_windows_are_answered(compiled, tmp_path):
    assert len(CONTENT) + HEADER_BYTES < BASE
    with powered(compiled, flash_of(tmp_path, image(CONTENT))) as board:
        assert board.hello().features & protocol.Feature.WEIGHTS
        assert answers(board) == wanted()
        assert answers(board) == wanted()
        assert not board.status().state & protocol.WEIGHTS_AT_FAULT


OTHERS = CONTENT[:40] + zlib.crc32(CONTENT[:40]).to_bytes(4, "little")
BAD = {
    "empty": (b"", "none", "there are none"),
    "no flash, high": (image(CONTENT), "high", "there are none"),
    "no flash, low": (image(CONTENT), "low", "there are none"),
    "another build's": (header(OTHERS) + OTHERS, "none", "they are another build's"),
    "cut short": (image(CONTENT)[:-1], "none", "they are damaged"),
}


def settled(board) -> protocol.State:
    """Return the state as soon as the weights are at fault."""
    for _ in range(200):
        state = board.status().state & protocol.WEIGHTS_AT_FAULT
        if state:
            return state
    raise AssertionError("the weights are at no fault")


@pytest.mark.parametrize("name", BAD)
def test_hello_tells_what_is_wrong(compiled, tmp_path, name):
    data, fault, told = BAD[name]
    with powered(compiled, flash_of(tmp_path, data, fault), timeout_s=0.5) as board:
        settled(board)
        with pytest.raises(LinkError, match=f"in its flash, but {told}"):
            board.hello()
        with pytest.raises(LinkError, match=f"in its flash, but {told}"):
            answers(board)


def test_no_bit_that_flips_on_its_way_gives_a_wrong_answer(compiled, tmp_path):
    """While the image is checked, and in the streams behind it: a window is right or has none."""
    rng = np.random.default_rng(7)
    bits = 8 * (len(CONTENT) + HEADER_BYTES)
    kept_back = 0
    for number in range(FLIPS):
        at = int(rng.integers(1, bits if number % 2 else 4 * bits))
        with powered(
            compiled, flash_of(tmp_path, image(CONTENT), f"flip:{at}"), timeout_s=0.3
        ) as board:
            for window, expected in zip(CASE.streams, wanted(), strict=True):
                try:
                    (answer,) = board.classify([window.tolist()])
                except LinkError:
                    kept_back += 1
                    assert settled(board)
                    break
                assert (answer.result.class_, answer.result.logits) == expected
    assert kept_back > FLIPS // 2
