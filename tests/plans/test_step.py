"""The tables of a sweep, worked through in Python, against the golden model's sums."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.plans.step import Array, Sweep

ARRAYS = [
    Array(1, 1),
    Array(1, 4),
    Array(4, 1),
    Array(2, 3),
    Array(3, 2),
    Array(4, 8),
    Array(5, 16),
]
LAYERS = {
    "padding": lambda chain: chain.conv(3, 5, 2, 1),
    "odd": lambda chain: chain.conv(5, 7, 3, 4),
    "all padded": lambda chain: chain.conv(2, 9, 4, 8),
    "step of one": lambda chain: chain.conv(4, 3),
    "wide step": lambda chain: chain.conv(3, 2, 9),
    "one position": lambda chain: chain.conv(3, 16),
    "channels": lambda chain: chain.conv(3, 3, 1, 1).conv(4, 3, 2, 1),
    "dense": lambda chain: chain.dense(5, last=True),
    "dense behind channels": lambda chain: chain.conv(3, 5, 2, 1).dense(7),
}


def sums(sweep: Sweep, words: list[list[int]], biases: np.ndarray) -> np.ndarray:
    """Return ``(positions, outputs)`` as the hardware goes through the tables."""
    weights = sweep.weight_words
    rows, lanes = sweep.array.rows, sweep.array.lanes
    zero = [0] * lanes
    result = np.zeros((sweep.positions, sweep.groups * rows), dtype=np.int64)
    base, phase = 0, 0
    for position in range(sweep.positions):
        for group in range(sweep.groups):
            for word in range(sweep.words):
                address = base + word
                inside = sweep.source.first_word <= address <= sweep.source.last_word
                values = np.array(words[address] if inside else zero)
                table = weights[(phase * sweep.groups + group) * sweep.words + word]
                result[position, group * rows : (group + 1) * rows] += table @ values
        base += sweep.advances[phase]
        phase = (phase + 1) % sweep.phases
    assert not result[:, sweep.outputs :].any()
    return (result + biases)[:, : sweep.outputs]


@pytest.mark.parametrize("array", ARRAYS, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_tables_give_the_golden_models_sums(make_chain, pack, array, layer):
    chain = LAYERS[layer](make_chain(3, 16))
    features = chain.features(2)
    sweep, op = chain.sweeps(array, whole=False)[-1], chain.ops[-1]
    for before in chain.ops[:-1]:
        features = golden.run_op(before, features)
    expected = golden.accumulate(op, features)
    for window, exact in zip(features, expected, strict=True):
        # Position by position, the channels of one side by side.
        row = window.T.ravel() if window.ndim == 2 else window
        packed = pack(row, array.lanes, sweep.source.padding, 8)
        words = [[word >> 8 * lane & 255 for lane in range(array.lanes)] for word in packed]
        got = sums(sweep, words, sweep.bias_words)
        assert (got == (exact.T if exact.ndim == 2 else exact[np.newaxis])).all()


def test_numbers_of_a_sweep(make_chain):
    sweep = make_chain(1, 32).conv(5, 6, 3, 2).pool(4).dense(2, last=True).sweeps(Array(2, 4))[0]
    assert (sweep.outputs, sweep.groups) == (5, 3)
    assert sweep.positions == 8  # eleven, less a rest of the pool
    assert sweep.pool == 4
    assert sweep.values == 10
    assert (sweep.phases, sweep.offsets) == (4, (0, 3, 2, 1))
    assert sum(sweep.advances) == 3  # four positions take twelve elements, three words
    assert sweep.words == 3
    assert sweep.steps == 3
    assert sweep.cycles == 8 * 3 * 3


def test_few_words_wait_for_many_rows(make_chain):
    sweep = make_chain(1, 8).conv(6, 2).dense(2, last=True).sweeps(Array(6, 2))[0]
    assert (sweep.words, sweep.steps) == (2, 6)


def test_a_step_of_whole_words_has_one_phase(make_chain):
    sweep = make_chain(1, 32).conv(2, 8, 8).dense(2, last=True).sweeps(Array(1, 4))[0]
    assert (sweep.phases, sweep.advances, sweep.words) == (1, (2,), 2)


def test_padding_of_tables_is_zero(make_chain):
    chain = make_chain(1, 16).dense(5, last=True)
    sweep = chain.sweeps(Array(4, 3))[0]
    assert sweep.bias_words.tolist() == [*chain.ops[0].bias, 0, 0, 0]
    assert sweep.align_words.tolist() == [*chain.ops[0].align, 0, 0, 0]
    assert Array(4, 3).size == 12
