"""A queue whose places are claimed before its words come."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from hwgen.hardware.primitives.queue import Queue

DELAY = 2


@pytest.mark.parametrize("depth", [1, 3, 4])
@pytest.mark.parametrize("often", [0.1, 0.5, 1.0])
def test_words_come_in_their_order(bench, depth, often):
    rng = np.random.default_rng(depth)
    dut = Queue(8, depth)
    claimed: deque[int | None] = deque([None] * DELAY)
    words = rng.integers(0, 256, 60).tolist()
    sent, seen, most = [], [], 0

    async def process(ctx, _):
        nonlocal most
        for _ in range(3000):
            if len(seen) == len(words):
                return
            claims = len(sent) < len(words) and ctx.get(dut.room) and rng.random() < 0.7
            arrives = claimed.popleft()
            claimed.append(words[len(sent)] if claims else None)
            if claims:
                sent.append(words[len(sent)])
            ctx.set(dut.claim, bool(claims))
            ctx.set(dut.put, arrives is not None)
            ctx.set(dut.value, 255 if arrives is None else arrives)
            takes = ctx.get(dut.there) and rng.random() < often
            ctx.set(dut.take, bool(takes))
            if takes:
                seen.append(ctx.get(dut.word))
            most = max(most, len(sent) - len(seen))
            await ctx.tick()

    bench(dut, process)
    assert seen == words
    assert most <= depth
    assert most == depth or often == 1.0  # it is full where words wait


@pytest.mark.parametrize(("given", "name"), [((0, 4), "width"), ((8, 0), "depth")])
def test_numbers(given, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        Queue(*given)
