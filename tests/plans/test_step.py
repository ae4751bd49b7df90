"""The tables of a step, worked through in Python, against the golden model's sums."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen import golden
from hwgen.fixedpoint import Integers
from hwgen.plans.layout import Layout
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import settled
from hwgen.plans.step import Array, Fetch, Read, Step
from hwgen.plans.taps import Taps
from tests.integer_graphs import Maker, cases, exact_sums, row_of

ARRAYS = [
    Array(1, 1),
    Array(1, 4),
    Array(4, 1),
    Array(2, 3),
    Array(3, 2),
    Array(4, 8),
    Array(5, 16),
    Array(4, 4, 2),
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


def placed(chain, array: Array) -> tuple[Step, ...]:
    """Return the steps of a chain that need not end with logits."""
    return settled("front", lowered(chain.graph, array))[0]


def sums(step: Step, rows_of: dict[str, Integers]) -> Integers:
    """Return ``(whole sums, outputs)`` as the hardware goes through the tables.

    `rows_of` are the values by name, each a row as `row_of` gives it.
    """
    weights = step.weight_words.reshape(
        step.phases, step.groups, step.words, step.array.rows, step.array.lanes
    )
    result = np.zeros((step.positions, step.groups * step.array.rows), dtype=np.int64)
    bases, phase, at = [step.place(r, 0)[0] for r in range(len(step.reads))], 0, 0
    advances = [step.advances(r) for r in range(len(step.reads))]
    for number, position in enumerate(step.where):
        while at < position:
            bases = [base + each[phase] for base, each in zip(bases, advances, strict=True)]
            phase, at = (phase + 1) % step.phases, at + 1
        if at > position:  # back to where the next group begins
            at, phase = int(position), int(position) % step.phases
            bases = [step.place(r, at)[0] for r in range(len(step.reads))]
        for group in range(step.groups):
            rows = slice(group * step.array.rows, (group + 1) * step.array.rows)
            for word, fetch in enumerate(step.fetches[phase][group]):
                read = step.reads[fetch.read]
                values = word_of(read, rows_of[read.value], bases[fetch.read] + fetch.word)
                result[number, rows] += (weights[phase, group, word] @ values) << read.shift
    assert not result[:, step.outputs :].any()
    whole = result.reshape(-1, step.pieces, result.shape[1]).sum(axis=1)
    return (whole + step.bias_words)[:, : step.outputs]


def word_of(read: Read, row: Integers, word: int) -> Integers:
    """Return the lanes of a word: zeros where no element of the row is."""
    lanes, padding = read.source.lanes, read.source.padding
    elements = word * lanes + np.arange(lanes) - padding
    inside = (elements >= 0) & (elements < len(row))
    return np.where(inside, row[np.clip(elements, 0, len(row) - 1)], 0)


@pytest.mark.parametrize("array", ARRAYS, ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_tables_give_the_golden_models_sums(make_chain, array, layer):
    chain = LAYERS[layer](make_chain(3, 16))
    features = chain.features(2)
    step, op = placed(chain, array)[-1], chain.ops[-1]
    for before in chain.ops[:-1]:
        features = golden.run_op(before, features)
    expected = golden.accumulate(op, features)
    for window, exact in zip(features, expected, strict=True):
        got = sums(step, {step.reads[0].value: row_of(window)})
        assert (got == (exact.T if exact.ndim == 2 else exact[np.newaxis])).all()


def test_tables_of_any_wiring():
    """Steps that read several values, or positions again: those of the layer, group by group."""
    for seed, case, array in cases(range(60), small=True, windows=1):
        for step in case.layers(array).steps:
            rows_of = {read.value: row_of(case.values[read.value][0]) for read in step.reads}
            wanted = exact_sums(case.model.graph, case.values, step)
            assert (sums(step, rows_of) == wanted).all(), f"seed {seed}"


def test_numbers_of_a_step(make_chain):
    step = make_chain(1, 32).conv(5, 6, 3, 2).pool(4).dense(2, last=True).plan(Array(2, 4)).steps[0]
    assert (step.outputs, step.groups) == (5, 3)
    assert step.positions == 8  # eleven, less a rest of the pool
    assert (step.pool, step.hop) == (4, 4)
    assert step.where.tolist() == list(range(8))
    assert step.values == 10
    assert step.phases == 4
    assert [step.place(0, f)[1] for f in range(4)] == [0, 3, 2, 1]
    assert sum(step.advances(0)) == 3  # four positions take twelve elements, three words
    assert step.words == 3
    assert step.steps == 3
    assert step.cycles == 8 * 3 * 3
    # Six elements from 0, 3, 2 and 1 on.
    assert [len(phase[0]) for phase in step.fetches] == [2, 3, 2, 2]
    assert step.fetches[1][0] == (Fetch(0, 0), Fetch(0, 1), Fetch(0, 2))
    assert step.in_order


def test_few_words_wait_for_many_rows(make_chain):
    step = make_chain(1, 8).conv(6, 2).dense(2, last=True).plan(Array(6, 2)).steps[0]
    assert (step.words, step.steps) == (2, 6)


@pytest.mark.parametrize(("drain", "steps"), [(1, 8), (2, 4), (4, 2), (8, 2)])
def test_what_leaves_together_waits_less(make_chain, drain, steps):
    chain = make_chain(1, 16).conv(8, 9, 8).dense(4, last=True)
    first, last = chain.plan(Array(8, 8, drain)).steps
    assert (first.words, first.steps) == (2, steps)
    # The logits leave one by one.
    assert (last.words, last.steps) == (1, 8)


def test_a_step_of_whole_words_has_one_phase(make_chain):
    step = make_chain(1, 32).conv(2, 8, 8).dense(2, last=True).plan(Array(1, 4)).steps[0]
    assert (step.phases, step.advances(0), step.words) == (1, (2,), 2)


def test_padding_of_tables_is_zero(make_chain):
    chain = make_chain(1, 16).dense(5, last=True)
    step = chain.plan(Array(4, 3)).steps[0]
    assert step.bias_words.tolist() == [*chain.ops[0].bias, 0, 0, 0]
    assert step.align_words.tolist() == [*chain.ops[0].align, 0, 0, 0]
    assert Array(4, 3).size == 12
    assert Array(4, 4, 2).size == 16


@pytest.mark.parametrize(
    ("size", "stride", "positions", "where"),
    [
        (2, 2, 6, [0, 1, 2, 3, 4, 5]),
        (3, 3, 6, [0, 1, 2, 3, 4, 5]),
        (2, 3, 4, [0, 1, 3, 4]),
        (3, 1, 12, [0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5]),
        (6, 4, 6, [0, 1, 2, 3, 4, 5]),
        (1, 4, 2, [0, 4]),
    ],
)
def test_pooled_positions(make_chain, size, stride, positions, where):
    step = placed(make_chain(1, 8).conv(2, 3), Array(1, 2))[0]
    pooled = step.pooled(size, stride, "pooled")
    assert (pooled.name, pooled.writes) == ("conv0", "pooled")
    assert (pooled.pool, pooled.hop, pooled.positions) == (size, stride, positions)
    assert pooled.where.tolist() == where
    assert pooled.values == 2 * positions // size


def test_taps_beside_each_other():
    row = Taps.row(np.array([[1, 2], [3, 4]]))
    assert row.mask.all()
    other = Taps(
        np.array([0, 1]), np.array([5, 6]), np.array([[7, 0], [0, 8]]), np.eye(2, dtype=bool)
    )
    both = row.beside(other)
    assert both.read.tolist() == [0, 0, 1, 2]
    assert both.element.tolist() == [0, 1, 5, 6]
    assert both.weight.tolist() == [[1, 2, 7, 0], [3, 4, 0, 8]]
    assert both.mask.tolist() == [[True, True, True, False], [True, True, False, True]]


def test_a_value_that_is_met_twice_has_both_weights():
    make = Maker(np.random.default_rng(3))
    name = make.conv(make.begin("direct", 8, 1), 2, 3, padding=1)
    make.dense(make.add(name, name), 2, last=True)
    step = make.case.layers(Array(2, 2)).steps[1]
    assert [read.value for read in step.reads] == [name, name]
    up = make.nodes[-2].op.up
    shifts = [read.shift for read in step.reads]
    for words, shift, wanted in zip(step.weight_words, shifts, up, strict=True):
        assert (words << shift == np.diag(1 << wanted)).all()


def test_words_that_no_output_of_a_group_meets_are_not_fetched():
    make = Maker(np.random.default_rng(3))
    name = make.conv(make.begin("direct", 8, 1), 4, 1)
    make.dense(make.conv(name, 4, 1, groups=4), 2, last=True)
    step = make.case.layers(Array(2, 2)).steps[1]
    # Two rows at a time see two channels, one word of the two that a position has.
    assert step.fetches == (((Fetch(0, 0),), (Fetch(0, 1),)),)
    assert (step.words, step.weight_depth) == (1, 2)
    assert not step.in_order


def test_what_is_no_row_of_one_value_is_not_in_order(make_chain):
    step = make_chain(1, 16).conv(3, 4).dense(2, last=True).plan(Array(2, 2)).steps[0]
    assert step.in_order
    (read,) = step.reads
    other = Step(**{**vars_of(step), "reads": (Read("front", read.source, 0, 1, shift=1),)})
    assert not other.in_order
    taps = Taps(np.zeros(4, dtype=int), np.array([0, 1, 4, 5]), step.taps.weight)
    assert not Step(**{**vars_of(step), "taps": taps}).in_order


def vars_of(step: Step) -> dict:
    return {name: getattr(step, name) for name in step.__dataclass_fields__}


def test_a_layout_of_several_reads_has_all_their_phases():
    layout = Layout(4, 0, 24)
    make = Maker(np.random.default_rng(3))
    make.dense(make.conv(make.begin("direct", 8, 1), 2, 1), 2, last=True)
    step = make.case.layers(Array(2, 4)).steps[0]
    reads = (Read("a", layout, 0, 2), Read("b", layout, 0, 3))
    assert Step(**{**vars_of(step), "reads": reads}).phases == 4
    assert Step(**{**vars_of(step), "reads": reads[:1]}).phases == 2
    assert Step(**{**vars_of(step), "reads": reads, "positions": 1}).phases == 1
