"""Words of lanes against a row in Python."""

from __future__ import annotations

import numpy as np
import pytest

from hwgen.hardware.shared.packer import MirrorPacker, Packer
from hwgen.plans.layout import Layout

WIDTH = 5
PORT = ["write.enable", "write.address", "write.data"]


def writes(trace: dict[str, list[int]]) -> list[tuple[int, int, int]]:
    """Return (cycle, address, data)."""
    cycles = np.flatnonzero(trace["write.enable"]).tolist()
    return [(c, trace["write.address"][c], trace["write.data"][c]) for c in cycles]


def test_layout():
    layout = Layout(lanes=4, padding=5, length=6)  # elements 5 .. 10
    assert (layout.first_word, layout.last_word) == (1, 2)
    assert Layout(4, 0, 8).last_word == 1
    assert Layout(4, 4, 1).first_word == 1


@pytest.mark.parametrize("lanes", [1, 2, 3, 4, 5, 8, 16])
@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
@pytest.mark.parametrize("most_wait", [0, 2])
def test_values_in_order(*, play, pack, lanes, at_once, most_wait):
    rng = np.random.default_rng(lanes)
    places = [(0, 8), (3, 7), (lanes, 2 * lanes), (1, 1), (2 * lanes + 1, 9)]
    # As many values together as one: lanes, zeros in front and values come as often.
    layouts = tuple(
        Layout(lanes * at_once, padding * at_once, length * at_once) for padding, length in places
    )
    rows = [*range(len(layouts)), 3, 1, 1]
    inputs = {name: [] for name in ("begin", "row", "valid", "values", "last")}

    def put(begin, row, valid, value, last):
        for name, item in zip(inputs, (begin, row, valid, value, last), strict=True):
            inputs[name].append(int(item))

    expected, ends = [], []
    for row in rows:
        # Something unfinished is there first, and must leave nothing behind.
        put(True, 0, False, 31, True)
        for _ in range(min(3, lanes - 1)):
            put(False, 0, True, 31, False)
        put(True, row, False, 31, True)
        layout = layouts[row]
        values = rng.integers(0, 1 << WIDTH, layout.length).tolist()
        for index in range(0, layout.length, at_once):
            for _ in range(rng.integers(0, most_wait + 1)):
                put(False, 4, False, 31, True)
            final = index == layout.length - at_once
            (together,) = pack(values[index : index + at_once], at_once, 0, WIDTH)
            put(False, 4, True, together, final)
            filled = (layout.padding + index + at_once) % layout.lanes == 0
            if final or filled:
                ends.append(len(inputs["valid"]) - 1)
        words = pack(values, layout.lanes, layout.padding, WIDTH)
        expected += list(enumerate(words))[layout.first_word :]
        put(False, 0, False, 31, True)
    dut = Packer(layouts, WIDTH, at_once=at_once)
    got = writes(play(dut, inputs, PORT, cycles=len(inputs["valid"]) + 2))
    assert [(address, data) for _, address, data in got] == expected
    assert [cycle for cycle, _, _ in got] == [end + Packer.latency for end in ends]


def test_rows_that_nothing_is_written_of(play, pack):
    layout = Layout(2, 1, 3)
    inputs = {
        "begin": [1, 0, 1, 0, 0, 0, 0],
        "row": [1, 0, 2, 0, 0, 0, 0],
        "valid": [0, 0, 0, 1, 1, 1, 0],
        "values": [0, 0, 0, 5, 6, 7, 0],
        "last": [0, 0, 0, 0, 0, 1, 0],
    }
    dut = Packer((Layout(2, 0, 2), None, layout), WIDTH)
    got = [(address, data) for _, address, data in writes(play(dut, inputs, PORT, cycles=8))]
    assert got == list(enumerate(pack([5, 6, 7], 2, 1, WIDTH)))


@pytest.mark.parametrize("layout", [Layout(3, 0, 8), Layout(4, 1, 8)])
def test_what_does_not_come_out_even_is_refused(layout):
    with pytest.raises(ValueError, match=r"^lanes and padding must be multiples of at_once \(2\)$"):
        Packer((None, layout), WIDTH, at_once=2)


def inwards(values: list[int]) -> list[tuple[int, int, int]]:
    """Return (mirror, last, value) in the order in which untangling gives them."""
    half = len(values) // 2
    items = []
    for k in range(half + 1):
        items.append((0, int(k == half), values[k]))
        if k not in {0, half}:
            items.append((1, 0, values[-k]))
    return items


@pytest.mark.parametrize("lanes", [1, 2, 3, 4, 5, 7, 8, 12, 33])
@pytest.mark.parametrize(
    ("padding", "length"), [(0, 16), (1, 8), (3, 32), (5, 8), (8, 16), (17, 8)]
)
def test_values_from_both_ends(play, pack, lanes, padding, length):
    rng = np.random.default_rng(lanes * 100 + padding)
    layout = Layout(lanes, padding, length)
    # The first cycle after reset belongs to the cursors.
    inputs = {name: [0] for name in ("i.valid", "i.mirror", "i.last", "i.value")}
    expected, lasts = [], []
    for most_wait in (0, 2, 0):
        values = rng.integers(0, 1 << WIDTH, length).tolist()
        for mirror, last, value in inwards(values):
            for _ in range(rng.integers(0, most_wait + 1)):
                for name, item in zip(inputs, (0, *rng.integers(0, 2, 2), 31), strict=True):
                    inputs[name].append(int(item))
            for name, item in zip(inputs, (1, mirror, last, value), strict=True):
                inputs[name].append(item)
        lasts.append(len(inputs["i.valid"]) - 1)
        for cycles in inputs.values():  # the cycle of `done`
            cycles.append(0)
        expected.append(
            dict(list(enumerate(pack(values, lanes, padding, WIDTH)))[layout.first_word :])
        )
    trace = play(
        MirrorPacker(layout, WIDTH), inputs, [*PORT, "done"], cycles=len(inputs["i.valid"]) + 2
    )
    done = np.flatnonzero(trace["done"]).tolist()
    assert done == [last + MirrorPacker.latency for last in lasts]
    got = writes(trace)
    start = 0
    for end, row in zip(done, expected, strict=True):
        mine = [(address, data) for cycle, address, data in got if start <= cycle <= end]
        assert len(mine) == len(row), "every word must be written once"
        assert dict(mine) == row
        assert end in [cycle for cycle, _, _ in got]
        start = end + 1
    assert got[-1][0] == done[-1]


def test_reset_begins_a_new_row(play, pack):
    layout = Layout(4, 1, 8)
    values = list(range(1, 9))
    items = [(0, 0, 0, 0)] + [(1, *item) for item in inwards([31] * 8)][:3] + [(0, 0, 0, 0)] * 2
    items += [(1, *item) for item in inwards(values)]
    inputs = {
        name: [item[place] for item in items] + [0]
        for place, name in enumerate(("i.valid", "i.mirror", "i.last", "i.value"))
    }
    trace = play(MirrorPacker(layout, WIDTH), inputs, [*PORT, "done"], reset=[4])
    got = [(address, data) for cycle, address, data in writes(trace) if cycle > 4]
    assert dict(got) == dict(enumerate(pack(values, 4, 1, WIDTH)))
    assert sum(trace["done"]) == 1
