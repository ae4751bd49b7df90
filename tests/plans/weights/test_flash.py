"""Streamed weights: what the stream holds, in which order, and what it takes on chip."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pytest

from hwgen import targets
from hwgen.errors import CannotMeetError, InputError
from hwgen.plans import interpreter
from hwgen.plans.design import Design
from hwgen.plans.planner import plan
from hwgen.plans.step import Array
from hwgen.plans.weights.flash import FlashPlan, Pace
from hwgen.plans.weights.residence import by_use
from tests.integer_graphs import cases, random_case, small_residual, streamable_values


def made(**changes) -> FlashPlan:
    rng = np.random.default_rng(1)
    fields = {
        "resident": rng.integers(-8, 8, (3, 5)),
        "stream": rng.integers(-8, 8, (7, 5)),
        "blocks": (2, 2, 3),
        "bits": 4,
        "index": rng.integers(0, 64, 7),
        "index_bits": 6,
        "pace": Pace(4, 50),
    }
    return FlashPlan(**fields | changes)


def test_a_stream_is_its_words_and_their_check_sum():
    flash = made()
    assert flash.word_bytes == 4  # 20 bits and 6
    words = [flash.content[at : at + 4] for at in range(0, 28, 4)]
    for word, weights, index in zip(words, flash.stream, flash.index, strict=True):
        bits = int.from_bytes(word, "little")
        assert [bits >> (4 * n) & 15 for n in range(5)] == (weights & 15).tolist()
        assert bits >> 20 == index
    assert int.from_bytes(flash.content[28:], "little") == zlib.crc32(flash.content[:28])
    assert flash.stream_bytes == len(flash.content) == 32
    assert flash.stream_cycles == 4 * 32 + 50


@pytest.mark.parametrize(("most", "ring"), [(1, 2), (3, 8), (4, 8), (5, 16)])
def test_a_ring_holds_two_blocks(most, ring):
    assert made(blocks=(most, 7 - most)[:: 1 if most > 3 else -1]).ring == max(
        ring, 1 << (2 * (7 - most) - 1).bit_length()
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"blocks": (2, 2)}, "blocks must be the 7 words of the stream"),
        ({"blocks": (7, 0)}, "blocks must be the 7 words of the stream"),
        ({"index": np.zeros(6, dtype=np.int64)}, "index must have 7 entries, not 6"),
        ({"index_bits": 2}, "index must fit 2 bits"),
        ({"bits": 3}, "weights must fit 3 bits"),
    ],
)
def test_what_is_no_stream_is_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        made(**changes)


def test_a_stream_too_fast_for_the_ring_is_refused():
    with pytest.raises(ValueError, match="byte must be at least 2, not 1"):
        Pace(1)
    with pytest.raises(ValueError, match="again must be at least 1, not 0"):
        Pace(2, 0)


def test_block_rams_hold_the_ring_and_what_stays():
    target = targets.find("ecp5")
    some, none = made(), made(resident=np.zeros((0, 5), dtype=np.int64))
    assert none.cells(target)["ebr"] == 2  # weights and index
    assert some.cells(target)["ebr"] == 3


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_streamed_networks_give_what_others_give(first):
    """Of random networks, all that can be streamed, in the order in which it is met."""
    seen = 0
    for _, case, array in cases(range(first, first + 20)):
        names = streamable_values(case, array)
        if case.tables or not names:
            continue
        seen += 1
        layers = plan(case.model, Design(array, 0, streamed=names, pace=Pace(3, 9))).layers
        assert (interpreter.run(layers, case.features) == case.answers).all()
        flash, at = layers.flash, 0
        for step in (step for step in layers.steps if step.streamed):
            for group in range(step.groups):
                for phase in range(step.phases):
                    words = step.weight_words.reshape(step.phases, step.groups, step.words, -1)
                    block = flash.stream[at : at + step.words]
                    assert (block == words[phase, group]).all()
                    at += step.words
        assert at == len(flash.stream)
    assert seen > 5


def test_a_slow_stream_is_waited_for_and_a_fast_one_is_not():
    case, array = small_residual(2, 2, 1), Array(4, 2, 2)
    names = streamable_values(case, array)
    fast, slow = (
        plan(case.model, Design(array, 0, streamed=names, pace=Pace(byte, 9))).layers
        for byte in (2, 40)
    )
    base = case.layers(array)
    # The stream is what a window takes then: as long as it lasts, and no longer.
    assert slow.timing.interval == slow.flash.stream_cycles
    # Of a ring that is full a block begins late by what it takes to look.
    assert base.timing.latency < fast.timing.latency < slow.timing.latency


def test_block_ram_is_for_those_that_wait_the_longest():
    case, array = small_residual(2, 2, 1), Array(4, 2, 2)
    steps = case.layers(array).steps
    order = by_use(steps, Pace(2))
    assert {step.name for step in order} == {step.name for step in steps}
    width = max(step.weight_bits for step in steps)
    bits = [step.weight_depth * 8 * width for step in order]
    waits = [
        max(0, each / 8 * 2 - step.cycles) / each for step, each in zip(order, bits, strict=True)
    ]
    assert waits == sorted(waits, reverse=True)


def test_what_cannot_be_streamed_is_refused():
    case, array = small_residual(2, 2, 1), Array(4, 2, 2)
    names = streamable_values(case, array)
    with pytest.raises(CannotMeetError, match=r"streamed must be of n1, .* on this array, not n99"):
        plan(case.model, Design(array, 0, streamed=("n99",), pace=Pace(2)))
    early = Design(array, 0, streamed=names, pace=Pace(2), chunks=2)
    with pytest.raises(InputError, match="streamed need a window's last features"):
        plan(case.model, early)


def test_a_design_with_a_stream_goes_to_json_and_back():
    design = Design(Array(4, 2), 3, streamed=("a", "b"), pace=Pace(4, 50))
    assert Design.from_json(design.to_json()) == design
    assert "pace" not in replace(design, streamed=(), pace=None).to_json()
    assert random_case(1).layers(Array(2, 2)).flash is None
