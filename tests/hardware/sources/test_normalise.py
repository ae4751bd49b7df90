"""The parts that normalise windows, each by itself against the golden model."""

from __future__ import annotations

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.golden.ops import normalise as golden
from hwgen.hardware.sources.normalise.numbers import Numbers
from hwgen.hardware.sources.normalise.ring import Ring
from hwgen.hardware.sources.normalise.spread import Spread
from hwgen.hardware.sources.normalise.statistics import Statistics, measured
from hwgen.network.ops.normalise import METHODS, Normalise
from hwgen.plans.sources.normalise import numbers_latency, spread_cycles
from hwgen.quantized import Precision, reciprocal
from hwgen.quantized.make import integer_op
from hwgen.quantized.op import Chosen
from hwgen.quantized.ops.normalise import QuantizedNormalise
from hwgen.quantized.samples import sampled


def quantized(method: str, channels: int, samples: int, adc: int = 10) -> QuantizedNormalise:
    bits = Precision(adc=adc)
    shape = (samples,) if channels == 1 else (channels, samples)
    op = integer_op(Normalise("x", method), (sampled(shape, bits, 1.0),), bits, Chosen())
    most = int(np.abs(golden.accumulate(op, windows_of(op))).max()).bit_length()
    return op.shifted(max(0, most - 7))


def windows_of(op: QuantizedNormalise, count: int = 6, seed: int = 3) -> np.ndarray:
    """Return ``(count, channels, samples)``, loud and quiet ones, ends, and one without spread."""
    rng = np.random.default_rng(seed)
    low, high = op.sample.min, op.sample.max
    shape = count, op.channels, op.samples
    drawn = rng.integers(low, high + 1, shape) * 2.0 ** rng.uniform(-6, 0, (count, op.channels, 1))
    drawn[0] = rng.choice([low, high], shape[1:])
    drawn[1] = -3
    return drawn.astype(np.int64)


def known(op: QuantizedNormalise, row: np.ndarray) -> dict[str, int]:
    """Return what is measured of a channel, in plain words."""
    every = {"sum": row.sum(), "squares": (row**2).sum(), "low": row.min(), "high": row.max(),
             "largest": np.abs(row).max()}  # fmt: skip
    return {name: int(every[name]) for name in measured(op)}


class RingOfThree(wiring.Component):
    """A ring with ports."""

    def __init__(self):
        super().__init__({"turn": In(1), "value": In(4), "head": Out(4)})

    def elaborate(self, platform):
        m = Module()
        ring = Ring(m, 3, 4, "kept")
        m.d.comb += self.head.eq(ring.head)
        with m.If(self.turn):
            ring.turn(self.value)
        return m


def test_a_ring_gives_back_what_came_a_round_ago(play):
    turn = [1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1]
    values = list(range(1, 13))
    head = play(RingOfThree(), {"turn": turn, "value": values}, ["head"], cycles=12)["head"]
    kept: list[int] = []
    for cycle, turned in enumerate(turn):
        if len(kept) == 3:
            assert head[cycle] == kept[0]
        if turned:
            kept = [*kept, values[cycle]][-3:]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("channels", [1, 3])
def test_statistics(play, method, channels):
    op = quantized(method, channels, 9)
    for window in windows_of(op):
        stream = window.T.ravel().tolist()
        inputs = {"valid": [], "fresh": [], "value": [], "turn": []}

        def put(valid, fresh, value, turn, inputs=inputs):
            for name, item in zip(inputs, (valid, fresh, value, turn), strict=True):
                inputs[name].append(int(item))

        # What a window before has left is of no matter, wherever that ended.
        for value in (7, -9, 3, 5):
            put(1, 0, value, 0)
        for index, value in enumerate(stream):
            put(1, index < channels, value, 0)
            put(0, 1, 77, 0)
        for _ in range(5):
            put(0, 0, 0, 0)
        for _ in range(channels):
            put(0, 0, 0, 1)
        trace = play(Statistics(op), inputs, list(measured(op)), cycles=len(inputs["valid"]))
        for channel, row in enumerate(window):
            cycle = len(inputs["valid"]) - channels + channel
            assert {name: trace[name][cycle] for name in trace} == known(op, row)


@pytest.mark.parametrize("method", [name for name in METHODS if name != "mean"])
@pytest.mark.parametrize(("adc", "samples"), [(4, 5), (10, 24), (16, 64)])
def test_spread(play, method, adc, samples):
    op = quantized(method, 1, samples, adc)
    windows = windows_of(op, 8)
    shifts, entries = reciprocal.normalised(
        golden.spread(op, windows), op.spread_width, root=op.root
    )
    for window, shift, entry in zip(windows, shifts.ravel(), entries.ravel(), strict=True):
        held = {name: [value] for name, value in known(op, window[0]).items()}
        start = 2
        inputs = {"start": [0] * start + [1, 0], **held}
        watch = ["done", "shifts", "entry"]
        cycles = start + spread_cycles(op) + 3
        trace = play(Spread(op), inputs, watch, cycles=cycles)
        (done,) = np.flatnonzero(trace["done"])
        # A channel's turn has so many cycles, the first and the last one included.
        assert done - start == spread_cycles(op) - 1
        assert trace["entry"][done] == entry
        assert not entry or trace["shifts"][done] == shift


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("channels", "samples"), [(1, 16), (3, 12)])
def test_numbers(play, method, channels, samples):
    op = quantized(method, channels, samples)
    latency = numbers_latency(op)
    for window in windows_of(op):
        half = (1 << op.mean_shift) >> 1
        centre = golden.centre(op, window[np.newaxis])[0, :, 0] + half
        shifts = entries = np.zeros(channels, dtype=np.int64)
        if op.divided:
            found = golden.spread(op, window[np.newaxis])
            shifts, entries = reciprocal.normalised(found, op.spread_width, root=op.root)
        met = {"load": [1] * channels + [0], "centre": centre.tolist()}
        if op.divided:
            met |= {"shifts": shifts.ravel().tolist(), "entry": entries.ravel().tolist()}
        stream = window.T.ravel().tolist()
        ahead = [0] * (channels + 2)
        inputs = met | {
            "valid": ahead + [1] * len(stream) + [0],
            "value": ahead + stream,
            "last": ahead + [0] * (len(stream) - 1) + [1, 0],
        }
        cycles = len(ahead) + len(stream) + latency + 2
        trace = play(Numbers(op), inputs, ["o_valid", "o_last", "o_value"], cycles=cycles)
        there = np.flatnonzero(trace["o_valid"])
        assert there.tolist() == list(range(len(ahead) + latency, cycles - 2))
        assert np.flatnonzero(trace["o_last"]).tolist() == [there[-1]]
        expected = golden.rounded(op, golden.accumulate(op, window[np.newaxis]))[0].T.ravel()
        assert [trace["o_value"][cycle] for cycle in there] == expected.tolist()
