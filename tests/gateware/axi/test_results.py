"""Packets of results: what they hold, in its order, whatever pauses the sink makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from amaranth.sim import Simulator

from hwgen.gateware.axi.results import VALUES, ResultPackets, packet, result_words
from hwgen.plans.facts import Answer

CLASSES = Answer(classes=3, logit_bits=21, numbers=0, number_bits=0)
PLANS = {
    "classes": CLASSES,
    "wide logits": replace(CLASSES, logit_bits=40),
    "values": Answer(classes=0, logit_bits=0, numbers=5, number_bits=9),
    "both": replace(CLASSES, numbers=2, number_bits=33),
}


def drawn(plan: Answer, rng: np.random.Generator) -> list[int]:
    """Return the numbers of a result, extremes among them."""
    found = []
    for number in packet(plan):
        low, high = (
            (-(1 << (number.shape.width - 1)), (1 << (number.shape.width - 1)) - 1)
            if number.shape.signed
            else (0, (1 << number.shape.width) - 1)
        )
        found.append(int(rng.choice([low, high, int(rng.integers(low, high + 1))])))
    return found


@pytest.mark.parametrize("name", PLANS)
def test_numbers_come_in_their_order(name):
    plan, rng = PLANS[name], np.random.default_rng(4)
    rows = [drawn(plan, rng) for _ in range(6)]
    numbers = packet(plan)
    dut = ResultPackets(plan)
    got: list[list[int]] = [[]]

    async def give(ctx) -> None:
        for row in rows:
            for number, value in zip(numbers, row, strict=True):
                if number.field != VALUES:
                    member = getattr(dut.result.p, number.field)
                    ctx.set(member if number.index is None else member[number.index], value)
            ctx.set(dut.result.valid, 1)
            await ctx.tick().until(dut.result.ready)
            ctx.set(dut.result.valid, 0)
            for _ in range(int(rng.integers(0, 3))):
                await ctx.tick()

    async def give_values(ctx) -> None:
        many = [index for index, number in enumerate(numbers) if number.field == VALUES]
        for row in rows if many else ():
            await ctx.tick().until(dut.result.valid)
            for index in many:
                for _ in range(int(rng.integers(0, 3))):
                    await ctx.tick()
                ctx.set(dut.values.p, {"value": row[index], "last": index == many[-1]})
                ctx.set(dut.values.valid, 1)
                await ctx.tick().until(dut.values.ready)
                ctx.set(dut.values.valid, 0)
            await ctx.tick().until(dut.sent)

    async def take(ctx) -> None:
        while len(got) <= len(rows):
            ctx.set(dut.m_axis_tready, int(rng.random() < 0.5))
            _, _, valid, ready, word, last = await ctx.tick().sample(
                dut.m_axis_tvalid, dut.m_axis_tready, dut.m_axis_tdata, dut.m_axis_tlast
            )
            if valid and ready:
                got[-1].append(word)
                if last:
                    got.append([])

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(give)
    simulator.add_testbench(give_values)
    simulator.add_testbench(take)
    simulator.run()
    for row, words in zip(rows, got, strict=False):
        assert len(words) == result_words(plan)
        for number, value in zip(numbers, row, strict=True):
            bits = 32 * number.words
            whole = sum(words[number.first + n] << (32 * n) for n in range(number.words))
            assert whole == value % (1 << bits)
