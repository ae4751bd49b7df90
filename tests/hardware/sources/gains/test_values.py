"""What each pass over a window's values reads, against the golden model's stages."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.golden.fft import run_stage
from hwgen.golden.ops.spectralgain import gained
from hwgen.hardware.primitives.memory import BlockRam
from hwgen.hardware.sources.gains.values import Values
from hwgen.hardware.sources.gains.walk import steps
from hwgen.quantized import fft
from tests.hardware.sources.gains.test_walk import walked
from tests.hardware.sources.ops.test_spectralgain import windows_of


def passes_of(op, z):
    """Return the values before each pass in the order of memory, and those that leave."""
    order = fft.bit_reversed(op.points)
    before = []
    for stage in op.there:
        before.append(z)
        z = run_stage(stage, z)
    before.append(z)
    re, im = gained(op, (z[0][:, order], z[1][:, order]))
    z = im, re
    for stage in op.back:
        before.append((z[0][:, order], z[1][:, order]))
        z = run_stage(stage, z)
    return [*before, (z[0][:, order], z[1][:, order])]


def signed(value: int, bits: int) -> int:
    return value - (value >> (bits - 1) << bits)


@pytest.mark.parametrize(("window", "halved"), [(16, ()), (16, (0, 2)), (64, (1, 2, 3, 4))])
def test_each_pass_finds_what_the_one_before_it_left(play, window, halved):
    op, walk = walked(play, window, halved)
    (x,) = windows_of(op, 1, seed=window)
    mask = (1 << op.sample.width) - 1
    pairs = [(a & mask) | (b & mask) << op.sample.width for a, b in x.reshape(-1, 2).tolist()]
    inputs = {name: walk[name].tolist() for name in steps(op)}
    late = [0] * BlockRam.latency + inputs["read_address"]
    inputs["pair"] = [pairs[address] for address in late]
    got = play(Values(op), inputs, ["o"], cycles=len(late))["o"]

    expected = passes_of(op, (x[None, 0::2], x[None, 1::2]))
    reading = walk["turning"] | walk["gaining"] | walk["leaving"]
    first = np.flatnonzero(reading & ~np.concatenate([[0], reading[:-1]]))
    assert len(first) == len(expected) == 2 * len(op.halved) + 2
    for begin, (re, im) in zip(first, expected, strict=True):
        cycle = begin
        while cycle < len(reading) and reading[cycle]:
            address, value = inputs["read_address"][cycle], got[cycle + BlockRam.latency]
            parts = value & ((1 << op.width) - 1), value >> op.width
            found = tuple(signed(part, op.width) for part in parts)
            # Of gains too: a bin and its mirror are read four times before one is written.
            assert found == (re[0, address], im[0, address])
            cycle += 1
