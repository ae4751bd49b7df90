"""The passes over a window's values, as they are counted."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.sources.gains.walk import Walk, steps
from hwgen.plans import depths
from hwgen.plans.sources.spectralgain import gain_cycles
from tests.hardware.sources.ops.test_spectralgain import quantized


def reverse(value: int, bits: int) -> int:
    return int(f"{value:0{bits}b}"[::-1], 2)


def walked(play, window: int, halved: tuple[int, ...] = ()):
    """Return what each cycle of one window tells, as rows, and the op."""
    op = quantized(window, halved=halved)
    stages, one = len(op.halved), op.points + depths.GAIN_DRAIN
    length = (2 * stages + 1) * one + gain_cycles(op.points) + depths.GAIN_DRAIN + window + 9
    names = [*steps(op), "idle", "begin"]
    trace = play(Walk(op), {"start": [1, 0], "room": [1]}, names, cycles=length)
    return op, {name: np.array(values) for name, values in trace.items()}


def of_stage(op, number: int) -> list[tuple[int, int, int]]:
    """Return pairs of a stage in order: both places, and the twiddle."""
    span = op.points >> (number + 1)
    return [
        (block + n, block + n + span, n << number)
        for block in range(0, op.points, 2 * span)
        for n in range(span)
    ]


@pytest.mark.parametrize("window", [16, 32, 128])
def test_every_stage_takes_its_pairs_in_place(play, window):
    op, trace = walked(play, window, halved=(0, 2))
    stages, bits = len(op.halved), len(op.halved)
    turning = np.flatnonzero(trace["turning"])
    assert len(turning) == 2 * stages * op.points
    assert (trace["read_address"][turning] == trace["write_address"][turning]).all()
    for number, cycles in enumerate(turning.reshape(2 * stages, op.points)):
        back, stage = divmod(number, stages)
        assert (np.diff(cycles) == 1).all()
        assert trace["phase"][cycles].tolist() == [0, 1] * (op.points // 2)
        assert set(trace["halved"][cycles]) == {int(op.halved[stage] and not back)}
        reads = trace["read_address"][cycles].reshape(-1, 2).tolist()
        turns = trace["factor"][cycles].reshape(-1, 2)
        for pair, turn, (a, b, twiddle) in zip(reads, turns, of_stage(op, stage), strict=True):
            # What the way there left lies in the order of reversed bits.
            assert pair == ([reverse(a, bits), reverse(b, bits)] if back else [a, b])
            assert turn.tolist() == [twiddle] * 2


@pytest.mark.parametrize("window", [16, 64])
def test_bins_meet_their_gains_and_mirrors(play, window):
    op, trace = walked(play, window)
    points, bits = op.points, len(op.halved)
    gaining = np.flatnonzero(trace["gaining"])
    assert len(gaining) == gain_cycles(points)
    rows = gaining.reshape(-1, 8)
    for k, cycles in enumerate(rows):
        mirror = -k % points
        read, written = (
            [reverse(each, bits) for each in trace[name][cycles].tolist()]
            for name in ("read_address", "write_address")
        )
        assert read == [k, k, mirror, mirror, mirror, mirror, k, k]
        assert written == [k] * 4 + [mirror] * 4
        odd = trace["odd"][cycles]
        assert odd.tolist() == [0, 0, 1, 1] * 2
        assert (trace["factor"][cycles] == np.array(written) + points * odd).all()


def test_windows_come_and_leave_in_order(play):
    _, trace = walked(play, 32)
    loading, leaving = (np.flatnonzero(trace[name]) for name in ("loading", "leaving"))
    for name in ("read_address", "write_address"):
        assert trace[name][loading].tolist() == list(range(16))
    assert trace["read_address"][leaving].tolist() == [n // 2 for n in range(32)]
    assert trace["phase"][leaving].tolist() == [0, 1] * 16
    assert np.flatnonzero(trace["last"]).tolist() == [leaving[-1]]
    assert np.flatnonzero(trace["begin"]).tolist() == [leaving[0] - 2]
    assert np.flatnonzero(trace["idle"])[:2].tolist() == [0, leaving[-1]]
