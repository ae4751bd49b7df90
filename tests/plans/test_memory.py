"""Places of values in memory, against what their readers need, counted word by word."""

from __future__ import annotations

from collections import defaultdict

import pytest

from hwgen.plans.layout import Layout
from hwgen.plans.lowering import lowered
from hwgen.plans.memory import Memory, Region, settled
from hwgen.plans.step import Array
from tests.integer_graphs import cases

COUNT = 120


@pytest.fixture(scope="module")
def placed():
    """Steps without places, steps with them, and the memory, of random networks."""
    found = []
    for _, case, array in cases(range(COUNT), small=True):
        steps = lowered(case.model.graph, array)
        found.append((steps, *settled("first", steps)[:2]))
    return found


def test_a_value_is_there_as_long_as_anyone_reads_it(placed):
    for _, steps, memory in placed:
        for number, step in enumerate(steps[:-1]):
            region = memory.regions[step.writes]
            readers = [
                other
                for other, reader in enumerate(steps)
                if step.writes in [read.value for read in reader.reads]
            ]
            assert (region.begin, region.end) == (number, max(readers))
        # The features have a memory of their own, the logits leave.
        assert set(memory.regions) == {step.writes for step in steps[:-1]}


def test_no_word_belongs_to_two_values(placed):
    shared = 0
    for _, steps, memory in placed:
        owners = defaultdict(list)
        for name, region in memory.regions.items():
            for word in range(region.start, region.start + region.size):
                for number in range(region.begin, region.end + 1):
                    owners[word, number].append(name)
        assert all(len(names) == 1 for names in owners.values())
        assert memory.size == 1 + max((word for word, _ in owners), default=-1)
        shared += memory.size < sum(region.size for region in memory.regions.values())
        assert len(steps) == len(memory.regions) + 1
    assert shared > COUNT // 3


def test_the_first_place_that_is_free(placed):
    higher = 0
    for _, steps, memory in placed:
        before: list[Region] = []
        for step in steps[:-1]:
            region = memory.regions[step.writes]
            busy = {
                word
                for other in before
                if other.begin <= region.end and region.begin <= other.end
                for word in range(other.start, other.start + other.size)
            }
            start = 0
            while busy & set(range(start, start + region.size)):
                start += 1
            assert region.start == start
            higher += start > 0
            before.append(region)
    assert higher > COUNT


def test_the_most_zeros_that_any_reader_wants(placed):
    several = 0
    for unplaced, steps, memory in placed:
        wanted = defaultdict(list)
        for step in unplaced:
            for read in step.reads:
                wanted[read.value].append(-read.first)
        for value, zeros in wanted.items():
            assert memory.layout_of(value).padding == max(0, *zeros)
            several += len(set(zeros)) > 1
        for before, after in zip(unplaced, steps, strict=True):
            assert before.taps is after.taps
            for old, new in zip(before.reads, after.reads, strict=True):
                layout = memory.layout_of(new.value)
                assert new.source == layout
                assert (layout.lanes, layout.length) == (old.source.lanes, old.source.length)
                # The element at which the position begins is the same one of the value.
                assert new.first - layout.padding == old.first
                assert (new.stride, new.shift, new.value) == (old.stride, old.shift, old.value)
                assert new.first >= 0
    assert several


def test_a_chain_in_numbers(make_chain):
    chain = make_chain(1, 32).conv(3, 4, 2, 1).conv(2, 3, 1, 1).dense(5).dense(2, last=True)
    steps, memory, _ = settled("front", lowered(chain.graph, Array(2, 4)))
    assert memory.features == "front"
    assert memory.layout == memory.layout_of("front") == Layout(4, 1, 32)
    assert memory.regions == {
        # A position of zeros, three channels wide, then sixteen positions of them.
        "conv0": Region(0, Layout(4, 3, 48), 0, 1),
        "conv1": Region(13, Layout(4, 0, 32), 1, 2),
        # Nobody wants the first value any more.
        "dense2": Region(0, Layout(4, 0, 5), 2, 3),
    }
    assert memory.size == 13 + 8
    assert [read.first for step in steps for read in step.reads] == [0, 0, 0, 0]


def test_one_step_has_no_memory_between(make_chain):
    chain = make_chain(1, 8).dense(2, last=True)
    _, memory, _ = settled("front", lowered(chain.graph, Array(1, 2)))
    assert memory == Memory("front", Layout(2, 0, 8), {})
    assert memory.size == 0


LAYOUT = Layout(4, 0, 12)  # three words


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (Region(10, LAYOUT, 2, 4), True),
        (Region(12, LAYOUT, 2, 4), True),
        (Region(13, LAYOUT, 2, 4), False),
        (Region(8, LAYOUT, 2, 4), True),
        (Region(7, LAYOUT, 2, 4), False),
        (Region(11, Layout(4, 0, 1), 3, 3), True),
        (Region(0, Layout(4, 0, 99), 3, 3), True),
        # A step reads while its first values are written already.
        (Region(10, LAYOUT, 4, 9), True),
        (Region(10, LAYOUT, 5, 9), False),
        (Region(10, LAYOUT, 0, 2), True),
        (Region(10, LAYOUT, 0, 1), False),
    ],
)
def test_regions_that_meet(other, meets):
    one = Region(10, LAYOUT, 2, 4)
    assert one.size == 3
    assert one.meets(other) == other.meets(one) == meets


def test_padding_takes_words(make_chain):
    assert Region(0, Layout(4, 9, 4), 0, 1).size == 4  # words 0 and 1 of zeros, elements 9 to 12
