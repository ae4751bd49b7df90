"""Decoders of coded weights against what the codes mean, over all words; and the stores of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.coding import codes
from hwgen.hardware.weights.block import BlockDecoder
from hwgen.hardware.weights.codebook import CodebookDecoder
from hwgen.hardware.weights.coded import CodedStore
from hwgen.hardware.weights.store import store
from hwgen.hardware.weights.trajectory import TrajectoryDecoder
from hwgen.plans.weights.block import BlockPlan
from hwgen.plans.weights.codebook import CodebookPlan
from hwgen.plans.weights.trajectory import TrajectoryPlan

KINDS = {
    "trajectory": (TrajectoryPlan, TrajectoryDecoder),
    "codebook": (CodebookPlan, CodebookDecoder),
    "block": (BlockPlan, BlockDecoder),
}
SMALL = [
    ("trajectory", {"theta_bits": 8}),
    ("trajectory", {"theta_bits": 13, "class_bits": 1, "group": 4}),
    ("trajectory", {"theta_bits": 10, "class_bits": 0, "group": 2}),
    ("trajectory", {"theta_bits": 11, "directions": (1, 1537, 2047, 1365), "group": 4}),
    ("codebook", {"width": 1}),
    ("codebook", {"width": 4}),
    ("codebook", {"width": 8}),
    ("block", {"group": 3, "mantissa": 3, "exponent": 3, "odd": True}),
    ("block", {"group": 3, "mantissa": 3, "exponent": 3, "odd": False}),
    ("block", {"group": 5, "mantissa": 1, "exponent": 2, "odd": True}),
    ("block", {"group": 1, "mantissa": 8, "exponent": 1, "odd": False}),
]


def weights(rows: int = 7, taps: int = 6) -> np.ndarray:
    return np.random.default_rng(0).laplace(size=(rows, taps))


def signed(word: int, number: int, bits: int) -> list[int]:
    """Return the numbers that lie side by side in a word."""
    fields = [word >> (bits * place) & ((1 << bits) - 1) for place in range(number)]
    return [field - (field >> (bits - 1) << bits) for field in fields]


def decoded(decoder, words) -> list[list[int]]:
    """Return the weights that a decoder makes of words, one a cycle."""
    plan, found = decoder.plan, []

    async def run(ctx):
        for cycle in range(len(words) + plan.stages):
            if cycle < len(words):
                ctx.set(decoder.word, int(words[cycle]))
            await ctx.tick()
            if cycle >= plan.stages - 1 and len(found) < len(words):
                found.append(signed(ctx.get(decoder.weights), plan.group, plan.bits))

    simulator = Simulator(decoder)
    simulator.add_clock(1e-8)
    simulator.add_testbench(run)
    simulator.run()
    return found


def over_all_words(kind: str, options: dict) -> None:
    plan_of, decoder_of = KINDS[kind]
    coded = codes.of(kind).fit(weights(), **options)
    plan = plan_of(coded, plan_of.group.fget(plan_of.__new__(plan_of)) if kind == "codebook"
                   else len(getattr(coded, "directions", ())) or coded.group)  # fmt: skip
    words = np.arange(1 << coded.word_bits)
    every = dataclasses.replace(
        coded, shape=(plan.group, len(words)), words=words, scales=np.ones(1, np.int64)
    )
    assert decoded(decoder_of(plan), words) == every.decode().T.tolist()


@pytest.mark.parametrize(("kind", "options"), SMALL)
def test_a_decoder_over_all_words(kind, options):
    over_all_words(kind, options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "options"), [("trajectory", {}), ("block", {"odd": False}), ("block", {"odd": True})]
)
def test_a_decoder_over_all_words_of_18_bits(kind, options):
    over_all_words(kind, options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [4, 10])
@pytest.mark.parametrize("words", [1, 2])
def test_a_store_gives_its_weights(play, kind, rows, words):
    coded = codes.of(kind).fit(weights(rows), **({} if kind == "codebook" else {"group": 5}))
    plan = KINDS[kind][0](coded, words * (1 if kind == "codebook" else 5))
    assert plan.depth == len(plan.weights) == -(-rows // plan.lanes) * 6
    order = np.random.default_rng(1).integers(0, plan.depth, 60).tolist()
    made = store(plan, plan.latency)
    assert isinstance(made, CodedStore)
    got = play(made, {"read_address": [*order, *order[:5]]}, ["read_data"])["read_data"]
    for address, word in zip(order, got[plan.latency :], strict=False):
        first = address // 6 * plan.lanes
        there = min(rows - first, plan.lanes)
        said = signed(word, plan.lanes, plan.bits)[:there]
        assert said == plan.weights[address, :there].tolist()
        assert said == coded.decode()[first : first + there, address % 6].tolist()
